/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/log_store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/row.h"

#include "log_sql.h"

enum {
    STATEMENT_MS = 10000,
    ROW_BYTES_MAX = 4 * 1024 * 1024, /* of one outbox row; a larger one is put aside */
    BATCH_BYTES_MAX = 1024 * 1024,   /* of the rows of one transaction, the last one apart */
};

/* One taken outbox row. */
struct row {
    int64_t id;
    int index;         /* in the result */
    const char *fault; /* why it is put aside; NULL: it is in the sequence */
};

struct log_store {
    struct db *db;
    int64_t epoch;
    struct event_batch *batch; /* a decoded row */
    uint8_t *bytes;            /* ROW_BYTES_MAX */
    struct row *rows;
    size_t rows_capacity;
};

int log_store_open_db(const char *conninfo, const char *process, struct db **ret_db)
{
    return db_create(conninfo, process, statements, ARRAY_LEN(statements), ret_db);
}

int log_store_create(struct db *db, struct log_store **ret_store)
{
    CLEANUP(log_store_destroy) struct log_store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        return -ENOMEM;
    store->db = db;
    store->batch = calloc(1, sizeof(*store->batch));
    store->bytes = malloc(ROW_BYTES_MAX);
    if (store->batch == NULL || store->bytes == NULL)
        return -ENOMEM;
    *ret_store = store;
    store = NULL;
    return 0;
}

void log_store_destroy(struct log_store **store)
{
    if (*store == NULL)
        return;
    free((*store)->batch);
    free((*store)->bytes);
    free((*store)->rows);
    free(*store);
    *store = NULL;
}

int log_store_begin_session(struct log_store *store)
{
    return db_run(store->db, SQL_SESSION, NULL, STATEMENT_MS, NULL);
}

int log_store_take_over(struct log_store *store, bool *ret_active)
{
    const PGresult *result = NULL;
    int r = db_run(store->db, SQL_TRY_LOCK, NULL, STATEMENT_MS, &result);

    if (r < 0)
        return r;
    if (!db_get_bool(result, 0, 0)) {
        *ret_active = false;
        return 0;
    }
    int64_t made = 0;
    r = log_store_make_partitions(store, &made);
    if (r == 0)
        r = db_run(store->db, SQL_TAKE_OVER, NULL, STATEMENT_MS, &result);
    if (r < 0)
        return r;
    if (PQntuples(result) != 1)
        return -EUCLEAN;
    store->epoch = db_get_i64(result, 0, 0);
    *ret_active = true;
    return 0;
}

int64_t log_store_epoch(const struct log_store *store)
{
    return store->epoch;
}

int log_store_beat(struct log_store *store, const char *process)
{
    struct db_args *args = db_args_begin(store->db);

    db_args_text(args, process);
    return db_run(store->db, SQL_BEAT, args, STATEMENT_MS, NULL);
}

int log_store_evict(struct log_store *store, int64_t age_ms, size_t *ret_evicted)
{
    struct db_args *args = db_args_begin(store->db);
    const PGresult *result = NULL;

    db_args_i64(args, age_ms);
    int r = db_run(store->db, SQL_EVICT, args, STATEMENT_MS, &result);
    if (r == 0)
        *ret_evicted = (size_t)PQntuples(result);
    return r;
}

int log_store_make_partitions(struct log_store *store, int64_t *ret_made)
{
    const PGresult *result = NULL;
    int r = db_run(store->db, SQL_MAKE_PARTITIONS, NULL, STATEMENT_MS, &result);

    if (r == 0)
        *ret_made = db_get_i64(result, 0, 0);
    return r;
}

/* Where the log ends, from the row that this transaction has locked. */
static int read_state(const PGresult *result, struct sequence_state *ret_state)
{
    struct sequence_state state = {0};
    uint8_t frontier[MERKLE_SERIALISED_MAX];

    if (PQntuples(result) == 0)
        return -ESTALE;
    state.next_log_seq = (uint64_t)db_get_i64(result, 0, 0);
    state.last_recorded_at = db_get_instant(result, 0, 2);
    int length = db_get_bytes(result, 0, 1, frontier, sizeof(frontier));
    if (length < 0)
        return -EUCLEAN;
    /* The empty frontier is that of the empty log, as the migration writes it. */
    if (length > 0 && merkle_parse(frontier, (size_t)length, &state.tree) < 0)
        return -EUCLEAN;
    if (state.tree.size + 1 != state.next_log_seq)
        return -EUCLEAN;
    *ret_state = state;
    return 0;
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    return (a->id > b->id) - (a->id < b->id);
}

