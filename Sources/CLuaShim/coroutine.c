// The coroutine library. To a script it is the stock one; in addition it propagates waits: where a
// child was suspended by a wait of its branch, its resumer suspends too, and so on up to the base,
// and the answer comes down the same way.

#include "internal.h"

static lua_State *get_coroutine(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  return co;
}

// --- status ----------------------------------------------------------------------------------------

enum { RUNNING, DEAD, SUSPENDED, NORMAL };
static const char *const status_names[] = {"running", "dead", "suspended", "normal"};

static int status_of(lua_State *L, lua_State *co) {
  if (L == co) return RUNNING;
  // A base and a coroutine that waits are active in another branch or further down this one.
  if (cvl_has_mark(co, CVL_MARKS)) return NORMAL;
  switch (lua_status(co)) {
    case LUA_YIELD:
      return SUSPENDED;
    case LUA_OK: {
      lua_Debug record;
      if (lua_getstack(co, 0, &record)) return NORMAL;
      return lua_gettop(co) == 0 ? DEAD : SUSPENDED;
    }
    default:
      return DEAD;
  }
}

static int co_status(lua_State *L) {
  lua_State *co = get_coroutine(L);
  lua_pushstring(L, status_names[status_of(L, co)]);
  return 1;
}

static int co_running(lua_State *L) {
  bool is_main = lua_pushthread(L) || L == cvl_host_of(L)->base;
  lua_pushboolean(L, is_main);
  return 2;
}

static int co_isyieldable(lua_State *L) {
  lua_State *co = lua_isnone(L, 1) ? L : get_coroutine(L);
  lua_pushboolean(L, !cvl_has_mark(co, CVL_MARK_BASE) && lua_isyieldable(co));
  return 1;
}

// --- resume and yield ------------------------------------------------------------------------------

enum { FAILED = -1, WAITS = -2 };

/// Resumes `co` with the top `count` values of L.
/// Returns a count of values moved to L, FAILED with the error on top of L, or WAITS.
static int resume(lua_State *L, lua_State *co, int count) {
  if (cvl_has_mark(co, CVL_MARKS)) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return FAILED;
  }
  if (!lua_checkstack(co, count)) {
    lua_pushliteral(L, "too many arguments to resume");
    return FAILED;
  }
  lua_xmove(L, co, count);
  int results;
  int status = cvl_resume(L, co, count, &results);
  if (status == LUA_YIELD && cvl_host_of(L)->waiting) {
    cvl_set_mark(co, CVL_MARK_WAITS);
    return WAITS;
  }
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return FAILED;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return FAILED;
  }
  lua_xmove(co, L, results);
  return results;
}

static int after_resume(lua_State *L, int status, lua_KContext context);

/// coroutine.resume once the coroutine is at index 1 and the top `count` values are its arguments.
static int resume_and_report(lua_State *L, lua_State *co, int count) {
  int results = resume(L, co, count);
  if (results == WAITS) return lua_yieldk(L, 0, 0, after_resume);
  lua_pushboolean(L, results >= 0);
  int values = results >= 0 ? results : 1;
  lua_insert(L, -values - 1);
  return values + 1;
}

/// The branch's wait is over: the answer is on the stack above the coroutine.
static int after_resume(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  lua_State *co = lua_tothread(L, 1);
  cvl_clear_mark(co, CVL_MARK_WAITS);
  return resume_and_report(L, co, lua_gettop(L) - 1);
}

static int co_resume(lua_State *L) {
  lua_State *co = get_coroutine(L);
  return resume_and_report(L, co, lua_gettop(L) - 1);
}

static int after_wrap(lua_State *L, int status, lua_KContext context);

static int close_coroutine(lua_State *L, lua_State *co);

/// A wrapped coroutine, once the top `count` values of the stack are its arguments.
static int resume_wrapped(lua_State *L, lua_State *co, int count) {
  int results = resume(L, co, count);
  if (results == WAITS) return lua_yieldk(L, 0, 0, after_wrap);
  if (results >= 0) return results;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {
    // Its variables are closed now; they may turn the error into another.
    lua_settop(L, -2);
    status = close_coroutine(L, co);
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int after_wrap(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  cvl_clear_mark(co, CVL_MARK_WAITS);
  return resume_wrapped(L, co, lua_gettop(L));
}

static int wrapped(lua_State *L) {
  return resume_wrapped(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L));
}

static int co_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

static int co_wrap(lua_State *L) {
  co_create(L);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

static int co_yield(lua_State *L) {
  if (cvl_has_mark(L, CVL_MARK_BASE)) {
    lua_pushliteral(L, "attempt to yield from outside a coroutine");
    return lua_error(L);
  }
  return lua_yield(L, lua_gettop(L));
}

// --- close -------------------------------------------------------------------------------------------

/// Lua's own limit of nested C calls is 200 (LUAI_MAXCCALLS, not public); one closing makes about two.
enum { MOST_CLOSINGS = 100 };

/// Before 5.4.6 nested closings do not count as C calls, and overflow the C stack: count them here. Each may
/// nest as many C calls as Lua allows, so look at what is left of the stack too.
static int close_coroutine(lua_State *L, lua_State *co) {
  cvl_host *host = cvl_host_of(L);
  if (host->closing >= MOST_CLOSINGS || cvl_stack_is_short()) luaL_error(L, "C stack overflow");
  lua_State *running = host->running;
  bool could = host->can_wait;
  cvl_frame frame = {.co = co, .up = host->frames};
  host->frames = &frame;
  host->closing++;
  host->can_wait = false;  // what a closed coroutine runs cannot wait: nobody could resume it
  host->running = co;
  cvl_interrupt_on(host);
  int status = cvl_close_thread(L, co);
  host->running = running;
  host->can_wait = could;
  host->closing--;
  host->frames = frame.up;
  cvl_interrupt_on(host);
  return status;
}

static int co_close(lua_State *L) {
  lua_State *co = get_coroutine(L);
  int status = status_of(L, co);
  if (status != DEAD && status != SUSPENDED)
    return luaL_error(L, "cannot close a %s coroutine", status_names[status]);
  if (close_coroutine(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

int cvl_open_coroutine(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"close", co_close},     {"create", co_create}, {"isyieldable", co_isyieldable},
      {"resume", co_resume},   {"running", co_running}, {"status", co_status},
      {"wrap", co_wrap},       {"yield", co_yield},     {NULL, NULL},
  };
  luaL_newlib(L, functions);
  return 1;
}
