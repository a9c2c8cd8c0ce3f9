// Defects of a Lua library that plain scripts can reach, tried in a child process.

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CLuaShim.h"

/// Runs `code` in a child; true where it returned true there.
static bool survives(const char *code) {
  pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    // A crash is an answer: no core file, no handler that reports it, and it may not take for ever.
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    alarm(10);
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
  // Coroutines that each close the one before while they are closed themselves. A sound library counts the
  // nesting and makes it an error; a defective one goes on until the stack is full.
  return survives(
      "local last\n"
      "for i = 1, 10000 do\n"
      "  local before = last\n"
      "  last = coroutine.create(function()\n"
      "    local x <close> = setmetatable({}, {__close = function()\n"
      "      if before then assert(coroutine.close(before)) end\n"
      "    end})\n"
      "    coroutine.yield()\n"
      "  end)\n"
      "  coroutine.resume(last)\n"
      "end\n"
      "return not coroutine.close(last)");
}
