// Interruption: a hook that raises at the next instruction, again and again, but spares clean-up for a while.

#define _GNU_SOURCE  // pthread_getattr_np

#include <pthread.h>
#include <signal.h>

#include "internal.h"

/// Clean-up runs on for so many instructions, some tenths of a second of plain Lua; its C calls count as one.
enum { GRACE = 10000000, GRACE_STEP = 1000 };

/// While it raises, a handler that has just been called is found among so many levels.
enum { NEAR = 3 };

static void interrupt_hook(lua_State *L, lua_Debug *record);

static void arm(lua_State *L) {
  // lua_sethook is made to be called from a signal handler (manual; lua.c does the same).
  lua_sethook(L, interrupt_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void cvl_collect_soon(cvl_host *host) {
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
                (host->cleaning || (host->raised ? cvl_has_close_handler_near(L, NEAR) : cvl_in_close_handler(L)));
  host->raised = !spared;
  if (spared) {
    if (record->event == LUA_HOOKCOUNT) host->grace -= GRACE_STEP;
    lua_sethook(L, interrupt_hook, LUA_MASKCOUNT, GRACE_STEP);
    return;
  }
  // The hook stays armed, so that a pcall cannot swallow it: the next instruction raises again.
  arm(L);
  if (cvl_has_message_handler(L)) {
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

void cvl_spare(cvl_host *host) { host->grace = GRACE; }

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
