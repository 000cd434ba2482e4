#pragma once
// Parts of SQLite that Swift cannot import: destructors that are casts of numbers, and a callback.
#include <sqlite3.h>

static inline int tk_sqlite_note_pages(void *pages, sqlite3 *db, const char *name, int count) {
    *(int *)pages = count;
    return SQLITE_OK;
}

/// From now on `pages` is the size of the write-ahead log after each commit, and SQLite makes no
/// checkpoints by itself. `pages` must outlive the connection.
static inline void tk_sqlite_count_pages(sqlite3 *db, int *pages) {
    sqlite3_wal_hook(db, tk_sqlite_note_pages, pages);
}

/// Binds a copy of `count` bytes of UTF-8.
static inline int tk_sqlite_bind_text(sqlite3_stmt *s, int index, const char *text, int count) {
    return sqlite3_bind_text(s, index, text, count, SQLITE_TRANSIENT);
}

static inline int tk_sqlite_bind_bytes(
    sqlite3_stmt *s, int index, const unsigned char *bytes, int count) {
    return sqlite3_bind_text(s, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}
