// Defects of a Lua library that plain scripts can reach, tried in a child process.

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CLuaShim.h"

/// Runs `code` in a child; true where it returned true there.
static bool survives(const char *code) {
  pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    bool good = luaL_loadstring(L, code) == LUA_OK && lua_pcall(L, 0, 1, 0) == LUA_OK && lua_toboolean(L, -1);
    _exit(good ? 0 : 1);
  }
  int status;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool cvl_concat_is_sound(void) {
  return survives(
      "local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end\n"
      "local t = setmetatable({}, {__concat = function(a, b) deep(20000) return 'joined' end})\n"
      "local co = coroutine.wrap(function() local r = 'a' .. t; return r end)\n"
      "return co() == 'joined'");
}

bool cvl_close_is_sound(void) {
  return survives(
      "local function nest(n)\n"
      "  local co = coroutine.create(function()\n"
      "    local x <close> = setmetatable({}, {__close = function() if n > 0 then nest(n - 1) end end})\n"
      "    coroutine.yield()\n"
      "  end)\n"
      "  coroutine.resume(co)\n"
      "  coroutine.close(co)\n"
      "end\n"
      "nest(10000)\n"
      "return true");
}
