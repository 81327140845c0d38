/* SPDX-License-Identifier: Apache-2.0 */
/* The database layer against a PostgreSQL of its own: batches, failures in the middle, lost connections,
 * deadlines. Parameters and results: db_args_test.c.
 *
 * Long: one server, one connection and one set of statements serve all cases. */
#include "common/db.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/postgres.h"

enum { WAIT_MS = 10000 };

enum statement {
    BEGIN,
    COMMIT,
    INSERT,
    COUNT,
    FAIL,
    SLEEP,
    KILL_ME,
    BACKEND,
    ECHO,
    KILL_OTHER,
    KILL_AT_COMMIT,
    BLOB,
    MANY,
};

static const struct db_statement statements[] = {
    [BEGIN] = {"begin", "BEGIN"},
    [COMMIT] = {"commit", "COMMIT"},
    [INSERT] = {"insert", "INSERT INTO notes (id, text) SELECT * FROM unnest($1::int8[], $2::text[])"},
    [COUNT] = {"count", "SELECT count(*) FROM notes WHERE id BETWEEN $1::int8 AND $2::int8"},
    [FAIL] = {"fail", "SELECT 1 / $1::int8"},
    [SLEEP] = {"sleep", "SELECT pg_sleep($1::int8 / 1000.0)"},
    [KILL_ME] = {"kill_me", "SELECT pg_terminate_backend(pg_backend_pid())"},
    [BACKEND] = {"backend", "SELECT pg_backend_pid(), current_setting('application_name')"},
    [ECHO] = {"echo", "SELECT $1::text"},
    [KILL_OTHER] = {"kill_other", "SELECT pg_terminate_backend($1::int8::int)"},
    [KILL_AT_COMMIT] = {"kill_at_commit", "INSERT INTO doomed (id) VALUES ($1::int8)"},
    [BLOB] = {"blob", "SELECT repeat('x', 1000000), $1::text"},
    [MANY] = {"many", "SELECT g, repeat('y', 100) FROM generate_series(1, 20000) g"},
};

/* DOOMED: its session ends itself during COMMIT, after the deferred trigger. */
static const char schema[] =
    "CREATE TABLE notes (id int8 PRIMARY KEY, text text);"
    "CREATE TABLE doomed (id int8 PRIMARY KEY);"
    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$;"
    "CREATE CONSTRAINT TRIGGER doom AFTER INSERT ON doomed DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION die();";

static struct postgres *shared;

static int make_schema(const char *conninfo)
{
    PGconn *connection = PQconnectdb(conninfo);
    PGresult *result = PQexec(connection, schema);
    int r = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -EIO;

    if (r < 0)
        (void)fprintf(stderr, "%s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return r;
}

/* One server for all cases: they run in processes of their own and learn of it through the environment. */
ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    (void)tests;
    if (postgres_start(&shared) < 0 || make_schema(postgres_conninfo(shared)) < 0)
        exit(EXIT_FAILURE);
    (void)setenv("OXE_TEST_CONNINFO", postgres_conninfo(shared), 1);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
    (void)stats;
    postgres_stop(&shared);
}

static struct db *open_db_at(const char *conninfo)
{
    struct db *db = NULL;

    cr_assert_eq(db_create(conninfo, "db_test", statements, ARRAY_LEN(statements), &db), 0);
    int r = db_ensure(db, WAIT_MS);
    cr_assert_eq(r, 0, "%d: %s", r, db_error(db));
    return db;
}

static struct db *open_db(void)
{
    return open_db_at(getenv("OXE_TEST_CONNINFO"));
}

/* Sends an INSERT of one note. */
static int send_note(struct db *db, int64_t id, const char *text)
{
    struct db_args args = {.count = 0};

    db_args_array_begin(&args);
    db_args_i64(&args, id);
    db_args_array_end(&args);
    db_args_array_begin(&args);
    db_args_text(&args, text);
    db_args_array_end(&args);
    int r = db_send(db, INSERT, &args);
    db_args_release(&args);
    return r;
}

