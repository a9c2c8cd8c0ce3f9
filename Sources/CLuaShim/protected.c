// What may raise in Lua's own library, called so that it does not raise over Swift.

#include "internal.h"

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
  if (lua_type(L, index) == LUA_TSTRING) {
    lua_pushvalue(L, index);
    return;
  }
  index = lua_absindex(L, index);
  lua_pushcfunction(L, to_string);
  lua_pushvalue(L, index);
  // A __tostring of the script's may run, so the memory limit holds, and it can be interrupted; where an
  // interruption is under way it may take as long as clean-up.
  cvl_host *host = cvl_host_of(L);
  lua_State *running = host->running;
  bool enforced = host->enforce, cleaned = host->cleaning;
  host->running = L;
  host->enforce = true;
  if (host->interruption) {
    host->cleaning = true;
    cvl_spare(host);
    cvl_interrupt_on(host);
  }
  // A request that came while nothing ran: no signal comes for it again, so no script's code may begin.
  bool asked = atomic_load(&host->requested) != CVL_RUNS_ON;
  int status = asked ? LUA_ERRRUN : lua_pcall(L, 1, 1, 0);
  if (asked) lua_pop(L, 1);  // one value stays in place of function and argument, as an error would
  host->enforce = enforced;
  host->cleaning = cleaned;
  host->running = running;
  cvl_interrupt_on(host);
  if (status == LUA_OK) return;
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
