// The body of a branch: its protected call, what it deferred, and what its stack tells of handlers.

#include <string.h>

#include "internal.h"

/// The key of the message that was raised again, in the registry.
static const char again;

void cvl_raises_again(lua_State *L) {
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &again);
}

/// True where the error at 1 is one on its way with more words: its first traceback is the better one.
static bool is_known(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &again);
  bool same = lua_rawequal(L, 1, -1) && lua_rawgetp(L, LUA_REGISTRYINDEX, L) == LUA_TSTRING;
  lua_settop(L, 1);
  return same;
}

/// Keeps the traceback of an error that reaches the branch's end, and hands the error on.
static int keep_traceback(lua_State *L) {
  if (lua_checkstack(L, LUA_MINSTACK) && !is_known(L)) {
    luaL_traceback(L, L, NULL, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, L);
  }
  return 1;
}

bool cvl_push_deferred(cvl_host *host, lua_State *L) {
  if (!lua_checkstack(L, 2)) return false;
  // Swift runs: the memory limit must not make it raise.
  bool enforced = host->enforce;
  host->enforce = false;
  bool pushed = host->next_deferred(host->context, L);
  host->enforce = enforced;
  if (pushed) host->cleaning = true;
  return pushed;
}

void cvl_tell_failure(cvl_host *host, lua_State *L) {
  bool enforced = host->enforce;
  host->enforce = false;
  host->deferred_failed(host->context, L);
  host->enforce = enforced;
}

static int after_deferred(lua_State *L, int status, lua_KContext context);

/// Runs what the branch deferred, last first, then ends it as its function did: with the values above the
/// message handler, or with the error on top.
static int end_body(lua_State *L, int status) {
  cvl_host *host = cvl_host_of(L);
  while (cvl_push_deferred(host, L)) {
    int of_deferred = lua_pcallk(L, 0, 0, 0, status, after_deferred);
    if (of_deferred != LUA_OK) cvl_tell_failure(host, L);
  }
  if (status == LUA_OK) return lua_gettop(L) - 1;
  return lua_error(L);
}

static int after_deferred(lua_State *L, int status, lua_KContext context) {
  cvl_host *host = cvl_host_of(L);
  if (status != LUA_OK && status != LUA_YIELD) cvl_tell_failure(host, L);
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
  cvl_forget_traceback(L, of);
  return true;
}

void cvl_forget_traceback(lua_State *L, lua_State *of) {
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, of);
}

/// Looks at so many levels of the stack at most: the walk takes their square. Clean-up that nests its calls
/// deeper is not known for clean-up.
enum { DEEP = 1000 };

bool cvl_in_close_handler(lua_State *L) {
  if (cvl_has_close_handler(L)) return true;
  for (cvl_frame *frame = cvl_host_of(L)->frames; frame; frame = frame->up)
    if (frame->co != L && cvl_has_close_handler(frame->co)) return true;
  return false;
}

bool cvl_has_close_handler(lua_State *L) { return cvl_has_close_handler_near(L, DEEP); }

bool cvl_has_close_handler_near(lua_State *L, int levels) {
  cvl_host *host = cvl_host_of(L);
  lua_Debug record;
  const void *called = NULL;  // the function one level above
  if (!lua_checkstack(L, 4)) return false;
  for (int level = 0; level < levels && lua_getstack(L, level, &record); level++) {
    // On the way out of a block: the instruction at work tells.
    lua_getinfo(L, "nf", &record);
    lua_CFunction function = lua_tocfunction(L, -1);
    const void *identity = lua_topointer(L, -1);
    lua_settop(L, -2);
    if (strcmp(record.namewhat, "metamethod") == 0 && strcmp(record.name, "close") == 0) return true;
    // On the way out by an error: the protected call itself calls the handler. What it was given to call then
    // still lies on its stack, and is not what runs above it. (While it runs that, the slot belongs to the
    // callee; or holds the same function, where that has variable arguments and so moved up.)
    int callee = function == NULL ? 0 : function == host->pcall || function == body ? 2 : function == host->xpcall ? 4 : 0;
    if (callee && level > 0 && lua_getlocal(L, &record, callee)) {
      bool same = lua_topointer(L, -1) == called;
      lua_settop(L, -2);
      if (!same) return true;
    }
    called = identity;
  }
  return false;
}

bool cvl_has_message_handler(lua_State *L) {
  cvl_host *host = cvl_host_of(L);
  lua_Debug record;
  // Not the innermost function: one that is only being called, or returns, protects nothing.
  for (int level = 1; level < DEEP && lua_getstack(L, level, &record); level++) {
    lua_getinfo(L, "f", &record);
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_settop(L, -2);
    if (function && function == host->xpcall) return true;
    if (function && (function == host->pcall || function == body)) return false;
  }
  return false;
}
