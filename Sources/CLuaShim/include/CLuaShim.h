#ifndef CVLUA_SHIM_H
#define CVLUA_SHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "CSlots.h"

// The only code of cvlua that may longjmp. Lua calls C here; C calls Swift, which returns a status
// and never throws through C; C alone then calls lua_error or lua_yieldk.
//
// A rule that makes Swift's side simple: the memory limit holds while script code runs and is lifted
// while the host runs (`enforce`). So the API functions that the manual marks `m` (they raise only
// for want of memory) cannot raise under Swift, and Swift may call them, like those marked `-`,
// without protection. Functions marked `v` and `e` go through a protected call of this file.

/// What a host function returns to the trampoline: a count of results on the stack, or one of these.
enum {
  CVL_ERROR = -1,  ///< raise the value on top of the stack
  CVL_WAIT = -2,   ///< suspend the branch; whoever resumes it passes (true, values…) or (false, error)
};

/// Why a running branch is being interrupted.
enum {
  CVL_RUNS_ON = 0,
  CVL_INTERRUPTED,  ///< Ctrl-C
  CVL_DEADLINE,     ///< its time is up
  CVL_EXIT,         ///< the script called os.exit
  CVL_CANCELLED,    ///< it goes on to ask for waits though it is cancelled
  CVL_LINE,         ///< Ctrl-C in a session: only what keeps its line from ending
};

/// One virtual machine's own data. Every coroutine's extra space points here.
typedef struct cvl_host {
  void *context;  ///< the Swift core, unretained: it owns this struct
  /// Runs host function `index` for `L`; see the enumeration above for what it returns.
  int (*call)(void *context, lua_State *L, int index);
  /// Gives back a Swift object that a userdata owned.
  void (*release)(void *object);

  /// Pushes the next function that the running branch deferred; 0 where there is none left.
  int (*next_deferred)(void *context, lua_State *L);
  /// Takes the error of a deferred function from the stack.
  void (*deferred_failed)(void *context, lua_State *L);

  lua_State *main;              ///< the state's own thread; no script runs there
  lua_State *base;              ///< coroutine of the branch being stepped; scripts take it for the main thread
  lua_State *volatile running;  ///< coroutine whose code runs right now; NULL between steps
  volatile sig_atomic_t interruption;  ///< why what runs is being interrupted, or CVL_RUNS_ON
  int grace;                           ///< instructions that clean-up may still run though interrupted
  bool raised;                         ///< the last that the hook did was to raise
  bool cleaning;                       ///< what the branch being stepped deferred runs

  struct cvl_frame *frames;  ///< the coroutines that are being resumed, innermost first
  lua_CFunction pcall;       ///< the stock functions, for cvl_in_close_handler
  lua_CFunction xpcall;

  bool can_wait;  ///< no resumer of the running coroutine stands on a C boundary
  bool waiting;   ///< a wait is on its way from where it was asked for up to the base
  bool enforce;   ///< script code runs: the memory limit holds
  int closing;    ///< nested closings of coroutines under way

  size_t used;   ///< bytes that Lua holds
  size_t limit;  ///< bytes that it may hold; 0 for no limit
  size_t collect_at;  ///< bytes in use at which garbage is collected, so that the limit is not met early
  bool collect_due;

  /// The interruption that another thread asked for and nobody has taken up yet. Swift does not see atomics,
  /// so it comes last, and Swift asks cvl_take_request.
  atomic_int requested;
} cvl_host;

/// One coroutine that is being resumed.
typedef struct cvl_frame {
  lua_State *co;
  struct cvl_frame *up;  ///< its resumer's
} cvl_frame;

// --- the machine -------------------------------------------------------------------------------

/// A new state whose coroutines all know `host`; NULL for want of memory. Opens no library.
lua_State *cvl_open(cvl_host *host);

/// Starts or resumes the base coroutine of a branch with `count` arguments on its stack.
/// Never raises. Returns LUA_OK or LUA_YIELD with `*results` values on top, or an error status
/// with the error on top.
int cvl_step(cvl_host *host, lua_State *base, int count, int *results);

