// The virtual machine: its memory, its branches' steps, the trampoline, interruption.

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

bool cvl_can_wait(lua_State *L) { return cvl_host_of(L)->can_wait && lua_isyieldable(L); }

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
  host->can_wait = L ? could && lua_isyieldable(L) : true;
  host->running = co;
  if (host->interruption) cvl_interrupt(host, host->interruption);
  int status = lua_resume(co, L, count, results);
  host->running = running;
  host->can_wait = could;
  // A hook belongs to one coroutine: hand the interruption on to the resumer.
  if (host->interruption && running) cvl_interrupt(host, host->interruption);
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
  host->base = base;
  host->running = base;
  host->enforce = true;
  int status = cvl_close_thread(NULL, base);
  host->enforce = false;
  host->running = NULL;
  host->base = NULL;
  return status;
}

// --- the body of a branch --------------------------------------------------------------------------

/// Keeps the traceback of an error that reaches the branch's end, and hands the error on.
static int keep_traceback(lua_State *L) {
  if (lua_checkstack(L, LUA_MINSTACK)) {
    luaL_traceback(L, L, NULL, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, L);
  }
  return 1;
}

static int after_deferred(lua_State *L, int status, lua_KContext context);

/// Runs what the branch deferred, last first, then ends it as its function did: with the values above the
/// message handler, or with the error on top.
static int end_body(lua_State *L, int status) {
  cvl_host *host = cvl_host_of(L);
  while (host->next_deferred(host->context, L)) {
    int of_deferred = lua_pcallk(L, 0, 0, 0, status, after_deferred);
    if (of_deferred != LUA_OK) host->deferred_failed(host->context, L);
  }
  if (status == LUA_OK) return lua_gettop(L) - 1;
  return lua_error(L);
}

static int after_deferred(lua_State *L, int status, lua_KContext context) {
  cvl_host *host = cvl_host_of(L);
  if (status != LUA_OK && status != LUA_YIELD) host->deferred_failed(host->context, L);
  return end_body(L, (int)context);
}

static int after_body(lua_State *L, int status, lua_KContext context) {
  (void)context;
  return end_body(L, status == LUA_YIELD ? LUA_OK : status);
}

/// Calls the function at 1 with the rest as arguments. The protected call is there so that variables are
/// closed inside the coroutine, where their __close may wait; lua_resume alone would leave them open.
static int body(lua_State *L) {
  lua_pushcfunction(L, keep_traceback);
  lua_insert(L, 1);
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, after_body);
  return end_body(L, status);
}

void cvl_push_body(lua_State *L) { lua_pushcfunction(L, body); }

bool cvl_push_kept_traceback(lua_State *L, lua_State *of) {
  bool kept = lua_rawgetp(L, LUA_REGISTRYINDEX, of) == LUA_TSTRING;
  if (!kept) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, of);
  return true;
}

bool cvl_in_close_handler(lua_State *L) {
  cvl_host *host = cvl_host_of(L);
  lua_Debug record;
  if (!lua_checkstack(L, 4)) return false;
  for (int level = 0; lua_getstack(L, level, &record); level++) {
    // On the way out of a block: the instruction at work tells.
    lua_getinfo(L, "nf", &record);
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_settop(L, -2);
    if (strcmp(record.namewhat, "metamethod") == 0 && strcmp(record.name, "close") == 0) return true;
    // On the way out by an error: the protected call itself calls the handler. What it was given to call
    // then still lies on its stack; while it runs that, the slot belongs to the callee.
    int callee = function == NULL ? 0 : function == host->pcall || function == body ? 2 : function == host->xpcall ? 4 : 0;
    if (callee && level > 0 && lua_getlocal(L, &record, callee)) {
      lua_settop(L, -2);
      return true;
    }
  }
  return false;
}

// --- interruption --------------------------------------------------------------------------------------

static void interrupt_hook(lua_State *L, lua_Debug *record) {
  (void)record;
  int reason = cvl_host_of(L)->interruption;
  if (reason == CVL_RUNS_ON) {
    // Left over from an interruption that is over.
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  // The hook stays armed, so that a pcall cannot swallow it: the next instruction raises again.
  luaL_where(L, 0);
  lua_pushstring(L, reason == CVL_DEADLINE ? "out of time" : reason == CVL_EXIT ? "os.exit" : "interrupted");
  lua_concat(L, 2);
  lua_error(L);
}

void cvl_interrupt(cvl_host *host, int reason) {
  // lua_sethook is made to be called from a signal handler (manual; lua.c does the same).
  host->interruption = reason;
  lua_State *running = host->running;
  if (running) lua_sethook(running, interrupt_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static _Thread_local cvl_host *of_this_thread;

static void on_signal(int number) {
  (void)number;
  // Where nothing runs, the machine learns of it by its mailbox.
  cvl_host *host = of_this_thread;
  if (host && host->running) cvl_interrupt(host, host->requested);
}

void cvl_adopt_thread(cvl_host *host, int number) {
  of_this_thread = host;
  struct sigaction action = {.sa_handler = on_signal};  // no SA_RESTART: a read from a terminal ends too
  sigaction(number, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void cvl_send_interruption(cvl_host *host, pthread_t thread, int number, int reason) {
  host->requested = reason;
  pthread_kill(thread, number);
}

void cvl_clear_interruption(cvl_host *host) { host->interruption = CVL_RUNS_ON; }

// --- protected calls -----------------------------------------------------------------------------------

static int open_library(lua_State *L) {
  const char *name = lua_touserdata(L, 1);
  lua_CFunction opener = *(lua_CFunction *)lua_touserdata(L, 2);
  bool global = lua_toboolean(L, 3);
  if (global) {
    luaL_requiref(L, name, opener, 1);
  } else {
    lua_pushcfunction(L, opener);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
  }
  return 1;
}

int cvl_open_library(lua_State *L, const char *name, lua_CFunction opener, bool global) {
  lua_pushcfunction(L, open_library);
  lua_pushlightuserdata(L, (void *)name);
  lua_pushlightuserdata(L, &opener);
  lua_pushboolean(L, global);
  return lua_pcall(L, 3, 1, 0);
}

static int to_string(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

void cvl_tostring(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_pushcfunction(L, to_string);
  lua_pushvalue(L, index);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) return;
  // A __tostring that raises, or that gives no string.
  lua_pop(L, 1);
  lua_pushfstring(L, "%s: %p", luaL_typename(L, index), lua_topointer(L, index));
}

static int traceback(lua_State *L) {
  luaL_traceback(L, lua_touserdata(L, 1), NULL, (int)lua_tointeger(L, 2));
  return 1;
}

void cvl_traceback(lua_State *L, lua_State *of, int level) {
  // 5.4.4's luaL_traceback does not make room for itself on `of`.
  lua_checkstack(of, 10);
  lua_pushcfunction(L, traceback);
  lua_pushlightuserdata(L, of);
  lua_pushinteger(L, level);
  if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
    lua_pop(L, 1);
    lua_pushliteral(L, "stack traceback: (none)");
  }
}

int cvl_headers_release(void) { return LUA_VERSION_RELEASE_NUM; }

const char *cvl_release_text(void) { return LUA_RELEASE; }
