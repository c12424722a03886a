// SPDX-License-Identifier: MIT
#if __has_include(<sqlite3.h>)
#include <sqlite3.h>
#else
#error "SQLite's header is missing: apt-get install libsqlite3-dev (or: brew install sqlite)"
#endif
