// The walk over a payload's table: each key is found by the address of its interned text, each value
// goes into its slot. Raw access only, no metamethod runs, nothing raises.

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

/// Walks the table on top of the stack, which stands for `container` (TOP where flat keys may stand too).
/// Leaves the stack as it was, but puts a list of targets at index `keep`; 0 where none may come.
static int walk(lua_State *L, const cvl_shape *shape, int container, int depth, cv_slot *row, int keep) {
  int met = 0;
  if (depth > DEEPEST || !lua_checkstack(L, 4)) return CVL_WALK_STRANGE;
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    // A short string is interned, so its address tells its text. A number has none, and a table's or a
    // function's is nobody's name.
    const void *name = lua_topointer(L, -2);
    const cvl_key *key = name ? find(shape, name) : NULL;
    // At the top any key may stand flat; so may, in an entry of the list of targets, any key of a target.
    bool fits = key && (container == TOP || key->parent == container || (keep == 0 && depth == 1 && key->of_target));
    if (fits && key->kind == CVL_KEY_FIELD) {
      fill(L, -1, &row[key->index]);
    } else if (!fits) {
      met |= CVL_WALK_STRANGE;
    } else {
      switch (key->kind) {
        case CVL_KEY_RAW:
        case CVL_KEY_EXTRA:
          met |= CVL_WALK_RAW;
          break;
        case CVL_KEY_CONTAINER:
          met |= lua_istable(L, -1) ? walk(L, shape, key->index, depth + 1, row, keep) : CVL_WALK_STRANGE;
          break;
        case CVL_KEY_LIST:
          // A list of one, or the object itself.
          if (!lua_istable(L, -1)) {
            met |= CVL_WALK_STRANGE;
          } else if (lua_rawgeti(L, -1, 1) == LUA_TTABLE) {
            if (lua_rawlen(L, -2) > 1) met |= CVL_WALK_STRANGE;
            met |= walk(L, shape, key->index, depth + 1, row, keep);
            lua_settop(L, -2);
          } else {
            lua_settop(L, -2);
            met |= walk(L, shape, key->index, depth + 1, row, keep);
          }
          break;
        case CVL_KEY_ASSOCIATIONS:
          if (keep == 0 || !lua_istable(L, -1) || met & CVL_WALK_ASSOCIATIONS) {
            met |= CVL_WALK_STRANGE;
          } else {
            lua_pushvalue(L, -1);
            lua_replace(L, keep);
            met |= CVL_WALK_ASSOCIATIONS;
          }
          break;
      }
    }
    lua_settop(L, table + 1);
  }
  return met;
}

int cvl_walk(lua_State *L, int index, const cvl_shape *shape, cv_slot *row) {
  index = lua_absindex(L, index);
  lua_pushnil(L);  // becomes the associations
  int keep = lua_gettop(L);
  lua_pushvalue(L, index);
  int met = walk(L, shape, TOP, 0, row, keep);
  lua_settop(L, met & CVL_WALK_ASSOCIATIONS ? keep : keep - 1);
  return met;
}

int cvl_walk_association(lua_State *L, int index, const cvl_shape *shape, int container, cv_slot *row) {
  lua_pushvalue(L, index);
  int met = walk(L, shape, container, 1, row, 0);
  lua_settop(L, -2);
  return met;
}
