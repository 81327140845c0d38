/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-audit-writer as a process, against a real PostgreSQL: whatever dies, the log gets every event once.
 *
 * Long: one process and one database serve all cases. */
#include <criterion/criterion.h>
#include <errno.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/db.h"
#include "common/pipe.h"
#include "proto/audit_leaf.h"
#include "proto/merkle.h"
#include "proto/proto.h"
#include "tests/support/audit_key.h"
#include "tests/support/port.h"
#include "tests/support/postgres.h"
#include "tests/support/process.h"
#include "tests/support/schema.h"

enum {
    WRITERS_MAX = 2,
    TRADERS = 7,
    EVENTS_MAX = 80000,
    WAIT_MS = 30000,
    POLL_MS = 5,
};

struct rig {
    char directory[64];
    struct postgres *postgres;
    PGconn *connection;
    struct pipe_context *context;
    struct pipe *broadcast; /* where the status-broadcaster would be */
    pid_t writers[WRITERS_MAX];
    struct uuid_source ids;
    struct event_batch *batch;
    struct logged_events *logged;
    struct uuid sent[EVENTS_MAX]; /* event ids in the order of their outbox rows */
    size_t sent_count;
};

/* --- what is started and ended --- */

static void connect_rig(struct rig *rig)
{
    PQfinish(rig->connection);
    rig->connection = PQconnectdb(postgres_conninfo(rig->postgres));
    cr_assert_eq(PQstatus(rig->connection), CONNECTION_OK, "%s", PQerrorMessage(rig->connection));
}

static struct rig *rig_start(void)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    char endpoint[128];

    cr_assert_not_null(rig);
    rig->batch = calloc(1, sizeof(*rig->batch));
    rig->logged = calloc(1, sizeof(*rig->logged));
    (void)snprintf(rig->directory, sizeof(rig->directory), "/tmp/oxe-audit-XXXXXX");
    cr_assert_not_null(mkdtemp(rig->directory));
    cr_assert_eq(postgres_start(&rig->postgres), 0);
    cr_assert_eq(schema_apply(postgres_conninfo(rig->postgres), OXE_SOURCE_ROOT), 0);
    connect_rig(rig);
    cr_assert_eq(pipe_context_create(NULL, &rig->context), 0);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/broadcast", rig->directory);
    cr_assert_eq(pipe_bind(rig->context, PIPE_PULL, endpoint, 0, &rig->broadcast), 0);
    return rig;
}

static void writer_end(struct rig *rig, int writer, int signal)
{
    if (rig->writers[writer] <= 0)
        return;
    (void)kill(rig->writers[writer], signal);
    int status = process_wait(rig->writers[writer]);
    if (signal == SIGTERM)
        cr_expect_eq(status, 0, "the audit-writer ended with %d", status);
    rig->writers[writer] = 0;
}

static void rig_stop(struct rig **rig)
{
    for (int i = 0; i < WRITERS_MAX; i++)
        writer_end(*rig, i, SIGKILL);
    PQfinish((*rig)->connection);
    pipe_destroy(&(*rig)->broadcast);
    pipe_context_destroy(&(*rig)->context);
    postgres_stop(&(*rig)->postgres);
    process_remove_tree((*rig)->directory);
    free((*rig)->batch);
    free((*rig)->logged);
    free(*rig);
}

