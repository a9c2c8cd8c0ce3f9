#ifndef CVLUA_SLOTS_H
#define CVLUA_SLOTS_H

#include <stddef.h>
#include <stdint.h>

/// What a slot holds. The numbers are part of no file format; they may change.
enum cv_slot_kind {
  CV_SLOT_ABSENT = 0,  ///< the script did not name this field
  CV_SLOT_NULL,        ///< json.null: leave the field out, its default too
  CV_SLOT_BOOLEAN,     ///< word is 0 or 1
  CV_SLOT_INTEGER,     ///< word is the integer
  CV_SLOT_NUMBER,      ///< word is the bit pattern of a double
  CV_SLOT_STRING,      ///< bytes[0 ..< word], not checked for UTF-8 yet
  CV_SLOT_JSON,        ///< bytes[0 ..< word] is JSON text, already checked: a value, or for an
                       ///< extras slot the members of an object without their braces
  CV_SLOT_OTHER,       ///< a type no field takes; bytes[0 ..< word] is its name ("table", "function")
};

/// One value as a script wrote it: what the walk over a Lua table (C) hands to the encoder of a
/// payload (Swift), so that neither knows the other. `bytes` is borrowed and lives as long as
/// the call that fills the slot.
typedef struct cv_slot {
  const uint8_t *bytes;
  int64_t word;
  uint8_t kind;
} cv_slot;

#endif
