// The walk over a payload's table: each key is found by the address of its interned text, each value
// goes into its slot. Raw access only, no metamethod runs, nothing raises.

#include <stdbool.h>
#include <string.h>

#include "CLuaShim.h"

/// The deepest page nests seven objects; whatever is deeper is no payload.
enum { DEEPEST = 12, TOP = -1 };

static const cvl_key *find(const cvl_shape *shape, const void *name) {
  for (uint32_t at = cvl_key_hash(name);; at++) {
    const cvl_key *key = &shape->keys[at & shape->mask];
    if (key->name == name) return key;
    if (!key->name) return NULL;
  }
}

__attribute__((always_inline)) static inline void fill(lua_State *L, int index, cv_slot *slot) {
  switch (lua_type(L, index)) {
    case LUA_TSTRING: {
      size_t length;
      slot->bytes = (const uint8_t *)lua_tolstring(L, index, &length);
      slot->word = (int64_t)length;
      slot->kind = CV_SLOT_STRING;
      break;
    }
    case LUA_TNUMBER: {
      // A float with an integral value counts as the integer.
      int is_integer;
      slot->word = lua_tointegerx(L, index, &is_integer);
      slot->kind = CV_SLOT_INTEGER;
      if (!is_integer) {
        double number = lua_tonumberx(L, index, NULL);
        memcpy(&slot->word, &number, sizeof number);
        slot->kind = CV_SLOT_NUMBER;
      }
      break;
    }
    case LUA_TBOOLEAN:
      slot->word = lua_toboolean(L, index);
      slot->kind = CV_SLOT_BOOLEAN;
      break;
    case LUA_TLIGHTUSERDATA:
      // json.null is the null pointer, as lua-cjson has it.
      if (lua_touserdata(L, index) == NULL) {
        slot->kind = CV_SLOT_NULL;
        break;
      }
      // fall through
    default: {
      const char *name = lua_typename(L, lua_type(L, index));
      slot->bytes = (const uint8_t *)name;
      slot->word = (int64_t)strlen(name);
      slot->kind = CV_SLOT_OTHER;
    }
  }
}

void cvl_fill(lua_State *L, int index, cv_slot *slot) { fill(L, index, slot); }

static int walk_into(lua_State *L, const cvl_key *key, const cvl_shape *shape, int depth, cv_slot *row, bool keep);

/// Walks the table at `table`, an absolute index, which stands for `container` (TOP where flat keys may stand
/// too). Leaves the stack as it was. A list of targets is kept where `keep` says that one may come.
static int walk(lua_State *L, int table, const cvl_shape *shape, int container, int depth, cv_slot *row, bool keep) {
  int met = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    // A short string is interned, so its address tells its text. A number has none, and a table's or a
    // function's is nobody's name.
    const void *name = lua_topointer(L, -2);
    const cvl_key *key = name ? find(shape, name) : NULL;
    // At the top any key may stand flat; so may, in an entry of the list of targets, any key of a target.
    bool fits = key && (container == TOP || key->parent == container || (!keep && depth == 1 && key->of_target));
    if (fits && key->kind == CVL_KEY_FIELD) {
      fill(L, -1, &row[key->index]);
    } else if (!fits) {
      met |= CVL_WALK_STRANGE;
    } else {
      met |= walk_into(L, key, shape, depth, row, keep);
    }
    lua_settop(L, -2);
  }
  return met;
}

/// What a key leads to that is no plain field: its value is on top of the stack, and stays there.
static int walk_into(lua_State *L, const cvl_key *key, const cvl_shape *shape, int depth, cv_slot *row, bool keep) {
  if (key->kind == CVL_KEY_RAW || key->kind == CVL_KEY_EXTRA) return CVL_WALK_RAW;
  if (!lua_istable(L, -1) || depth >= DEEPEST || !lua_checkstack(L, 6)) return CVL_WALK_STRANGE;
  int value = lua_gettop(L);
  int met = 0;
  switch (key->kind) {
    case CVL_KEY_CONTAINER:
      return walk(L, value, shape, key->index, depth + 1, row, keep);
    case CVL_KEY_LIST:
      // A list of one, or the object itself.
      if (lua_rawgeti(L, value, 1) == LUA_TTABLE) {
        if (lua_rawlen(L, value) > 1) met = CVL_WALK_STRANGE;
        value++;
      }
      met |= walk(L, value, shape, key->index, depth + 1, row, keep);
      lua_settop(L, -2);
      return met;
    default:
      // The list of targets is read after all that they share: it is kept where cvl_push_targets finds it.
      if (!keep) return CVL_WALK_STRANGE;
      lua_pushvalue(L, value);
      lua_rawsetp(L, LUA_REGISTRYINDEX, shape);
      return CVL_WALK_ASSOCIATIONS;
  }
}

int cvl_walk(lua_State *L, int index, const cvl_shape *shape, cv_slot *row) {
  return walk(L, index, shape, TOP, 0, row, true);
}

void cvl_push_targets(lua_State *L, const cvl_shape *shape) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, shape);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, shape);
}

int cvl_walk_association(lua_State *L, int index, const cvl_shape *shape, int container, cv_slot *row) {
  return walk(L, lua_absindex(L, index), shape, container, 1, row, false);
}