static void writer_start(struct rig *rig, int writer)
{
    const char *const argv[] = {getenv("OXE_AUDIT_WRITER_BINARY"), NULL};
    char text[512];

    cr_assert_not_null(argv[0], "OXE_AUDIT_WRITER_BINARY must name the program");
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", port_free());
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)snprintf(text, sizeof(text), "%d", writer);
    (void)setenv("OXE_INSTANCE", text, 1);
    (void)snprintf(text, sizeof(text), "%s user=oxe_audit", postgres_conninfo(rig->postgres));
    (void)setenv("OXE_DATABASE", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/wake-%d", rig->directory, writer);
    (void)setenv("OXE_AUDIT_BIND", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/broadcast", rig->directory);
    (void)setenv("OXE_BROADCASTER", text, 1);
    audit_key_set(rig->directory);
    (void)snprintf(text, sizeof(text), "%s/writer-%d.log", rig->directory, writer);
    rig->writers[writer] = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(rig->writers[writer], 0);
}

/* --- the database --- */

static PGresult *query(struct rig *rig, const char *sql)
{
    PGresult *result = PQexec(rig->connection, sql);
    ExecStatusType status = PQresultStatus(result);

    cr_assert(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "%s: %s", sql,
              PQerrorMessage(rig->connection));
    return result;
}

static int64_t number(struct rig *rig, const char *sql)
{
    PGresult *result = query(rig, sql);

    cr_assert_eq(PQntuples(result), 1, "%s", sql);
    int64_t value = db_get_i64(result, 0, 0);
    PQclear(result);
    return value;
}

static void await_number(struct rig *rig, const char *sql, int64_t expected)
{
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000LL;
    int64_t value;

    while ((value = number(rig, sql)) != expected) {
        cr_assert_lt(clock_monotonic_us(), deadline_us, "%s stays %lld, not %lld", sql, (long long)value,
                     (long long)expected);
        (void)poll(NULL, 0, POLL_MS);
    }
}

static void await_log(struct rig *rig)
{
    await_number(rig, "SELECT count(*) FROM oxe.outbox", 0);
    await_number(rig, "SELECT next_log_seq - 1 FROM oxe.audit_state", (int64_t)rig->sent_count);
}

/* --- events --- */

static struct uuid trader_id(unsigned trader)
{
    struct uuid id = {{1, 2, 3}};

    id.bytes[15] = (uint8_t)(trader + 1);
    return id;
}

static struct decimal decimal(const char *text)
{
    struct decimal value;

    cr_assert_eq(decimal_parse(text, strlen(text), &value), 0);
    return value;
}

/* Of several shapes, so that every column is at times NULL and at times not. */
static struct event make_event(struct rig *rig)
{
    unsigned shape = (unsigned)(rig->sent_count % 11);
    struct event event = {
        .event_id = uuid_next(&rig->ids, clock_now()),
        .action = shape == 10 ? AUDIT_ACTION_HALTED : (enum audit_action)(shape + 1),
        .actor = "risk-manager",
        .occurred_at = clock_now(),
    };

    rig->sent[rig->sent_count] = event.event_id;
    if (shape == 10)
        return event;
    event.has_order_id = event.has_trader_id = event.has_status = event.has_execution_state = event.has_side =
        true;
    event.order_id = event.event_id;
    event.trader_id = trader_id((unsigned)(rig->sent_count * 31 % TRADERS));
    event.status = ORDER_STATUS_PARTIAL;
    event.execution_state = EXECUTION_STATE_WORKING;
    event.side = SIDE_SELL;
    (void)snprintf(event.symbol, sizeof(event.symbol), "AAPL");
    event.has_quantity = event.has_price = shape > 2;
    event.quantity = decimal("12345678901.00000001");
    event.price = decimal("-0.1");
    if (shape != 4)
        return event;
    event.has_total_filled = event.has_average_price = event.has_trace_id = true;
    event.total_filled = decimal("50");
    event.average_price = decimal("150.45");
    memset(event.trace_id, 0xa5, sizeof(event.trace_id));
    (void)snprintf(event.venue, sizeof(event.venue), "SIM");
    (void)snprintf(event.venue_exec_id, sizeof(event.venue_exec_id), "E-%zu", rig->sent_count);
    (void)snprintf(event.reason, sizeof(event.reason), "NULL");
    (void)snprintf(event.message, sizeof(event.message), "quoted \"%zu\", \\ {braces}, \xc3\xbc, and a\nline",
                   rig->sent_count);
    return event;
}

static void insert_bytes(struct rig *rig, const void *bytes, size_t length)
{
    const char *const values[] = {bytes};
    const int lengths[] = {(int)length}, formats[] = {1};
    PGresult *result = PQexecParams(rig->connection, "INSERT INTO oxe.outbox (batch) VALUES ($1)", 1, NULL,
                                    values, lengths, formats, 0);

    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s", PQerrorMessage(rig->connection));
    PQclear(result);
}

/* One outbox row of so many events. */
static void insert_row(struct rig *rig, size_t events)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    const struct envelope envelope = {.id = uuid_next(&rig->ids, clock_now()), .sent_at = clock_now()};

    rig->batch->events_count = 0;
    for (size_t i = 0; i < events; i++, rig->sent_count++) {
        cr_assert_lt(rig->sent_count, EVENTS_MAX);
        rig->batch->events[rig->batch->events_count++] = make_event(rig);
    }
    cr_assert_eq(event_batch_encode(&envelope, rig->batch, &bytes), 0);
    insert_bytes(rig, bytes.data, bytes.length);
}

