/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL through libpq: one connection, prepared statements, pipeline mode, array parameters, deadlines.
 *
 * A batch is: db_pipeline_begin, then db_send for each statement (BEGIN and COMMIT are statements too), then
 * db_pipeline_end, which writes the Sync, waits for every result within the deadline and keeps them for
 * db_result: one round trip, however many statements. When a statement fails, those after it are skipped and
 * the transaction is rolled back: db_pipeline_end issues ROLLBACK itself when the connection is left in a
 * failed transaction.
 *
 * Statements come from .sql files embedded at build time (see common/meson.build) and are prepared on every
 * connect. The connection reopens with backoff (db_ensure: 50 ms doubling to 400 ms); nothing is ever retried
 * here: what to do about a broken batch is the caller's to know.
 *
 * Conventions on the wire, text format throughout:
 *   - instants: SQL hands out and takes int8 microseconds (functions oxe_us(timestamptz), oxe_ts(int8));
 *   - decimals: NUMERIC(20,8) text; uuids: text; bytea: \x hex; NULL is NULL.
 *
 * A failed db_send (-ENOBUFS, -EINVAL for a zero byte in a text …) spoils the whole
 * batch: later ones return the same, db_pipeline_end makes the server throw the
 * batch away and returns it too, so checking only db_pipeline_end is enough. A batch
 * that was begun and never ended costs the connection at the next db_pipeline_begin.
 *
 * Errors (negative errno): -ENOTCONN no connection, or it broke (the outcome of a COMMIT is then unknown);
 * -ETIMEDOUT the deadline passed, or somebody ended a COMMIT's wait for the synchronous standby (the
 * connection is closed: outcome unknown too); -ECANCELED a statement failed on the server, db_sqlstate and
 * db_error tell; -ENOMEM; -ENOBUFS. Not shared between threads. */
#ifndef OXE_COMMON_DB_H
#define OXE_COMMON_DB_H

#include <errno.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/decimal.h"
#include "common/uuid.h"

enum {
    DB_PARAMETERS_MAX = 48,
    DB_PIPELINE_MAX = 64, /* statements between begin and end */
};

struct db_statement {
    const char *name; /* unique within a connection; shown in pg_stat_activity and errors */
    const char *sql;
};

struct db;

/* conninfo: a libpq conninfo string or URI (copied; -EINVAL when ill-formed). `statements` is borrowed for
 * life. Connects nothing yet.
 */
int db_create(const char *conninfo, const char *application_name, const struct db_statement *statements,
              size_t statement_count, struct db **ret_db);
void db_destroy(struct db **db);

/* Makes sure there is a live connection with everything prepared: returns 0 at once when there is one.
 * Otherwise, when the backoff allows, tries for timeout_ms; a server that is slow to answer is waited for by
 * the next calls, for 20 s, before the attempt is given up for a new one. -ENOTCONN: not now (db_retry_in_ms
 * tells when next); -ECANCELED: a statement could not be prepared (a schema that is not ours). Resolving a
 * host name is not bounded by timeout_ms. */
int db_ensure(struct db *db, int timeout_ms);
int db_retry_in_ms(const struct db *db);
bool db_connected(const struct db *db);
/* Closes the connection on purpose; db_ensure opens a new one. */
void db_disconnect(struct db *db);
/* Grows with every new connection: whoever holds session state (advisory locks) compares it. */
uint64_t db_generation(const struct db *db);
/* The socket, to poll for the loss of the connection between batches; -1 when not connected. */
int db_fd(const struct db *db);
/* Reads what has arrived without waiting; -ENOTCONN when the server has closed. */
int db_check(struct db *db);

/* How the array that is open is sent: its first value that is not NULL says. */
enum db_array_form {
    DB_ARRAY_UNKNOWN,
    DB_ARRAY_TEXT,
    DB_ARRAY_UUID, /* binary, as the next: PostgreSQL reads it in a tenth of the time */
    DB_ARRAY_BYTEA,
};

/* Parameters of one statement. Reusable: db_args_clear or db_args_begin, then add. Array parameters
 * ("columns") take one value per row. Bytes and arrays of uuids and bytes go in binary: they must be the
 * statement's bytea, uuid[] and bytea[]. */