static int send_i64(struct db *db, enum statement statement, int64_t value)
{
    struct db_args args = {.count = 0};

    db_args_i64(&args, value);
    int r = db_send(db, statement, &args);
    db_args_release(&args);
    return r;
}

static int64_t count_notes(struct db *db, int64_t first, int64_t last)
{
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;

    db_args_i64(&args, first);
    db_args_i64(&args, last);
    int r = db_run(db, COUNT, &args, WAIT_MS, &result);
    db_args_release(&args);
    cr_assert_eq(r, 0, "%d: %s", r, db_error(db));
    return db_get_i64(result, 0, 0);
}

static int64_t backend_pid(struct db *db)
{
    const PGresult *result = NULL;

    cr_assert_eq(db_run(db, BACKEND, NULL, WAIT_MS, &result), 0);
    return db_get_i64(result, 0, 0);
}

Test(db, a_batch_is_one_transaction_with_a_result_for_each_statement)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    cr_assert_eq(db_pipeline_begin(db), 0);
    cr_expect_eq(db_send(db, BEGIN, NULL), 0);
    cr_expect_eq(send_note(db, 100, "a"), 1);
    cr_expect_eq(send_note(db, 101, "b"), 2);
    cr_expect_eq(db_send(db, BACKEND, NULL), 3);
    cr_expect_eq(db_send(db, COMMIT, NULL), 4);
    cr_assert_eq(db_pipeline_end(db, WAIT_MS), 0);
    cr_expect_str_eq(PQcmdTuples((PGresult *)db_result(db, 2)), "1");
    cr_expect_str_eq(db_get_text(db_result(db, 3), 0, 1), "db_test");
    cr_expect_null(db_result(db, 5));
    cr_expect_eq(count_notes(db, 100, 109), 2);
    cr_expect_str_empty(db_sqlstate(db));
}

Test(db, a_transaction_may_span_batches)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    CLEANUP(db_destroy) struct db *other = open_db();

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)db_send(db, BEGIN, NULL);
    (void)send_note(db, 110, "a");
    cr_assert_eq(db_pipeline_end(db, WAIT_MS), 0);
    cr_expect_eq(count_notes(other, 110, 119), 0, "it is not committed");
    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)send_note(db, 111, "b");
    (void)db_send(db, COMMIT, NULL);
    cr_assert_eq(db_pipeline_end(db, WAIT_MS), 0);
    cr_expect_eq(count_notes(db, 110, 119), 2);
}

Test(db, a_failed_statement_skips_the_rest_and_leaves_the_connection_usable)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    uint64_t generation = db_generation(db);

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)db_send(db, BEGIN, NULL);
    (void)send_note(db, 120, "a");
    (void)send_i64(db, FAIL, 0);
    (void)send_note(db, 121, "b");
    (void)db_send(db, COMMIT, NULL);
    cr_expect_eq(db_pipeline_end(db, WAIT_MS), -ECANCELED);
    cr_expect_str_eq(db_sqlstate(db), "22012");
    cr_expect_not_null(strstr(db_error(db), "division by zero"), "%s", db_error(db));
    cr_expect_null(strchr(db_error(db), '\n'), "one line");
    cr_expect_not_null(db_result(db, 1), "what came before stays readable");
    for (size_t i = 2; i <= 4; i++)
        cr_expect_null(db_result(db, i), "result %zu", i);
    cr_expect_eq(count_notes(db, 120, 129), 0);
    cr_expect_eq(db_generation(db), generation);
    cr_expect_str_empty(db_sqlstate(db), "a success forgets the failure");
}

Test(db, a_failure_without_begin_undoes_the_batch_too)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)send_note(db, 130, "a");
    (void)send_i64(db, FAIL, 0);
    cr_expect_eq(db_pipeline_end(db, WAIT_MS), -ECANCELED);
    cr_expect_eq(count_notes(db, 130, 139), 0);
}