static void insert_rows(struct rig *rig, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        insert_row(rig, 1 + i % 9);
}

/* --- the log --- */

static const char select_log[] = "SELECT log_seq, event_id, order_id, trader_id, trader_seq, action, status, "
                                 "execution_state, symbol, side, quantity, price, "
                                 "total_filled, average_price, venue, venue_exec_id, reason, message, actor, "
                                 "trace_id, oxe.us(\"timestamp\"), "
                                 "oxe.us(recorded_at), leaf_hash FROM oxe.execution_logs ORDER BY log_seq";

static void copy_text(char *to, size_t max, const PGresult *result, int row, int column)
{
    (void)snprintf(to, max, "%s", db_get_text(result, row, column));
}

static void read_figures(const PGresult *result, int row, struct event *event)
{
    event->has_quantity = !db_is_null(result, row, 10);
    event->quantity = db_get_decimal(result, row, 10);
    event->has_price = !db_is_null(result, row, 11);
    event->price = db_get_decimal(result, row, 11);
    event->has_total_filled = !db_is_null(result, row, 12);
    event->total_filled = db_get_decimal(result, row, 12);
    event->has_average_price = !db_is_null(result, row, 13);
    event->average_price = db_get_decimal(result, row, 13);
    event->has_trace_id = !db_is_null(result, row, 19);
    if (event->has_trace_id)
        cr_assert_eq(db_get_bytes(result, row, 19, event->trace_id, sizeof(event->trace_id)), TRACE_ID_BYTES);
}

static void read_words(const PGresult *result, int row, struct event *event)
{
    const char *text = db_get_text(result, row, 5);

    cr_assert_eq(audit_action_parse(text, strlen(text), &event->action), 0);
    text = db_get_text(result, row, 6);
    event->has_status = order_status_parse(text, strlen(text), &event->status) == 0;
    text = db_get_text(result, row, 7);
    event->has_execution_state = execution_state_parse(text, strlen(text), &event->execution_state) == 0;
    text = db_get_text(result, row, 9);
    event->has_side = side_parse(text, strlen(text), &event->side) == 0;
    copy_text(event->symbol, sizeof(event->symbol), result, row, 8);
    copy_text(event->venue, sizeof(event->venue), result, row, 14);
    copy_text(event->venue_exec_id, sizeof(event->venue_exec_id), result, row, 15);
    copy_text(event->reason, sizeof(event->reason), result, row, 16);
    copy_text(event->message, sizeof(event->message), result, row, 17);
    copy_text(event->actor, sizeof(event->actor), result, row, 18);
}

static struct audit_entry read_entry(const PGresult *result, int row)
{
    struct audit_entry entry = {
        .log_seq = (uint64_t)db_get_i64(result, row, 0),
        .has_trader_seq = !db_is_null(result, row, 4),
        .trader_seq = (uint64_t)db_get_i64(result, row, 4),
        .recorded_at = db_get_instant(result, row, 21),
        .event = {.event_id = db_get_uuid(result, row, 1),
                  .has_order_id = !db_is_null(result, row, 2),
                  .order_id = db_get_uuid(result, row, 2),
                  .has_trader_id = !db_is_null(result, row, 3),
                  .trader_id = db_get_uuid(result, row, 3),
                  .occurred_at = db_get_instant(result, row, 20)},
    };

    read_words(result, row, &entry.event);
    read_figures(result, row, &entry.event);
    return entry;
}

static void expect_frontier(struct rig *rig, const struct merkle *tree)
{
    uint8_t expected[MERKLE_SERIALISED_MAX], found[MERKLE_SERIALISED_MAX];
    size_t length = merkle_serialise(tree, expected);
    PGresult *result = query(rig, "SELECT frontier FROM oxe.audit_state");

    cr_expect_eq(db_get_bytes(result, 0, 0, found, sizeof(found)), (int)length);
    cr_expect_arr_eq(found, expected, length);
    PQclear(result);
}

/* Every event that was sent is in the log once, in order, numbered without a gap, and the hashes are those of
 * the rows. */
