#ifndef CVLUA_EDIT_H
#define CVLUA_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// libedit, loaded when a prompt is wanted: linked, it would cost every start of the program. Its own
// functions take variable arguments, which Swift cannot pass. Nothing here jumps.

typedef struct cve_editor cve_editor;

/// What an editor asks of whoever made it. All are called inside cve_read, on its thread.
typedef struct cve_calls {
  void *context;
  /// The next character typed: 1 and the character; 0 at the end of the input.
  int (*next)(void *context, uint32_t *character);
  /// The prompt; what moves no cursor stands between two bytes 1. Good until the next call.
  const char *(*prompt)(void *context);
  /// The key for completion was pressed.
  void (*complete)(void *context);
} cve_calls;

/// An editor of lines that shows on the file `output` what is typed at the terminal `input`, with the
/// settings of ~/.editrc; NULL where libedit is not to be had.
cve_editor *cve_open(int input, int output, cve_calls calls);

/// Reads one line; its UTF-8, good until the next call. NULL at the end of the input.
const char *cve_read(cve_editor *editor);

/// The line as far as it is typed: its characters, and how many stand before the cursor.
const uint32_t *cve_text(cve_editor *editor, size_t *count, size_t *cursor);

/// Changes the line before its cursor: takes so many characters away, puts `text` there.
bool cve_replace(cve_editor *editor, int count, const char *text);

/// Draws prompt and line anew, from the cursor on.
void cve_redraw(cve_editor *editor);

/// Takes notice of another size of the terminal.
void cve_resize(cve_editor *editor);

/// Sets the terminal up for editing, or back to what it was.
void cve_prepare(cve_editor *editor, bool edits);

/// How wide the terminal is, as the editor sees it.
int cve_columns(cve_editor *editor);

/// Adds a line to those that the arrow keys bring back.
void cve_remember(cve_editor *editor, const char *line);

/// How many cells of the terminal a character takes; -1 for one that is not printed.
int cve_width(uint32_t character);

/// Has this thread take text for UTF-8; gives what cve_leave_utf8 takes.
void *cve_enter_utf8(void);
void cve_leave_utf8(void *before);

#endif
