#define _GNU_SOURCE
#include "CPostgres.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The functions used, as libpq 9.6 and later declare them.
#define FUNCTIONS(_)                                                                               \
    _(tk_pg_connection *, PQconnectStartParams, (const char *const *, const char *const *, int))   \
    _(void, PQreset, (tk_pg_connection *))                                                         \
    _(void, PQfinish, (tk_pg_connection *))                                                        \
    _(int, PQstatus, (const tk_pg_connection *))                                                   \
    _(char *, PQerrorMessage, (const tk_pg_connection *))                                          \
    _(const char *, PQparameterStatus, (const tk_pg_connection *, const char *))                   \
    _(int, PQbackendPID, (const tk_pg_connection *))                                               \
    _(int, PQsocket, (const tk_pg_connection *))                                                   \
    _(int, PQsetnonblocking, (tk_pg_connection *, int))                                            \
    _(int, PQsendQuery, (tk_pg_connection *, const char *))                                        \
    _(int, PQsendQueryParams, (tk_pg_connection *, const char *, int, const uint32_t *,            \
                               const char *const *, const int *, const int *, int))                \
    _(int, PQflush, (tk_pg_connection *))                                                          \
    _(int, PQconsumeInput, (tk_pg_connection *))                                                   \
    _(int, PQisBusy, (tk_pg_connection *))                                                         \
    _(tk_pg_result *, PQgetResult, (tk_pg_connection *))                                           \
    _(void *, PQsetNoticeProcessor,                                                                \
      (tk_pg_connection *, void (*)(void *, const char *), void *))                                \
    _(int, PQresultStatus, (const tk_pg_result *))                                                 \
    _(char *, PQresultErrorField, (const tk_pg_result *, int))                                     \
    _(char *, PQcmdTuples, (tk_pg_result *))                                                       \
    _(int, PQntuples, (const tk_pg_result *))                                                      \
    _(int, PQgetisnull, (const tk_pg_result *, int, int))                                          \
    _(char *, PQgetvalue, (const tk_pg_result *, int, int))                                        \
    _(void, PQclear, (tk_pg_result *))

#define DECLARE(type, name, parameters) static type(*name) parameters;
FUNCTIONS(DECLARE)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded;
static char obstacle[512];

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *said = dlerror();
        strncpy(obstacle, said ? said : "", sizeof obstacle - 1);
        return;
    }
#define FIND(type, name, parameters)                                                               \
    if (!(name = (type(*) parameters)dlsym(library, #name))) return;
    FUNCTIONS(FIND)
    is_loaded = 1;
}

const char *tk_pg_obstacle(void) { return obstacle; }

int tk_pg_load(void) {
    pthread_once(&once, load);
    return is_loaded ? 0 : -1;
}

/// More parameters than anything here has.
enum { most = 32 };

/// CONNECTION_BAD
enum { bad = 1 };

static void ignore(void *context, const char *notice) {}

/// The text after a text.
static const char *next(const char *text) { return text + strlen(text) + 1; }

tk_pg_connection *tk_pg_connect(const char *parameters, int count) {
    const char *names[most + 1] = {0}, *values[most + 1] = {0};
    for (int i = 0; i < count && i < most; i++) {
        names[i] = parameters;
        values[i] = next(names[i]);
        parameters = next(values[i]);
    }
    // What a server says while connecting would be written to stderr. A connection that has begun
    // can be told not to; resetting it then connects as PQconnectdbParams does, with its limit of
    // time for each host.
    tk_pg_connection *connection = PQconnectStartParams(names, values, 1);
    if (connection) {
        PQsetNoticeProcessor(connection, ignore, NULL);
        // One that failed already would forget why.
        if (PQstatus(connection) != bad) PQreset(connection);
        PQsetnonblocking(connection, 1);
    }
    return connection;
}

void tk_pg_close(tk_pg_connection *connection) { PQfinish(connection); }
int tk_pg_is_connected(const tk_pg_connection *connection) { return PQstatus(connection) == 0; }
const char *tk_pg_message(const tk_pg_connection *connection) { return PQerrorMessage(connection); }
const char *tk_pg_parameter(const tk_pg_connection *connection, const char *name) {
    return PQparameterStatus(connection, name);
}
int tk_pg_server_process(const tk_pg_connection *connection) { return PQbackendPID(connection); }

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/// 1 when the socket is ready, 0 when the time is over or `stop` can be read.
static int await(tk_pg_connection *connection, short events, int64_t deadline, int stop) {
    struct pollfd ready[2] = {{.fd = PQsocket(connection), .events = events},
                              {.fd = stop, .events = POLLIN}};
    int count;
    do {
        int64_t left = deadline - now();
        if (left < 0) left = 0;
        count = poll(ready, 2, (int)left);
    } while (count < 0 && errno == EINTR);
    return count > 0 && !ready[1].revents;
}

tk_pg_result *tk_pg_run(tk_pg_connection *connection, const char *sql, int count,
                        const uint32_t *types, const char *texts, int milliseconds, int stop) {
    if (count > most) return NULL;
    const char *values[most] = {0};
    for (int i = 0; i < count; i++) {
        if (!types[i]) continue;
        values[i] = texts;
        texts = next(texts);
    }
    int64_t deadline = now() + milliseconds;
    int is_sent = count < 0 ? PQsendQuery(connection, sql)
                            : PQsendQueryParams(connection, sql, count, types, values, NULL, NULL, 0);
    if (!is_sent) return NULL;
    for (int left; (left = PQflush(connection)) != 0;) {
        // The server may have to be read before it reads on.
        if (left < 0 || !await(connection, POLLIN | POLLOUT, deadline, stop)
            || !PQconsumeInput(connection))
            return NULL;
    }
    tk_pg_result *last = NULL;
    while (1) {
        while (PQisBusy(connection))
            if (!await(connection, POLLIN, deadline, stop) || !PQconsumeInput(connection)) {
                if (last) PQclear(last);
                return NULL;
            }
        tk_pg_result *result = PQgetResult(connection);
        if (!result) return last;
        if (last) PQclear(last);
        last = result;
    }
}

void tk_pg_clear(tk_pg_result *result) { PQclear(result); }

int tk_pg_is_done(const tk_pg_result *result) {
    int status = PQresultStatus(result);
    // PGRES_COMMAND_OK, PGRES_TUPLES_OK
    return status == 1 || status == 2;
}

static const char *field(const tk_pg_result *result, int code) {
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}
const char *tk_pg_state(const tk_pg_result *result) { return field(result, 'C'); }
const char *tk_pg_complaint(const tk_pg_result *result) { return field(result, 'M'); }

int tk_pg_rows(const tk_pg_result *result) { return PQntuples(result); }
int64_t tk_pg_changes(tk_pg_result *result) { return atoll(PQcmdTuples(result)); }
int tk_pg_is_null(const tk_pg_result *result, int row, int column) {
    return PQgetisnull(result, row, column);
}
const char *tk_pg_value(const tk_pg_result *result, int row, int column) {
    return PQgetvalue(result, row, column);
}
