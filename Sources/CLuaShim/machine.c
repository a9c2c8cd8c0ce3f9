// The virtual machine: its memory, its functions and objects from Swift, its branches' steps.

#define _GNU_SOURCE  // memmem

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// --- memory --------------------------------------------------------------------------------------

static void *allocate(void *data, void *block, size_t old_size, size_t new_size) {
  cvl_host *host = data;
  // For a new block, old_size tells a type, not a size (manual, lua_Alloc).
  size_t held = block ? old_size : 0;
  if (new_size == 0) {
    host->used -= held;
    free(block);
    return NULL;
  }
  if (host->limit && host->enforce && new_size > held && host->used - held + new_size > host->limit)
    return NULL;
  void *grown = realloc(block, new_size);
  if (grown) {
    host->used += new_size - held;
    if (host->limit && host->enforce && host->used > host->collect_at && !host->collect_due) cvl_collect_soon(host);
  } else if (!host->enforce) {
    // Lua would raise, over Swift's frames. The machine itself is out of memory: say so and end.
    fputs("cvlua: out of memory\n", stderr);
    abort();
  }
  return grown;
}

enum { BALLAST = 4 << 20 };

lua_State *cvl_open(cvl_host *host) {
  // luaL_newstate brings its panic and warning functions; its allocator is realloc, as ours is.
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  host->main = L;
  // Ballast: pages that nobody touches, so that they cost no memory. The collector starts a cycle when the
  // heap has doubled; with a small heap that is every few hundred strings, and each cycle walks all of the
  // libraries again. So it starts one every four megabytes.
  lua_newuserdatauv(L, BALLAST, 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, host);
  host->used = cvl_count(L) - BALLAST;
  lua_setallocf(L, allocate, host);
  *(uintptr_t *)lua_getextraspace(L) = (uintptr_t)host;
  return L;
}

// --- the host of a coroutine -----------------------------------------------------------------------

cvl_host *cvl_host_of(lua_State *L) {
  return (cvl_host *)(*(uintptr_t *)lua_getextraspace(L) & ~(uintptr_t)CVL_MARKS);
}

void cvl_mark_base(lua_State *base) { cvl_set_mark(base, CVL_MARK_BASE); }

bool cvl_can_wait(lua_State *L) {
  // Another coroutine than the one that is known to run was resumed by a C module, past our library: its
  // resumer would take the wait for a yield.
  cvl_host *host = cvl_host_of(L);
  return host->can_wait && host->running == L && lua_isyieldable(L);
}

// --- host functions --------------------------------------------------------------------------------

/// Goes on after a wait: the stack holds (true, values…) or (false, error).
static int after_wait(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  if (lua_toboolean(L, 1)) return lua_gettop(L) - 1;
  lua_settop(L, 2);
  return lua_error(L);
}

static int trampoline(lua_State *L) {
  cvl_host *host = cvl_host_of(L);
  int index = (int)lua_tointeger(L, lua_upvalueindex(1));
  bool enforced = host->enforce;
  host->enforce = false;
  int status = host->call(host->context, L, index);
  host->enforce = enforced;
  if (status >= 0) return status;
  if (status == CVL_ERROR) return lua_error(L);
  lua_settop(L, 0);
  host->waiting = true;
  return lua_yieldk(L, 0, 0, after_wait);
}

void cvl_push_function(lua_State *L, int index, int upvalues) {
  lua_pushinteger(L, index);
  lua_insert(L, -upvalues - 1);
  lua_pushcclosure(L, trampoline, upvalues + 1);
}

// --- objects -----------------------------------------------------------------------------------------

void cvl_push_object(lua_State *L, void *object) {
  void **box = lua_newuserdatauv(L, sizeof(void *), 0);
  *box = object;
}

void *cvl_object(lua_State *L, int index, const void *type) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL;
  lua_rawgetp(L, -1, type);
  bool same = lua_toboolean(L, -1);
  lua_settop(L, -3);
  return same ? *(void **)lua_touserdata(L, index) : NULL;
}

static int finalize(lua_State *L) {
  void **box = lua_touserdata(L, 1);
  if (box && *box) {
    void *object = *box;
    *box = NULL;
    cvl_host *host = cvl_host_of(L);
    bool enforced = host->enforce;
    host->enforce = false;
    host->release(object);
    host->enforce = enforced;
  }
  return 0;
}

void cvl_add_finalizers(lua_State *L, bool closes) {
  lua_pushcfunction(L, finalize);
  if (closes) {
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__close");
  }
  lua_setfield(L, -2, "__gc");
}

// --- steps -------------------------------------------------------------------------------------------

int cvl_resume(lua_State *L, lua_State *co, int count, int *results) {
  cvl_host *host = cvl_host_of(co);
  lua_State *running = host->running;
  bool could = host->can_wait;
  cvl_frame frame = {.co = co, .up = host->frames};
  host->frames = &frame;
  host->can_wait = L ? could && lua_isyieldable(L) : true;
  host->running = co;
  cvl_interrupt_on(host);
  int status = lua_resume(co, L, count, results);
  host->running = running;
  host->can_wait = could;
  host->frames = frame.up;
  // A hook belongs to one coroutine: hand the interruption on to the resumer.
  cvl_interrupt_on(host);
  return status;
}

int cvl_step(cvl_host *host, lua_State *base, int count, int *results) {
  host->base = base;
  host->waiting = false;
  host->enforce = true;
  int status = cvl_resume(NULL, base, count, results);
  host->enforce = false;
  host->base = NULL;
  host->waiting = false;
  return status;
}

int cvl_close_thread(lua_State *L, lua_State *co) {
#if LUA_VERSION_RELEASE_NUM >= 50406
  return lua_closethread(co, L);
#else
  (void)L;
  return lua_resetthread(co);
#endif
}

int cvl_reset(cvl_host *host, lua_State *base) {
  // A branch may be ended while another one runs.
  lua_State *running = host->running, *outer = host->base;
  bool could = host->can_wait, enforced = host->enforce, cleaned = host->cleaning;
  cvl_frame frame = {.co = base, .up = NULL}, *frames = host->frames;
  host->frames = &frame;
  host->base = base;
  host->running = base;
  host->can_wait = false;
  host->enforce = true;
  host->cleaning = true;
  int status = cvl_close_thread(NULL, base);
  lua_settop(base, 0);
  while (cvl_push_deferred(host, base))
    if (lua_pcall(base, 0, 0, 0) != LUA_OK) cvl_tell_failure(host, base);
  host->cleaning = cleaned;
  host->enforce = enforced;
  host->can_wait = could;
  host->running = running;
  host->base = outer;
  host->frames = frames;
  cvl_interrupt_on(host);
  return status;
}

// --- what else only C can tell -------------------------------------------------------------------------

const void *cvl_find(const void *text, size_t length, const void *part, size_t part_length) {
  return memmem(text, length, part, part_length);
}

int cvl_headers_release(void) { return LUA_VERSION_RELEASE_NUM; }

const char *cvl_release_text(void) { return LUA_RELEASE; }
