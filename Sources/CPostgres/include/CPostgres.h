#pragma once
// libpq, found when a program first asks for it: it brings Kerberos and LDAP along, which a program
// that keeps its ledger in a file does not need. Its stable interface is declared here, so that
// nothing of it is needed to build, either.
#include <stdint.h>

typedef struct pg_conn tk_pg_connection;
typedef struct pg_result tk_pg_result;

/// 0, or -1 if there is no libpq. Call it before anything else here; repeating it is harmless.
int tk_pg_load(void);
/// Why there is none; empty if there is one.
const char *tk_pg_obstacle(void);

/// `count` parameters: a name and its value, each with a zero at its end, one after another. `dbname`
/// may be a URL, whose parameters replace those before it. Blocks for as long as `connect_timeout`
/// says. Never null but where memory is short; see `tk_pg_is_connected`. Owned by the caller.
tk_pg_connection *tk_pg_connect(const char *parameters, int count);
void tk_pg_close(tk_pg_connection *connection);
int tk_pg_is_connected(const tk_pg_connection *connection);
/// Of the last failure; belongs to the connection until its next use.
const char *tk_pg_message(const tk_pg_connection *connection);
/// A parameter such as `server_encoding`, or null; belongs to the connection.
const char *tk_pg_parameter(const tk_pg_connection *connection, const char *name);
/// The process that serves it, by what the server said while connecting; a pool says anything.
int tk_pg_server_process(const tk_pg_connection *connection);

/// Runs one statement with `count` parameters; `types` are their OIDs, 0 for null, and `texts` the
/// others' values, each with a zero at its end, one after another. With a `count` of -1 `sql` may be
/// several statements. Waits at most
/// `milliseconds`, and no longer than until `stop` can be read, if it is not negative. Null if that
/// was so, or the connection is lost; it can then only be closed. Otherwise the result of the last statement, owned by the caller.
tk_pg_result *tk_pg_run(tk_pg_connection *connection, const char *sql, int count,
                        const uint32_t *types, const char *texts, int milliseconds, int stop);
void tk_pg_clear(tk_pg_result *result);
/// 1 if the statement was done.
int tk_pg_is_done(const tk_pg_result *result);
/// The five characters of SQLSTATE, and the message; empty where there is none.
const char *tk_pg_state(const tk_pg_result *result);
const char *tk_pg_complaint(const tk_pg_result *result);
int tk_pg_rows(const tk_pg_result *result);
/// The number of rows a statement changed.
int64_t tk_pg_changes(tk_pg_result *result);
int tk_pg_is_null(const tk_pg_result *result, int row, int column);
/// Text, with a zero at its end; belongs to the result.
const char *tk_pg_value(const tk_pg_result *result, int row, int column);