static void expect_log(struct rig *rig)
{
    uint64_t trader_seqs[TRADERS + 1] = {0};
    struct merkle tree = {0};
    int64_t recorded_us = 0;
    PGresult *result = query(rig, select_log);

    cr_assert_eq((size_t)PQntuples(result), rig->sent_count);
    for (int i = 0; i < PQntuples(result); i++) {
        struct audit_entry entry = read_entry(result, i);
        uint8_t hash[AUDIT_LEAF_HASH_BYTES], stored[AUDIT_LEAF_HASH_BYTES];
        cr_assert_eq(entry.log_seq, (uint64_t)i + 1);
        cr_assert_eq(uuid_compare(entry.event.event_id, rig->sent[i]), 0, "entry %d is another event", i + 1);
        cr_assert_eq(entry.has_trader_seq, entry.event.has_trader_id);
        if (entry.has_trader_seq)
            cr_assert_eq(entry.trader_seq, ++trader_seqs[entry.event.trader_id.bytes[15]]);
        cr_assert_geq(entry.recorded_at.us, recorded_us);
        recorded_us = entry.recorded_at.us;
        cr_assert_eq(audit_leaf_hash(&entry, hash), 0);
        cr_assert_eq(db_get_bytes(result, i, 22, stored, sizeof(stored)), AUDIT_LEAF_HASH_BYTES);
        cr_assert_arr_eq(stored, hash, sizeof(hash), "entry %d has another hash", i + 1);
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    PQclear(result);
    expect_frontier(rig, &tree);
    cr_expect_eq(number(rig, "SELECT coalesce(sum(last_seq), 0) FROM oxe.audit_traders"),
                 number(rig, "SELECT count(trader_seq) FROM oxe.execution_logs"));
}

static const char count_active[] = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";

/* --- the facts --- */

Test(audit_writer, outbox_rows_become_a_log_without_gaps)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    insert_row(rig, 1024);
    insert_rows(rig, 700);
    writer_start(rig, 0);
    insert_rows(rig, 300);
    await_log(rig);
    expect_log(rig);
    writer_end(rig, 0, SIGTERM);
}

Test(audit_writer, a_wake_is_quicker_than_the_sweep)
{
    enum { ROUNDS = 10, LIMIT_US = ROUNDS * 1000000 / 2 }; /* a sweep a second would need all of them */
    CLEANUP(rig_stop) struct rig *rig = rig_start();
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    CLEANUP(pipe_destroy) struct pipe *wake = NULL;
    const struct envelope envelope = {.id = trader_id(1), .sent_at = clock_now()};
    char endpoint[128];

    writer_start(rig, 0);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/wake-0", rig->directory);
    cr_assert_eq(pipe_connect(rig->context, PIPE_PUSH, endpoint, 0, &wake), 0);
    cr_assert_eq(outbox_wake_encode(&envelope, &(struct outbox_wake){}, &bytes), 0);
    while (pipe_send(wake, bytes.data, bytes.length) == -EAGAIN)
        (void)poll(NULL, 0, POLL_MS);
    await_number(rig, count_active, 1);
    int64_t started_us = clock_monotonic_us();
    for (int i = 0; i < ROUNDS; i++) {
        insert_row(rig, 2);
        cr_assert_eq(pipe_send(wake, bytes.data, bytes.length), 0);
        await_log(rig);
    }
    cr_expect_lt(clock_monotonic_us() - started_us, LIMIT_US);
    expect_log(rig);
}

Test(audit_writer, recorded_events_are_pushed_in_log_order)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();
    const uint8_t *bytes;
    size_t length, received = 0;
    struct envelope envelope;

    writer_start(rig, 0);
    await_number(rig, count_active, 1);
    insert_row(rig, 1024);
    insert_rows(rig, 100);
    while (received < rig->sent_count) {
        cr_assert_gt(pipe_poll(&rig->broadcast, 1, NULL, 0, WAIT_MS, NULL), 0, "%zu of %zu came", received,
                     rig->sent_count);
        while (pipe_receive(rig->broadcast, &bytes, &length) == 0) {
            cr_assert_eq(logged_events_decode(bytes, length, &envelope, rig->logged), 0);
            for (size_t i = 0; i < rig->logged->events_count; i++, received++) {
                cr_assert_eq(rig->logged->events[i].log_seq, received + 1);
                cr_assert_eq(uuid_compare(rig->logged->events[i].event.event_id, rig->sent[received]), 0);
            }
        }
    }
    cr_expect_eq(number(rig, "SELECT count(*) FROM oxe.execution_logs"), (int64_t)received);
}

