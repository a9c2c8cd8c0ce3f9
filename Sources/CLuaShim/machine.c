// The virtual machine: its memory, its branches' steps, the trampoline, interruption.

#define _GNU_SOURCE  // pthread_getattr_np, memmem

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// --- memory --------------------------------------------------------------------------------------

/// Lua collects when an allocation of its own fails, but its string buffers (rep, concat, gsub, format) come to
/// the allocator directly and fail at once, whatever garbage there is. So collect before that: at the next
/// instruction, since nothing can be collected from inside the allocator.
static void collect_soon(cvl_host *host);

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
    if (host->limit && host->enforce && host->used > host->collect_at && !host->collect_due) collect_soon(host);
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

static bool push_deferred(cvl_host *host, lua_State *L);
static void tell_failure(cvl_host *host, lua_State *L);

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
  while (push_deferred(host, base))
    if (lua_pcall(base, 0, 0, 0) != LUA_OK) tell_failure(host, base);
  host->cleaning = cleaned;
  host->enforce = enforced;
  host->can_wait = could;
  host->running = running;
  host->base = outer;
  host->frames = frames;
  cvl_interrupt_on(host);
  return status;
}

// --- the body of a branch --------------------------------------------------------------------------

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

/// Pushes the next deferred function. Swift runs: the memory limit must not make it raise.
static bool push_deferred(cvl_host *host, lua_State *L) {
  if (!lua_checkstack(L, 2)) return false;
  bool enforced = host->enforce;
  host->enforce = false;
  bool pushed = host->next_deferred(host->context, L);
  host->enforce = enforced;
  if (pushed) host->cleaning = true;
  return pushed;
}

static void tell_failure(cvl_host *host, lua_State *L) {
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
  while (push_deferred(host, L)) {
    int of_deferred = lua_pcallk(L, 0, 0, 0, status, after_deferred);
    if (of_deferred != LUA_OK) tell_failure(host, L);
  }
  if (status == LUA_OK) return lua_gettop(L) - 1;
  return lua_error(L);
}