/* The rows of the result by id: DELETE … RETURNING keeps no order. */
static int sort_rows(struct log_store *store, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);

    if (count > store->rows_capacity) {
        struct row *rows = realloc(store->rows, count * sizeof(*rows));
        if (rows == NULL)
            return -ENOMEM;
        store->rows = rows;
        store->rows_capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        store->rows[i] = (struct row){.id = db_get_i64(result, (int)i, 0), .index = (int)i};
    qsort(store->rows, count, sizeof(*store->rows), compare_rows);
    return 0;
}

/* Adds the event of a row that a change by operations left, or says why it cannot be read. */
static int read_operation(const PGresult *result, struct row *row, struct sequence *sequence)
{
    struct event event;

    if (!row_read_one(result, row->index, &schema_event, &event)) {
        row->fault = "not an operation";
        return 0;
    }
    return sequence_add(sequence, &event, 1);
}

/* Adds the events of one row, or says why it cannot be read. */
static int read_row(struct log_store *store, const PGresult *result, struct row *row,
                    struct sequence *sequence)
{
    struct envelope envelope;

    row->fault = NULL;
    if (db_is_null(result, row->index, 1))
        return read_operation(result, row, sequence);
    int length = db_get_bytes(result, row->index, 1, store->bytes, ROW_BYTES_MAX);
    if (length < 0) {
        row->fault = "too long";
        return 0;
    }
    int r = event_batch_decode(store->bytes, (size_t)length, &envelope, store->batch);
    if (r == 0)
        r = sequence_add(sequence, store->batch->events, store->batch->events_count);
    if (r == -EBADMSG || r == -EPROTONOSUPPORT)
        row->fault = "not an EVENT_BATCH";
    else
        return r;
    return 0;
}

static int read_rows(struct log_store *store, const PGresult *result, size_t rows_max,
                     struct sequence *sequence, struct log_store_moved *moved)
{
    int r = sort_rows(store, result);

    moved->rows = (size_t)PQntuples(result);
    size_t bytes = 0;
    for (size_t i = 0; r == 0 && i < moved->rows; i++) {
        struct row *row = &store->rows[i];
        int64_t age_us = db_get_i64(result, row->index, 2);
        if (age_us > moved->oldest_us)
            moved->oldest_us = age_us;
        r = read_row(store, result, row, sequence);
        if (r == 0 && row->fault != NULL)
            moved->put_aside++;
        bytes += (size_t)PQgetlength(result, row->index, 1) / 2; /* in hex */
    }
    moved->more = moved->rows == rows_max || bytes >= BATCH_BYTES_MAX;
    return r;
}

/* The first part of the transaction: locks the end of the log, takes rows. */
static int take_rows(struct log_store *store, size_t rows_max, struct sequence *sequence,
                     struct sequence_state *ret_state, struct log_store_moved *moved,
                     const PGresult **ret_rows)
{
    int r = db_pipeline_begin(store->db);

    if (r < 0)
        return r;
    (void)db_send(store->db, SQL_BEGIN, NULL);
    struct db_args *args = db_args_begin(store->db);
    db_args_i64(args, store->epoch);
    int state = db_send(store->db, SQL_LOCK_STATE, args);
    args = db_args_begin(store->db);
    db_args_i64(args, (int64_t)rows_max);
    db_args_i64(args, BATCH_BYTES_MAX);
    int rows = db_send(store->db, SQL_TAKE_ROWS, args);
    r = db_pipeline_end(store->db, STATEMENT_MS);
    if (r < 0)
        return r;
    r = read_state(db_result(store->db, (size_t)state), ret_state);
    if (r == 0)
        r = read_rows(store, db_result(store->db, (size_t)rows), rows_max, sequence, moved);
    *ret_rows = db_result(store->db, (size_t)rows);
    return r;
}

/* What is put aside keeps its bytes (in hex), or the operation, for people to look at. One array of texts. */
static void add_details(struct log_store *store, struct db_args *args, const PGresult *rows, size_t count)
{
    struct buffer detail = BUFFER_INIT(0);

    db_args_array_begin(args);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &store->rows[i];
        if (row->fault == NULL)
            continue;
        buffer_clear(&detail);
        buffer_append_format(&detail, "outbox row %lld: %s: ", (long long)row->id, row->fault);
        buffer_append_text(&detail, db_get_text(rows, row->index, db_is_null(rows, row->index, 1) ? 3 : 1));
        db_args_text_n(args, detail.data, detail.length);
    }
    db_args_array_end(args);
    buffer_release(&detail);
}

static void add_traders(struct db_args *args, const struct sequence *sequence)
{
    const struct sequence_trader *trader, *all = sequence->traders;

    DB_ARGS_COLUMN(args, trader, all, sequence->trader_count, true, db_args_uuid(args, trader->id));
    DB_ARGS_COLUMN(args, trader, all, sequence->trader_count, true,
                   db_args_i64(args, (int64_t)trader->added));
}