Test(audit_writer, kill_9_in_the_middle_of_load_loses_and_repeats_nothing)
{
    enum { ROUNDS = 12 };
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    for (int i = 0; i < ROUNDS; i++) {
        writer_start(rig, 0);
        insert_rows(rig, 100);
        await_number(rig, "SELECT (next_log_seq > 1)::int FROM oxe.audit_state", 1);
        insert_rows(rig, (size_t)(10 + 7 * i));
        writer_end(rig, 0, SIGKILL);
    }
    writer_start(rig, 0);
    await_log(rig);
    expect_log(rig);
    cr_expect_geq(number(rig, "SELECT epoch FROM oxe.audit_state"), 2);
}

/* Holds a table so that the writer's transaction stops half-way, kills the writer there, lets go. */
static void kill_at(struct rig *rig, const char *lock)
{
    PGconn *holder = PQconnectdb(postgres_conninfo(rig->postgres));

    cr_assert_eq(PQstatus(holder), CONNECTION_OK);
    PQclear(PQexec(holder, "BEGIN"));
    PGresult *result = PQexec(holder, lock);
    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s: %s", lock, PQerrorMessage(holder));
    PQclear(result);
    insert_rows(rig, 50);
    await_number(
        rig, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oxe_audit' AND wait_event_type = 'Lock'",
        1);
    writer_end(rig, 0, SIGKILL);
    writer_start(rig, 0);
    insert_rows(rig, 50);
    PQfinish(holder);
    await_log(rig);
    expect_log(rig);
}

/* The second and third lock stop it after rows were taken, and with the COMMIT already on its way. */
Test(audit_writer, kill_9_within_a_transaction_loses_and_repeats_nothing)
{
    static const char *const locks[] = {
        "LOCK TABLE oxe.audit_state IN SHARE MODE",
        "LOCK TABLE oxe.audit_traders IN SHARE MODE",
        "LOCK TABLE oxe.execution_logs IN SHARE MODE",
    };
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    writer_start(rig, 0);
    await_number(rig, count_active, 1);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < ARRAY_LEN(locks); i++)
            kill_at(rig, locks[i]);
}

Test(audit_writer, one_of_two_is_active_and_the_other_takes_over)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    writer_start(rig, 0);
    await_number(rig, "SELECT epoch FROM oxe.audit_state", 1);
    writer_start(rig, 1);
    await_number(rig, "SELECT count(*) FROM oxe.heartbeats", 2);
    for (int i = 0; i < 6; i++) {
        int active = i % 2;
        insert_rows(rig, 60);
        cr_expect_eq(number(rig, "SELECT epoch FROM oxe.audit_state"), i + 1, "the standby interfered");
        cr_expect_eq(number(rig, count_active), 1);
        writer_end(rig, active, i < 4 ? SIGKILL : SIGTERM);
        await_number(rig, "SELECT epoch FROM oxe.audit_state", i + 2);
        writer_start(rig, active);
    }
    await_log(rig);
    expect_log(rig);
}

Test(audit_writer, a_terminated_session_is_taken_anew)
{
    enum { ROUNDS = 20 };
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    writer_start(rig, 0);
    for (int i = 0; i < ROUNDS; i++) {
        await_number(rig, count_active, 1);
        insert_rows(rig, (size_t)(5 + i));
        PQclear(
            query(rig, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oxe_audit'"));
        insert_rows(rig, 5);
    }
    await_log(rig);
    expect_log(rig);
}

Test(audit_writer, a_crash_of_the_database_is_survived)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    writer_start(rig, 0);
    insert_rows(rig, 100);
    postgres_crash(rig->postgres);
    cr_assert_eq(postgres_resume(rig->postgres), 0);
    connect_rig(rig);
    insert_rows(rig, 100);
    await_log(rig);
    expect_log(rig);
}

Test(audit_writer, a_frozen_one_is_replaced_and_does_no_harm_when_it_thaws)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    writer_start(rig, 0);
    await_number(rig, "SELECT epoch FROM oxe.audit_state", 1);
    writer_start(rig, 1);
    await_number(rig, "SELECT count(*) FROM oxe.heartbeats", 2);
    insert_rows(rig, 50);
    cr_assert_eq(kill(rig->writers[0], SIGSTOP), 0);
    insert_rows(rig, 50);
    await_number(rig, "SELECT epoch FROM oxe.audit_state", 2);
    cr_assert_eq(kill(rig->writers[0], SIGCONT), 0);
    insert_rows(rig, 50);
    await_log(rig);
    /* It beats again, on a session of its own, and leaves the lock alone. */
    await_number(
        rig, "SELECT count(*) FROM oxe.heartbeats WHERE beat_at > clock_timestamp() - interval '1.5 seconds'",
        2);
    insert_rows(rig, 50);
    await_log(rig);
    expect_log(rig);
    cr_expect_eq(number(rig, "SELECT epoch FROM oxe.audit_state"), 2);
}

