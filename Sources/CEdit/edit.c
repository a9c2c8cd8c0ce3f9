// libedit as a library that is loaded on demand; the calls with variable arguments.

#define _GNU_SOURCE  // wcwidth, uselocale

#include "CEdit.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

_Static_assert(sizeof(wchar_t) == sizeof(uint32_t), "a wide character is a Unicode scalar");

/// The functions of libedit that are used, with their types from its header.
#define FUNCTIONS(F) \
  F(el_init) F(el_set) F(el_get) F(el_gets) F(el_wline) F(el_insertstr) F(el_deletestr) F(el_resize) \
  F(el_source) F(history_init) F(history)

#define DECLARE(name) static typeof(name) *p_##name;
FUNCTIONS(DECLARE)

static bool load(void) {
  static bool loaded;
  if (loaded) return true;
  // Debian's name, then that of others.
  void *library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libedit.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
#define FIND(name) \
  if (!(p_##name = (typeof(p_##name))dlsym(library, #name))) return false;
  FUNCTIONS(FIND)
  return loaded = true;
}

struct cve_editor {
  EditLine *line;
  History *history;
  cve_calls calls;
};

static cve_editor *of(EditLine *line) {
  void *editor = NULL;
  p_el_get(line, EL_CLIENTDATA, &editor);
  return editor;
}

static int next_character(EditLine *line, wchar_t *character) {
  cve_editor *editor = of(line);
  return editor->calls.next(editor->calls.context, (uint32_t *)character);
}

static char *prompt(EditLine *line) {
  cve_editor *editor = of(line);
  return (char *)editor->calls.prompt(editor->calls.context);
}

static unsigned char complete(EditLine *line, int key) {
  (void)key;
  cve_editor *editor = of(line);
  editor->calls.complete(editor->calls.context);
  return CC_NORM;
}

cve_editor *cve_open(int input, int output, cve_calls calls) {
  if (!load()) return NULL;
  FILE *in = fdopen(fcntl(input, F_DUPFD_CLOEXEC, 3), "r");
  FILE *out = fdopen(fcntl(output, F_DUPFD_CLOEXEC, 3), "w");
  cve_editor *editor = calloc(1, sizeof *editor);
  if (!in || !out || !editor) return NULL;
  editor->calls = calls;
  editor->line = p_el_init("cvlua", in, out, out);
  editor->history = p_history_init();
  if (!editor->line || !editor->history) return NULL;
  HistEvent event;
  p_history(editor->history, &event, H_SETSIZE, 10000);
  p_history(editor->history, &event, H_SETUNIQUE, 1);
  p_el_set(editor->line, EL_CLIENTDATA, editor);
  p_el_set(editor->line, EL_HIST, p_history, editor->history);
  p_el_set(editor->line, EL_EDITOR, "emacs");
  p_el_set(editor->line, EL_SIGNAL, 0);
  p_el_set(editor->line, EL_PROMPT_ESC, prompt, '\1');
  p_el_set(editor->line, EL_GETCFN, next_character);
  p_el_set(editor->line, EL_ADDFN, "lua-complete", "Completes a word of Lua", complete);
  p_el_set(editor->line, EL_BIND, "^I", "lua-complete", NULL);
  p_el_set(editor->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
  p_el_set(editor->line, EL_BIND, "^W", "ed-delete-prev-word", NULL);
  // Ctrl with an arrow goes by words, as terminals send it.
  p_el_set(editor->line, EL_BIND, "\033[1;5C", "em-next-word", NULL);
  p_el_set(editor->line, EL_BIND, "\033[1;5D", "ed-prev-word", NULL);
  // Home and End, as some terminals send them.
  p_el_set(editor->line, EL_BIND, "\033[1~", "ed-move-to-beg", NULL);
  p_el_set(editor->line, EL_BIND, "\033[4~", "ed-move-to-end", NULL);
  p_el_set(editor->line, EL_BIND, "\033[H", "ed-move-to-beg", NULL);
  p_el_set(editor->line, EL_BIND, "\033[F", "ed-move-to-end", NULL);
  p_el_set(editor->line, EL_BIND, "\033[3~", "ed-delete-next-char", NULL);
  // Keys that send signals come as characters: what is pasted may hold them.
  p_el_set(editor->line, EL_SETTY, "-d", "-isig", "-ixon", NULL);
  p_el_source(editor->line, NULL);
  return editor;
}

const char *cve_read(cve_editor *editor) {
  int count = 0;
  return p_el_gets(editor->line, &count);
}

const uint32_t *cve_text(cve_editor *editor, size_t *count, size_t *cursor) {
  const LineInfoW *info = p_el_wline(editor->line);
  *count = (size_t)(info->lastchar - info->buffer);
  *cursor = (size_t)(info->cursor - info->buffer);
  return (const uint32_t *)info->buffer;
}

bool cve_replace(cve_editor *editor, int count, const char *text) {
  if (count > 0) p_el_deletestr(editor->line, count);
  return *text == 0 || p_el_insertstr(editor->line, text) == 0;
}

void cve_redraw(cve_editor *editor) { p_el_set(editor->line, EL_REFRESH); }

void cve_resize(cve_editor *editor) { p_el_resize(editor->line); }

void cve_prepare(cve_editor *editor, bool edits) { p_el_set(editor->line, EL_PREP_TERM, edits ? 1 : 0); }

int cve_columns(cve_editor *editor) {
  int columns = 0;
  return p_el_get(editor->line, EL_GETTC, "co", &columns) == 0 && columns > 0 ? columns : 80;
}

void cve_remember(cve_editor *editor, const char *line) {
  HistEvent event;
  p_history(editor->history, &event, H_ENTER, line);
}

int cve_width(uint32_t character) { return wcwidth((wchar_t)character); }

void *cve_enter_utf8(void) {
  static locale_t utf8;
  if (!utf8) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
  return utf8 ? uselocale(utf8) : NULL;
}

void cve_leave_utf8(void *before) {
  if (before) uselocale(before);
}