static int read_traders(const PGresult *result, struct sequence *sequence)
{
    for (int i = 0; i < PQntuples(result); i++)
        if (sequence_set_last(sequence, db_get_uuid(result, i, 0), (uint64_t)db_get_i64(result, i, 1)) < 0)
            return -EUCLEAN;
    return 0;
}

/* The second part: reserves the traders' numbers, puts aside what cannot be read. `rows` ends here. */
static int number_traders(struct log_store *store, const PGresult *rows, struct sequence *sequence,
                          const struct log_store_moved *moved)
{
    int raised = -1;

    if (moved->put_aside == 0 && sequence->trader_count == 0)
        return 0;
    struct db_args *args = db_args_begin(store->db);
    if (moved->put_aside > 0)
        add_details(store, args, rows, moved->rows);
    int r = db_pipeline_begin(store->db);
    if (r < 0)
        return r;
    if (moved->put_aside > 0)
        (void)db_send(store->db, SQL_PUT_ASIDE, args);
    if (sequence->trader_count > 0) {
        args = db_args_begin(store->db);
        add_traders(args, sequence);
        raised = db_send(store->db, SQL_RAISE_TRADERS, args);
    }
    r = db_pipeline_end(store->db, STATEMENT_MS);
    if (r == 0 && raised >= 0)
        r = read_traders(db_result(store->db, (size_t)raised), sequence);
    return r;
}

static void add_entries(struct db_args *args, const struct sequence *sequence)
{
    static const struct schema_field fields[] = {
        ROW_FLAGGED(struct audit_entry, trader_seq, has_trader_seq, trader_seq)};
    static const struct schema_record record = ROW_RECORD(struct audit_entry, fields);
    const struct audit_entry *entries = sequence->entries;
    const uint8_t(*hash)[AUDIT_LEAF_HASH_BYTES];

    db_args_i64(args, (int64_t)entries[0].log_seq);
    db_args_instant(args, entries[0].recorded_at);
    (void)row_add_columns(args, &schema_event, &entries[0].event, sizeof(*entries), sequence->count, NULL);
    (void)row_add_columns(args, &record, entries, sizeof(*entries), sequence->count, NULL);
    DB_ARGS_COLUMN(args, hash, sequence->hashes, sequence->count, true,
                   db_args_bytes(args, *hash, sizeof(*hash)));
}

static void add_state(struct db_args *args, int64_t epoch, const struct sequence_state *state)
{
    uint8_t frontier[MERKLE_SERIALISED_MAX];
    size_t length = merkle_serialise(&state->tree, frontier);

    db_args_i64(args, epoch);
    db_args_i64(args, (int64_t)state->next_log_seq);
    db_args_bytes(args, frontier, length);
    db_args_instant(args, state->last_recorded_at);
}

/* The last part: writes the entries and the new end of the log, commits. */
static int write_entries(struct log_store *store, const struct sequence *sequence,
                         const struct sequence_state *state)
{
    struct db_args *args = db_args_begin(store->db);

    if (sequence->count > 0)
        add_entries(args, sequence);
    int r = db_pipeline_begin(store->db);
    if (r < 0)
        return r;
    if (sequence->count > 0) {
        (void)db_send(store->db, SQL_WRITE_ENTRIES, args);
        args = db_args_begin(store->db);
        add_state(args, store->epoch, state);
        (void)db_send(store->db, SQL_SAVE_STATE, args);
    }
    (void)db_send(store->db, SQL_COMMIT, NULL);
    return db_pipeline_end(store->db, STATEMENT_MS);
}

int log_store_move(struct log_store *store, size_t rows_max, struct sequence *sequence,
                   struct log_store_moved *ret_moved)
{
    struct log_store_moved moved = {0};
    struct sequence_state state;
    const PGresult *rows = NULL;
    int64_t started_us = clock_monotonic_us();

    sequence_clear(sequence);
    int r = take_rows(store, rows_max, sequence, &state, &moved, &rows);
    int64_t taken_us = clock_monotonic_us();
    if (r == 0)
        r = number_traders(store, rows, sequence, &moved);
    if (r == 0)
        r = sequence_assign(sequence, &state, clock_now());
    if (r == 0)
        r = write_entries(store, sequence, &state);
    if (r < 0) {
        sequence_clear(sequence);
        /* Whatever is still open is rolled back: by the server when the connection is gone. */
        if (r != -ECANCELED && db_connected(store->db))
            (void)db_run(store->db, SQL_ROLLBACK, NULL, STATEMENT_MS, NULL);
        return r;
    }
    moved.take_us = taken_us - started_us;
    moved.commit_us = clock_monotonic_us() - taken_us;
    *ret_moved = moved;
    return 0;
}
