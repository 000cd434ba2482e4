#pragma once
// Parts of SQLite that Swift cannot import: destructors that are casts of numbers.
#include <sqlite3.h>

/// Binds a copy of `count` bytes of UTF-8.
static inline int tk_sqlite_bind_text(sqlite3_stmt *s, int index, const char *text, int count) {
    return sqlite3_bind_text(s, index, text, count, SQLITE_TRANSIENT);
}

static inline int tk_sqlite_bind_bytes(
    sqlite3_stmt *s, int index, const unsigned char *bytes, int count) {
    return sqlite3_bind_text(s, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}
