#include <sqlite3.h>

// Macros that Swift's importer does not follow.

/// Makes SQLite copy what it is given before the call returns.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

enum { CSQLITE_READONLY_DBMOVED = SQLITE_READONLY_DBMOVED };