Test(db, a_batch_that_cannot_be_sent_whole_is_thrown_away)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    for (int with_begin = 0; with_begin < 2; with_begin++) {
        struct db_args args = {.count = 0};
        cr_assert_eq(db_pipeline_begin(db), 0);
        if (with_begin)
            (void)db_send(db, BEGIN, NULL);
        (void)send_note(db, 140, "a");
        db_args_text_n(&args, "a\0b", 3);
        cr_expect_eq(db_send(db, ECHO, &args), -EINVAL);
        cr_expect_eq(db_send(db, COMMIT, NULL), -EINVAL, "and all after it");
        cr_expect_eq(db_pipeline_end(db, WAIT_MS), -EINVAL);
        db_args_release(&args);
        cr_expect_eq(count_notes(db, 140, 149), 0, "nothing of it was committed");
    }
}

Test(db, a_pipeline_holds_so_many_statements_and_no_more)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    cr_assert_eq(db_pipeline_begin(db), 0);
    for (int i = 0; i < DB_PIPELINE_MAX; i++)
        cr_assert_eq(send_i64(db, FAIL, 1 + i), i);
    cr_assert_eq(db_pipeline_end(db, WAIT_MS), 0);
    cr_expect_eq(db_get_i64(db_result(db, 0), 0, 0), 1);
    cr_expect_not_null(db_result(db, DB_PIPELINE_MAX - 1));
    cr_assert_eq(db_pipeline_begin(db), 0);
    for (int i = 0; i < DB_PIPELINE_MAX; i++)
        (void)send_i64(db, FAIL, 1);
    cr_expect_eq(send_i64(db, FAIL, 1), -ENOBUFS);
    cr_expect_eq(db_pipeline_end(db, WAIT_MS), -ENOBUFS);
}

Test(db, large_statements_and_large_results_cross_in_one_pipeline)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    CLEANUP_FREE char *large = malloc(1000001);
    struct db_args args = {.count = 0};

    memset(large, 'z', 1000000);
    large[1000000] = '\0';
    db_args_text(&args, large);
    cr_assert_eq(db_pipeline_begin(db), 0);
    for (int i = 0; i < 16; i++)
        cr_assert_geq(db_send(db, i % 2 == 0 ? BLOB : MANY, i % 2 == 0 ? &args : NULL), 0);
    int r = db_pipeline_end(db, 60000);
    cr_assert_eq(r, 0, "%d: %s", r, db_error(db));
    for (size_t i = 0; i < 16; i += 2)
        cr_expect_str_eq(db_get_text(db_result(db, i), 0, 1), large);
    cr_expect_eq(PQntuples(db_result(db, 15)), 20000);
    db_args_release(&args);
}

Test(db, a_backend_that_ends_in_the_middle_is_a_lost_connection)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    uint64_t generation = db_generation(db);

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)db_send(db, BEGIN, NULL);
    (void)send_note(db, 150, "a");
    (void)db_send(db, KILL_ME, NULL);
    (void)db_send(db, COMMIT, NULL);
    cr_expect_eq(db_pipeline_end(db, WAIT_MS), -ENOTCONN);
    cr_expect_not(db_connected(db));
    cr_expect_eq(db_fd(db), -1);
    cr_expect_str_empty(db_sqlstate(db));
    cr_expect_not_null(strstr(db_error(db), "terminating connection"), "%s", db_error(db));
    cr_expect_eq(db_pipeline_begin(db), -ENOTCONN);
    cr_assert_eq(db_ensure(db, WAIT_MS), 0);
    cr_expect_eq(db_generation(db), generation + 1);
    cr_expect_eq(count_notes(db, 150, 159), 0);
}

Test(db, a_commit_that_breaks_off_is_a_lost_connection)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)db_send(db, BEGIN, NULL);
    (void)send_i64(db, KILL_AT_COMMIT, 1);
    (void)db_send(db, COMMIT, NULL);
    cr_expect_eq(db_pipeline_end(db, WAIT_MS), -ENOTCONN, "never a refusal: its outcome must be looked up");
    cr_expect_not(db_connected(db));
}