/// Pushes the C function that a branch's coroutine runs: it calls its first argument with the others, and
/// keeps the traceback of an error.
void cvl_push_body(lua_State *L);

/// Pushes on `L` the traceback that the body kept for `of`, and forgets it; false where there is none.
bool cvl_push_kept_traceback(lua_State *L, lua_State *of);

/// Says that the message on top of `L`, which stays there, is about to be raised in place of the error that
/// unwinds the stack: the traceback that was kept of that stays.
void cvl_raises_again(lua_State *L);

/// Forgets the traceback that the body kept for `of`.
void cvl_forget_traceback(lua_State *L, lua_State *of);

/// True where a `__close` handler is on the stack of the running coroutine `L` or of one that resumed it, on
/// whatever way out.
bool cvl_in_close_handler(lua_State *L);

/// The same for the stack of one coroutine, which may be suspended.
bool cvl_has_close_handler(lua_State *L);

/// Closes what a branch's coroutine left open and makes it dead, and runs what it deferred; none of that can
/// wait. An error of a deferred function goes to `deferred_failed`. Never raises.
int cvl_reset(cvl_host *host, lua_State *base);

/// Marks a coroutine as the base of a branch: scripts can neither resume nor close it.
void cvl_mark_base(lua_State *base);

/// True where the running function may wait: no C function stands between it and its branch.
bool cvl_can_wait(lua_State *L);

/// Collects garbage where much of what the limit allows is in use. Where no code runs, or at a hook.
void cvl_collect_near_limit(cvl_host *host, lua_State *L);

/// Interrupts what runs now, on the machine's own thread; from its signal handler too. Clean-up may go on for
/// a while where `spares_cleanup` says so.
void cvl_interrupt(cvl_host *host, int reason, bool spares_cleanup);

/// Makes this thread the machine's own: `signal` sent to it interrupts what runs, and a system call
/// that it is in.
void cvl_adopt_thread(cvl_host *host, int signal);

/// Interrupts from any other thread: leaves the reason and sends the signal.
void cvl_send_interruption(cvl_host *host, pthread_t thread, int signal, int reason);

/// Takes up the interruption that another thread asked for, if there is one that no signal brought to code
/// that runs: its reason, or CVL_RUNS_ON.
int cvl_take_request(cvl_host *host);

/// Lets branches run again after an interruption.
void cvl_clear_interruption(cvl_host *host);

/// The host of any coroutine.
cvl_host *cvl_host_of(lua_State *L);

// --- functions and objects for scripts -----------------------------------------------------------

/// Pushes host function `index`; takes `upvalues` values from the stack as its upvalues 2, 3, …
void cvl_push_function(lua_State *L, int index, int upvalues);

/// Pushes a userdata that owns `object` (retained by the caller); its metatable is set by the caller.
void cvl_push_object(lua_State *L, void *object);

/// The object of the userdata at `index` where its metatable is the one at registry key `type`,
/// else NULL. NULL too where the object has been given back.
void *cvl_object(lua_State *L, int index, const void *type);

/// The object of the userdata that is upvalue `index` (from 1) of the running host function; the function was
/// made with a userdata there, which nobody can change. NULL where the object has been given back.
static inline void *cvl_upvalue_object(lua_State *L, int index) {
  void **box = lua_touserdata(L, lua_upvalueindex(index + 1));
  return box ? *box : NULL;
}

/// Adds `__gc` and `__close` to the metatable on top of the stack; both give the object back.
void cvl_add_finalizers(lua_State *L, bool closes);

/// The propagating coroutine library, as a table on the stack.
int cvl_open_coroutine(lua_State *L);

/// Runs `opener` as luaL_requiref does, protected; the library stays on the stack, and in
/// package.loaded where `global` says so. Returns a Lua status.
int cvl_open_library(lua_State *L, const char *name, lua_CFunction opener, bool global);

// --- protected forms of functions that may raise -------------------------------------------------

/// tostring of the value at `index` as print does it; pushes a string, whatever happens.
void cvl_tostring(lua_State *L, int index);