struct db_args {
    struct buffer values; /* one after the other, those of format 0 NUL-terminated */
    size_t offsets[DB_PARAMETERS_MAX];
    int lengths[DB_PARAMETERS_MAX]; /* of those of format 1 */
    int formats[DB_PARAMETERS_MAX]; /* 0: text, 1: binary */
    bool nulls[DB_PARAMETERS_MAX];
    size_t count;
    bool in_array;
    enum db_array_form array_form;
    size_t array_rows;
};

/* The connection's own, cleared: for the statement that is sent next, so it ends the parameters of one that
 * is being put together. Valid as long as the connection. */
struct db_args *db_args_begin(struct db *db);
void db_args_clear(struct db_args *args);
void db_args_release(struct db_args *args);

void db_args_null(struct db_args *args);
void db_args_text(struct db_args *args, const char *text);                  /* NULL pointer: NULL */
void db_args_text_n(struct db_args *args, const char *text, size_t length); /* no NUL inside */
void db_args_i64(struct db_args *args, int64_t value);
void db_args_bool(struct db_args *args, bool value);
void db_args_decimal(struct db_args *args, struct decimal value);
void db_args_uuid(struct db_args *args, struct uuid value);
void db_args_instant(struct db_args *args, struct instant value); /* as int8 microseconds */
void db_args_bytes(struct db_args *args, const uint8_t *bytes, size_t length);

/* Between begin and end each db_args_… call above adds one element of the array instead of one parameter:
 *     db_args_array_begin(&a); for (…) db_args_uuid(&a, ids[i]); db_args_array_end(&a); */
void db_args_array_begin(struct db_args *args);
void db_args_array_end(struct db_args *args);

/* Index into the statements of db_create. */
int db_pipeline_begin(struct db *db);
int db_send(struct db *db, size_t statement,
            const struct db_args *args); /* args NULL: none; returns the result's index */
/* 0 when every statement succeeded. Otherwise as above; results before the failed one stay readable. */
int db_pipeline_end(struct db *db, int timeout_ms);
/* Result of the i-th db_send since begin; valid until the next begin. NULL when it failed or was skipped. */
const PGresult *db_result(const struct db *db, size_t index);

/* One statement as its own transaction: begin, send, end. */
int db_run(struct db *db, size_t statement, const struct db_args *args, int timeout_ms,
           const PGresult **ret_result);

/* Whether this error closed the connection, so that the outcome of a COMMIT is unknown. */
static inline bool db_is_lost(int r)
{
    return r == -ENOTCONN || r == -ETIMEDOUT;
}
const char *db_sqlstate(const struct db *db); /* of the last -ECANCELED, "" otherwise */
const char *db_error(const struct db *db); /* one line for the log; may name the host, never the password */

/* One array parameter with an element for each of `count` structs behind `first` that `condition` accepts;
 * `add` adds it. `item` is the loop's pointer. For columns that are computed: proto/row.h adds those that are
 * declared. */
#define DB_ARGS_COLUMN(args, item, first, count, condition, add)                                             \
    do {                                                                                                     \
        db_args_array_begin(args);                                                                           \
        item = (first);                                                                                      \
        for (size_t left_ = (count); left_ > 0; left_--, item++) {                                           \
            if (condition)                                                                                   \
                add;                                                                                         \
        }                                                                                                    \
        db_args_array_end(args);                                                                             \
    } while (0)

/* Readers of a result. They assert row and column; a NULL or ill-formed value reads as zero, nil, "" (SQL and
 * schema are ours, tests cover them); db_is_null tells. */
bool db_is_null(const PGresult *result, int row, int column);
int64_t db_get_i64(const PGresult *result, int row, int column);
bool db_get_bool(const PGresult *result, int row, int column);
struct decimal db_get_decimal(const PGresult *result, int row, int column);
struct uuid db_get_uuid(const PGresult *result, int row, int column);
struct instant db_get_instant(const PGresult *result, int row, int column); /* from int8 microseconds */
const char *db_get_text(const PGresult *result, int row, int column);
/* The whole text as a number. -EINVAL, out of range included. */
int db_parse_i64(const char *text, size_t length, int64_t *ret_value);
/* Copies a bytea into buffer[max]; returns its length, or -ENOBUFS when it does not fit. */
int db_get_bytes(const PGresult *result, int row, int column, uint8_t *buffer, size_t max);

#endif
