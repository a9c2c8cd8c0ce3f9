#include "CLuaShim.h"

// #embed puts the file's bytes here when the shim is compiled.
static const char text[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "prelude.lua"
#pragma clang diagnostic pop
};

const char *cvl_prelude(size_t *length) {
  *length = sizeof text;
  return text;
}