Test(db, a_passed_deadline_closes_the_connection)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    int64_t before_us = clock_monotonic_us();
    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)send_i64(db, SLEEP, 5000);
    cr_expect_eq(db_pipeline_end(db, 200), -ETIMEDOUT);
    int64_t took_us = clock_monotonic_us() - before_us;
    cr_expect_geq(took_us, 200000);
    cr_expect_lt(took_us, 2000000);
    cr_expect_not(db_connected(db));
    cr_assert_eq(db_ensure(db, WAIT_MS), 0, "and a new one is there at once");
}

Test(db, a_loss_between_batches_is_seen_on_the_descriptor)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    CLEANUP(db_destroy) struct db *other = open_db();
    struct db_args args = {.count = 0};
    struct pollfd item = {.events = POLLIN};

    cr_expect_eq(db_check(db), 0, "nothing has happened yet");
    db_args_i64(&args, backend_pid(db));
    cr_assert_eq(db_run(other, KILL_OTHER, &args, WAIT_MS, NULL), 0);
    db_args_release(&args);
    int r = 0;
    for (item.fd = db_fd(db); r == 0; r = db_check(db))
        cr_assert_eq(poll(&item, 1, WAIT_MS), 1);
    cr_expect_eq(r, -ENOTCONN);
    cr_expect_not(db_connected(db));
    cr_expect_eq(db_check(db), -ENOTCONN);
    cr_expect_eq(db_ensure(db, WAIT_MS), 0);
}

Test(db, a_loss_that_nobody_looked_for_is_found_by_the_next_batch)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    CLEANUP(db_destroy) struct db *other = open_db();
    struct db_args args = {.count = 0};

    db_args_i64(&args, backend_pid(db));
    cr_assert_eq(db_run(other, KILL_OTHER, &args, WAIT_MS, NULL), 0);
    db_args_release(&args);
    struct pollfd item = {.fd = db_fd(db), .events = POLLIN};
    cr_assert_eq(poll(&item, 1, WAIT_MS), 1);
    cr_expect_eq(db_run(db, BACKEND, NULL, WAIT_MS, NULL), -ENOTCONN);
}

Test(db, a_batch_left_open_costs_the_connection)
{
    CLEANUP(db_destroy) struct db *db = open_db();

    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)send_note(db, 160, "a");
    cr_expect_eq(db_pipeline_begin(db), -ENOTCONN);
    cr_assert_eq(db_ensure(db, WAIT_MS), 0);
    cr_expect_eq(count_notes(db, 160, 169), 0);
}

Test(db, disconnecting_on_purpose_gives_a_new_generation)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    uint64_t generation = db_generation(db);

    cr_assert_eq(db_ensure(db, WAIT_MS), 0);
    cr_expect_eq(db_generation(db), generation, "a live connection stays");
    db_disconnect(db);
    cr_expect_eq(db_run(db, BACKEND, NULL, WAIT_MS, NULL), -ENOTCONN);
    cr_assert_eq(db_ensure(db, WAIT_MS), 0);
    cr_expect_eq(db_generation(db), generation + 1);
}

Test(db, nothing_listens_is_told_with_a_growing_backoff)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    int last_ms = 0;

    cr_assert_eq(db_create("host=/nonexistent password=hush-hush user=x dbname=x", "db_test", statements,
                           ARRAY_LEN(statements), &db),
                 0);
    cr_expect_eq(db_generation(db), 0);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(db_ensure(db, 1000), -ENOTCONN);
        int retry_ms = db_retry_in_ms(db);
        cr_expect_gt(retry_ms, last_ms);
        cr_expect_leq(retry_ms, (50 << i) + 1);
        cr_expect_not_null(strstr(db_error(db), "/nonexistent"), "%s", db_error(db));
        cr_expect_eq(db_ensure(db, 1000), -ENOTCONN, "too early");
        (void)poll(NULL, 0, retry_ms); /* the backoff is what this tests */
        last_ms = retry_ms;
    }
}

Test(db, errors_never_show_the_password)
{
    CLEANUP(db_destroy) struct db *db = NULL;

    cr_assert_eq(db_create("host=/nonexistent-hush-hush password=hush-hush user=x", "db_test", NULL, 0, &db),
                 0);
    cr_expect_eq(db_ensure(db, 1000), -ENOTCONN);
    cr_expect_null(strstr(db_error(db), "hush-hush"), "%s", db_error(db));
    cr_expect_not_null(strstr(db_error(db), "/nonexistent-*********"), "%s", db_error(db));
}