/// Pushes a traceback of `of` (luaL_traceback, protected).
void cvl_traceback(lua_State *L, lua_State *of, int level);

// --- macros that Swift does not see --------------------------------------------------------------

static inline void cvl_pop(lua_State *L, int n) { lua_settop(L, -n - 1); }
static inline int cvl_upvalue(int i) { return lua_upvalueindex(i); }
static inline int cvl_registry(void) { return LUA_REGISTRYINDEX; }
static inline size_t cvl_count(lua_State *L) {
  return (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
}
static inline void cvl_collect(lua_State *L) { lua_gc(L, LUA_GCCOLLECT); }
static inline void cvl_generational(lua_State *L) { lua_gc(L, LUA_GCGEN, 0, 0); }
static inline int cvl_pcall(lua_State *L, int n, int r) { return lua_pcallk(L, n, r, 0, 0, NULL); }

/// memmem, which is an extension that Swift does not see.
const void *cvl_find(const void *text, size_t length, const void *part, size_t part_length);

/// LUA_VERSION_NUM and the release that the headers came with.
int cvl_headers_release(void);
/// "Lua 5.4.4", of the headers.
const char *cvl_release_text(void);

/// The Lua text that a machine runs before the first script.
const char *cvl_prelude(size_t *length);

/// Whether the library survives a `__concat` that grows the stack, and nested coroutine.close. Each
/// tries it in a child process (some milliseconds).
bool cvl_concat_is_sound(void);
bool cvl_close_is_sound(void);

// --- the walk over a table -----------------------------------------------------------------------

/// What a key of a payload's table leads to.
typedef struct cvl_key {
  const void *name;   ///< lua_topointer of the interned key; the string is anchored elsewhere
  int16_t index;      ///< slot of a field, or number of a container
  int16_t parent;     ///< number of the container it stands in; -1 at the top
  uint8_t kind;       ///< enum cvl_key_kind
  bool of_target;     ///< it belongs to one entry of the list of targets
} cvl_key;

enum cvl_key_kind {
  CVL_KEY_NONE = 0,
  CVL_KEY_FIELD,         ///< a field; its value fills a slot
  CVL_KEY_RAW,           ///< a field that takes a whole table: left to the caller
  CVL_KEY_CONTAINER,     ///< an object of the nested shape
  CVL_KEY_LIST,          ///< a list of one object in the nested shape (subTasks)
  CVL_KEY_ASSOCIATIONS,  ///< the list of targets
  CVL_KEY_EXTRA,         ///< raw extra fields: left to the caller
};

/// The keys of one workload by the address of their interned text: open addressing, size a power of two.
typedef struct cvl_shape {
  const cvl_key *keys;
  uint32_t mask;       ///< size − 1
  int16_t slots;       ///< slots of a row
} cvl_shape;

static inline uint32_t cvl_key_hash(const void *name) {
  return (uint32_t)((uintptr_t)name >> 4) * 0x9E3779B1u >> 7;
}

/// What a walk met besides plain fields. Anything but 0 and CVL_WALK_ASSOCIATIONS needs the slow way.
enum {
  CVL_WALK_ASSOCIATIONS = 1,  ///< the list of targets is there; cvl_push_targets gives it
  CVL_WALK_RAW = 2,           ///< a raw field or extras are there
  CVL_WALK_STRANGE = 4,       ///< an unknown key, a key in the wrong place, a wrong shape, too deep
};

/// Fills `row` from the table at `index` (absolute), raw access only; nested objects are followed. Leaves the
/// stack as it was; needs 4 free slots. Raises for want of memory only, where a list of targets is met.
int cvl_walk(lua_State *L, int index, const cvl_shape *shape, cv_slot *row);

/// Pushes the list of targets that the last walk with this shape met, and forgets it.
void cvl_push_targets(lua_State *L, const cvl_shape *shape);

/// The same for one entry of the list of targets.
int cvl_walk_association(lua_State *L, int index, const cvl_shape *shape, int container, cv_slot *row);

/// Fills `slot` from the value at `index`. Never raises.
void cvl_fill(lua_State *L, int index, cv_slot *slot);

#endif
