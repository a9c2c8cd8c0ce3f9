// The modules of stdlib/ inside the binary. A new module is one `#embed` and one entry of the table; a test
// compares the table with the folder.

#include "CStdlib.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char ladder[] = {
#embed "../../stdlib/ladder.lua"
};

static const char notify[] = {
#embed "../../stdlib/notify.lua"
};

static const cv_stdlib_module modules[] = {
    {"ladder", ladder, sizeof ladder},
    {"notify", notify, sizeof notify},
};

const cv_stdlib_module *cv_stdlib_modules(size_t *count) {
  *count = sizeof modules / sizeof *modules;
  return modules;
}