Test(audit_writer, what_cannot_be_read_is_put_aside_and_blocks_nothing)
{
    static const char garbage[] = "this is no msgpack";
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    insert_rows(rig, 3);
    insert_bytes(rig, garbage, sizeof(garbage) - 1);
    insert_rows(rig, 3);
    insert_bytes(rig, "", 0);
    insert_rows(rig, 3);
    writer_start(rig, 0);
    await_log(rig);
    expect_log(rig);
    cr_expect_eq(
        number(
            rig,
            "SELECT count(*) FROM oxe.put_aside WHERE service = 'audit-writer' AND kind = 'BAD_EVENT_BATCH'"),
        2);
    cr_expect_eq(
        number(rig, "SELECT count(*) FROM oxe.put_aside WHERE detail LIKE 'outbox row %: not an EVENT_BATCH: "
                    "\\\\x74686973206973206e6f206d73677061636b'"),
        1, "the bytes are not kept");
}

Test(audit_writer, a_backlog_is_emptied_without_waiting_for_sweeps)
{
    enum { ROWS = 60, ROW_EVENTS = 1024, LIMIT_US = 4000000 };
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    for (int i = 0; i < ROWS; i++)
        insert_row(rig, ROW_EVENTS); /* about 150 KB each: several transactions */
    int64_t started_us = clock_monotonic_us();
    writer_start(rig, 0);
    await_log(rig);
    cr_expect_lt(clock_monotonic_us() - started_us, LIMIT_US);
    cr_expect_geq(number(rig, "SELECT count(DISTINCT recorded_at) FROM oxe.execution_logs"), 5);
    expect_log(rig);
}

/* Its statements are planned while the outbox is empty, and known to be. */
Test(audit_writer, a_backlog_is_read_once)
{
    enum { ROWS = 4000 };
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    PQclear(query(rig, "VACUUM ANALYZE oxe.outbox"));
    writer_start(rig, 0);
    insert_row(rig, 1);
    await_log(rig);
    PQclear(query(rig, "VACUUM ANALYZE oxe.outbox"));
    insert_row(rig, 1);
    await_log(rig);
    PQclear(query(rig, "BEGIN"));
    for (int i = 0; i < ROWS; i++)
        insert_row(rig, 1);
    PQclear(query(rig, "COMMIT"));
    /* Not await_log, which looks at the outbox itself. */
    await_number(rig, "SELECT next_log_seq - 1 FROM oxe.audit_state", (int64_t)rig->sent_count);
    expect_log(rig);
    await_number(rig, "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'outbox'", ROWS + 2);
    int64_t looked_at =
        number(rig, "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'outbox'") +
        number(rig, "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'outbox'");
    /* In the index, and once more to be taken; some that are dead. */
    cr_expect_leq(looked_at, 2 * ROWS + ROWS / 2, "%lld rows looked at for %d", (long long)looked_at, ROWS);
}

Test(audit_writer, a_busy_one_is_not_taken_for_a_frozen_one)
{
    enum { PATIENCE_US = 5000000, ROWS = 15000 }; /* one transaction each: more than the standby's patience */
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    PQclear(query(rig, "BEGIN"));
    for (int i = 0; i < ROWS; i++)
        insert_row(rig, 1);
    (void)setenv("OXE_AUDIT_ROWS_MAX", "1", 1);
    writer_start(rig, 0);
    await_number(rig, count_active, 1);
    writer_start(rig, 1);
    await_number(rig, "SELECT count(*) FROM oxe.heartbeats", 2);
    PQclear(query(rig, "COMMIT"));
    int64_t began_us = clock_monotonic_us();
    await_log(rig);
    cr_expect_gt(clock_monotonic_us() - began_us, PATIENCE_US, "it was not busy for long enough");
    expect_log(rig);
    cr_expect_eq(number(rig, "SELECT epoch FROM oxe.audit_state"), 1);
}
