#ifndef CVLUA_SHIM_INTERNAL_H
#define CVLUA_SHIM_INTERNAL_H

#include <stdint.h>

#include "CLuaShim.h"

// A coroutine's extra space holds the address of its host; the host is aligned, so the low bits are
// free for marks. A new coroutine copies the main thread's extra space, which has none.
enum {
  CVL_MARK_WAITS = 1,  ///< suspended by a wait of its branch, not by a yield of the script
  CVL_MARK_BASE = 2,   ///< the base of a branch
  CVL_MARKS = 3,
};

static inline void cvl_set_mark(lua_State *L, uintptr_t mark) { *(uintptr_t *)lua_getextraspace(L) |= mark; }
static inline void cvl_clear_mark(lua_State *L, uintptr_t mark) { *(uintptr_t *)lua_getextraspace(L) &= ~mark; }
static inline bool cvl_has_mark(lua_State *L, uintptr_t mark) { return *(uintptr_t *)lua_getextraspace(L) & mark; }

/// lua_resume that keeps the host's account of who runs and who may wait. `L` is NULL for a base.
int cvl_resume(lua_State *L, lua_State *co, int count, int *results);

/// Has the machine collect at the next instruction. Lua collects when an allocation of its own fails, but its string
/// buffers (rep, concat, gsub, format) come to the allocator directly and fail at once, whatever garbage there is;
/// and nothing can be collected from inside the allocator.
void cvl_collect_soon(cvl_host *host);

/// Pushes the next function that the branch deferred; false where there is none.
bool cvl_push_deferred(cvl_host *host, lua_State *L);

/// Tells of the error on top, with which a deferred function ended.
void cvl_tell_failure(cvl_host *host, lua_State *L);

/// As cvl_has_close_handler, among so many levels of the stack.
bool cvl_has_close_handler_near(lua_State *L, int levels);

/// True where the protected call that an error would reach first is xpcall.
bool cvl_has_message_handler(lua_State *L);

/// Clean-up may run on for a while, whatever it has taken before.
void cvl_spare(cvl_host *host);

/// Arms the hook on what runs now, where an interruption is under way.
void cvl_interrupt_on(cvl_host *host);

/// True where the machine's thread has too little stack left for one more closing of a coroutine.
bool cvl_stack_is_short(void);

/// lua_closethread, or what releases before 5.4.6 have.
int cvl_close_thread(lua_State *L, lua_State *co);

#endif
