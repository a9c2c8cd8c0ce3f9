#ifndef CVLUA_STDLIB_H
#define CVLUA_STDLIB_H

#include <stddef.h>

/// A Lua module of stdlib/, whose text is part of the binary.
typedef struct cv_stdlib_module {
  const char *name;
  const char *text;
  size_t length;
} cv_stdlib_module;

/// All modules; `*count` tells how many.
const cv_stdlib_module *cv_stdlib_modules(size_t *count);

#endif
