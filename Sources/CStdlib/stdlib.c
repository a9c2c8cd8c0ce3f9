// The modules of stdlib/ inside the binary. A new module is one `#embed` and one entry of the table; a test
// compares the table with the folder.

#include "CStdlib.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char calendar[] = {
#embed "../../stdlib/calendar.lua"
};

static const char fmt[] = {
#embed "../../stdlib/fmt.lua"
};

static const char history[] = {
#embed "../../stdlib/history.lua"
};

static const char inventory[] = {
#embed "../../stdlib/inventory.lua"
};

static const char ladder[] = {
#embed "../../stdlib/ladder.lua"
};

static const char notify[] = {
#embed "../../stdlib/notify.lua"
};

static const char rota[] = {
#embed "../../stdlib/rota.lua"
};

static const char verify[] = {
#embed "../../stdlib/verify.lua"
};

static const cv_stdlib_module modules[] = {
    {"calendar", calendar, sizeof calendar},
    {"fmt", fmt, sizeof fmt},
    {"history", history, sizeof history},
    {"inventory", inventory, sizeof inventory},
    {"ladder", ladder, sizeof ladder},
    {"notify", notify, sizeof notify},
    {"rota", rota, sizeof rota},
    {"verify", verify, sizeof verify},
};

const cv_stdlib_module *cv_stdlib_modules(size_t *count) {
  *count = sizeof modules / sizeof *modules;
  return modules;
}