Test(db, an_ill_formed_conninfo_is_refused)
{
    struct db *db = NULL;

    cr_expect_eq(db_create("postgresql://user:p@ss:word@host:port/db", "db_test", NULL, 0, &db), -EINVAL);
    cr_expect_eq(db_create("postgresql://user:p@ss@host/db", "db_test", NULL, 0, &db), -EINVAL);
    cr_expect_eq(db_create("postgresql://[::1/db", "db_test", NULL, 0, &db), -EINVAL);
    cr_expect_eq(db_create("colour=blue", "db_test", NULL, 0, &db), -EINVAL);
    cr_expect_null(db);
}

Test(db, a_statement_that_cannot_be_prepared_is_told)
{
    static const struct db_statement broken[] = {{"good", "SELECT 1"},
                                                 {"bad", "SELECT * FROM no_such_table"}};
    CLEANUP(db_destroy) struct db *db = NULL;

    cr_assert_eq(db_create(getenv("OXE_TEST_CONNINFO"), "db_test", broken, ARRAY_LEN(broken), &db), 0);
    cr_expect_eq(db_ensure(db, WAIT_MS), -ECANCELED);
    cr_expect_str_eq(db_sqlstate(db), "42P01");
    cr_expect_not_null(strstr(db_error(db), "no_such_table"), "%s", db_error(db));
    cr_expect_not(db_connected(db));
    cr_expect_gt(db_retry_in_ms(db), 0);
}

Test(db, a_server_that_is_slow_to_answer_is_waited_for_by_one_connection, .timeout = 60)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    char directory[] = "/tmp/oxe-db-test-XXXXXX", conninfo[128], path[96];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", directory);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(fd, 8), 0);
    (void)snprintf(conninfo, sizeof(conninfo), "host=%s user=x", directory);
    cr_assert_eq(db_create(conninfo, "db_test", NULL, 0, &db), 0);
    for (int i = 0; i < 3; i++) {
        int64_t before_us = clock_monotonic_us();
        cr_expect_eq(db_ensure(db, 200), -ENOTCONN);
        cr_expect_lt(clock_monotonic_us() - before_us, 10000000);
        cr_expect_str_eq(db_error(db), "connecting took too long");
        (void)poll(NULL, 0, db_retry_in_ms(db));
    }
    cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    CLEANUP_CLOSE int first = accept(fd, NULL, NULL);
    cr_expect_geq(first, 0);
    CLEANUP_CLOSE int second = accept(fd, NULL, NULL);
    cr_expect_lt(second, 0, "one attempt that goes on, not three");
    (void)unlink(path);
    (void)rmdir(directory);
}

Test(db, a_restarted_server_is_found_again, .timeout = 120)
{
    CLEANUP(postgres_stop) struct postgres *own = NULL;

    cr_assert_eq(postgres_start(&own), 0);
    cr_assert_eq(make_schema(postgres_conninfo(own)), 0);
    CLEANUP(db_destroy) struct db *db = open_db_at(postgres_conninfo(own));
    cr_assert_eq(db_pipeline_begin(db), 0);
    (void)send_note(db, 1, "kept");
    cr_assert_eq(db_pipeline_end(db, WAIT_MS), 0);
    postgres_crash(own);
    cr_expect_eq(db_run(db, BACKEND, NULL, WAIT_MS, NULL), -ENOTCONN);
    cr_expect_eq(db_ensure(db, WAIT_MS), -ENOTCONN, "nothing listens");
    cr_assert_eq(postgres_resume(own), 0);
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000;
    while (db_ensure(db, WAIT_MS) < 0 && clock_monotonic_us() < deadline_us)
        (void)poll(NULL, 0, db_retry_in_ms(db));
    cr_assert(db_connected(db), "%s", db_error(db));
    cr_expect_eq(db_generation(db), 2);
    cr_expect_eq(count_notes(db, 1, 1), 1);
}