static int after_deferred(lua_State *L, int status, lua_KContext context) {
  cvl_host *host = cvl_host_of(L);
  if (status != LUA_OK && status != LUA_YIELD) tell_failure(host, L);
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
enum { DEEP = 1000, NEAR = 3 };

static bool has_close_handler(lua_State *L, int levels);

bool cvl_in_close_handler(lua_State *L) {
  if (has_close_handler(L, DEEP)) return true;
  for (cvl_frame *frame = cvl_host_of(L)->frames; frame; frame = frame->up)
    if (frame->co != L && has_close_handler(frame->co, DEEP)) return true;
  return false;
}

bool cvl_has_close_handler(lua_State *L) { return has_close_handler(L, DEEP); }

static bool has_close_handler(lua_State *L, int levels) {
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

// --- interruption --------------------------------------------------------------------------------------

/// Clean-up runs on for so many instructions, some tenths of a second of plain Lua; its C calls count as one.
enum { GRACE = 10000000, GRACE_STEP = 1000 };

static void interrupt_hook(lua_State *L, lua_Debug *record);

static void arm(lua_State *L) {
  // lua_sethook is made to be called from a signal handler (manual; lua.c does the same).
  lua_sethook(L, interrupt_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

/// True where the protected call that an error would reach first is xpcall.
static bool has_message_handler(lua_State *L) {
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

static void collect_soon(cvl_host *host) {
  // A script of the trusted profile may have a hook of its own there: it stays.
  lua_State *running = host->running;
  if (!running || (lua_gethook(running) && lua_gethook(running) != interrupt_hook)) return;
  host->collect_due = true;
  arm(running);
}

void cvl_collect_near_limit(cvl_host *host, lua_State *L) {
  host->collect_due = false;
  size_t near = host->limit / 5 * 4;
  if (!host->limit || host->used <= near / 2) return;
  lua_gc(L, LUA_GCCOLLECT);
  // Where much is in use the next time comes half way up to the limit.
  size_t next = host->used + (host->limit > host->used ? (host->limit - host->used) / 2 : 0);
  host->collect_at = next > near ? next : near;
}

static void interrupt_hook(lua_State *L, lua_Debug *record) {
  cvl_host *host = cvl_host_of(L);
  int reason = host->interruption;
  if (host->collect_due) cvl_collect_near_limit(host, L);
  if (reason == CVL_RUNS_ON) {
    // Left over from an interruption that is over.
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  // Whether this is clean-up: the whole stack tells when the interruption is new, and once in a while during
  // clean-up. After it raised, code that runs can only be a handler that has just been called.
  bool spared = host->grace > 0 &&
                (host->cleaning || (host->raised ? has_close_handler(L, NEAR) : cvl_in_close_handler(L)));
  host->raised = !spared;
  if (spared) {
    if (record->event == LUA_HOOKCOUNT) host->grace -= GRACE_STEP;
    lua_sethook(L, interrupt_hook, LUA_MASKCOUNT, GRACE_STEP);
    return;
  }
  // The hook stays armed, so that a pcall cannot swallow it: the next instruction raises again.
  arm(L);
  if (has_message_handler(L)) {
    // A message handler of the script's would run inside this hook, where nothing can interrupt it. An error
    // for want of memory passes it by.
    lua_newuserdatauv(L, (size_t)1 << 60, 0);
  }
  luaL_where(L, 0);
  static const char *const words[] = {"", "interrupted", "out of time", "os.exit", "cancelled", "interrupted"};
  lua_pushstring(L, words[reason]);
  lua_concat(L, 2);
  lua_error(L);
}

void cvl_interrupt_on(cvl_host *host) {
  lua_State *running = host->running;
  if (host->interruption && running) arm(running);
}

void cvl_interrupt(cvl_host *host, int reason, bool spares_cleanup) {
  host->interruption = reason;
  host->grace = spares_cleanup ? GRACE : 0;
  host->raised = false;
  cvl_interrupt_on(host);
}

static _Thread_local cvl_host *of_this_thread;
static _Thread_local char *end_of_stack;

static void on_signal(int number) {
  (void)number;
  // Where nothing runs, the request stays for whoever asks with cvl_take_request.
  cvl_host *host = of_this_thread;
  if (!host || !host->running) return;
  int reason = cvl_take_request(host);
  // Clean-up is spared once; who asks again means it.
  if (reason) cvl_interrupt(host, reason, host->interruption == CVL_RUNS_ON);
}

void cvl_adopt_thread(cvl_host *host, int number) {
  of_this_thread = host;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void *lowest;
    size_t size;
    if (pthread_attr_getstack(&attributes, &lowest, &size) == 0) end_of_stack = lowest;
    pthread_attr_destroy(&attributes);
  }
  struct sigaction action = {.sa_handler = on_signal};  // no SA_RESTART: a read from a terminal ends too
  sigaction(number, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

bool cvl_stack_is_short(void) {
  // 200 nested C calls, Lua's limit, take some 3 KB each where they are callbacks of gsub.
  enum { NEEDED = 2 << 20 };
  char here;
  return end_of_stack && &here - end_of_stack < NEEDED;
}

void cvl_send_interruption(cvl_host *host, pthread_t thread, int number, int reason) {
  atomic_store(&host->requested, reason);
  pthread_kill(thread, number);
}

int cvl_take_request(cvl_host *host) {
  if (atomic_load_explicit(&host->requested, memory_order_relaxed) == CVL_RUNS_ON) return CVL_RUNS_ON;
  return atomic_exchange(&host->requested, CVL_RUNS_ON);
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
    host->grace = GRACE;
    cvl_interrupt_on(host);
  }
  int status = lua_pcall(L, 1, 1, 0);
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

const void *cvl_find(const void *text, size_t length, const void *part, size_t part_length) {
  return memmem(text, length, part, part_length);
}

int cvl_headers_release(void) { return LUA_VERSION_RELEASE_NUM; }

const char *cvl_release_text(void) { return LUA_RELEASE; }
