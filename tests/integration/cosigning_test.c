/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints with witnesses, through a real audit-writer, PostgreSQL, gateway and real witnesses: what is
 * published has its quorum, and nothing else is; whatever a witness does, recording and signing go on. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/checkpoint.h"
#include "proto/policy.h"
#include "tests/support/audit_key.h"
#include "tests/support/gateway_world.h"
#include "tests/support/paper_log.h"
#include "tests/support/port.h"
#include "tests/support/process.h"
#include "tests/support/witness.h"

enum { WITNESSES = 3, WAIT_US = 20 * 1000 * 1000, POLL_MS = 10 };

struct log_world {
    struct gateway_world gateway;
    pid_t writer;
    int probe_port;
    struct witness witnesses[WITNESSES];
    struct buffer policy;
};

static void writer_start(struct log_world *world)
{
    const char *const argv[] = {getenv("OXE_AUDIT_WRITER_BINARY"), NULL};
    const char *directory = world->gateway.world.directory;
    char text[512];

    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", world->probe_port);
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)setenv("OXE_INSTANCE", "0", 1);
    (void)snprintf(text, sizeof(text), "%s user=oxe_audit", postgres_conninfo(world->gateway.world.postgres));
    (void)setenv("OXE_DATABASE", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/audit-writer", directory);
    (void)setenv("OXE_AUDIT_BIND", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/broadcaster", directory);
    (void)setenv("OXE_BROADCASTER", text, 1);
    audit_key_set(directory);
    (void)snprintf(text, sizeof(text), "%s/audit-writer.log", directory);
    world->writer = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(world->writer, 0);
    int64_t end_us = clock_monotonic_us() + WAIT_US;
    while (!port_answers(world->probe_port)) {
        cr_assert_lt(clock_monotonic_us(), end_us, "audit-writer does not start");
        (void)poll(NULL, 0, POLL_MS);
    }
}

static void writer_end(struct log_world *world, int signal)
{
    (void)kill(world->writer, signal);
    int status = process_wait(world->writer);
    if (signal == SIGTERM)
        cr_expect_eq(status, 0);
    world->writer = 0;
}

static void write_policy(struct log_world *world, const char *rule)
{
    char key[NOTE_KEY_TEXT_MAX], url[64], path[256];
    CLEANUP(note_signer_destroy) struct note_signer *log = paper_signer(AUDIT_KEY_ORIGIN, NOTE_ED25519, 1);

    note_key_format(note_signer_key(log), key);
    witness_know(world->gateway.world.directory, key);
    buffer_clear(&world->policy);
    buffer_append_format(&world->policy, "log %s\n", key);
    for (int i = 0; i < WITNESSES; i++) {
        witness_verifier(&world->witnesses[i], key);
        witness_url(&world->witnesses[i], url);
        buffer_append_format(&world->policy, "witness w%d %s %s/\n", i, key, url);
    }
    buffer_append_text(&world->policy, rule);
    (void)snprintf(path, sizeof(path), "%s/policy", world->gateway.world.directory);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    (void)fputs(world->policy.data, file);
    cr_assert_eq(fclose(file), 0);
    (void)setenv("OXE_AUDIT_POLICY", path, 1);
}

/* The witnesses up to `running` run. */
static void begin(struct log_world *world, const char *rule, int running)
{
    *world = (struct log_world){.policy = BUFFER_INIT(0)};
    gateway_begin(&world->gateway);
    world->probe_port = port_free();
    world_sql(&world->gateway.world, "DELETE FROM oxe.outbox");
    for (int i = 0; i < WITNESSES; i++) {
        world->witnesses[i] = (struct witness){.directory = world->gateway.world.directory, .number = i};
        world->witnesses[i].port = port_free_range(2);
        world->witnesses[i].probe_port = world->witnesses[i].port + 1;
    }
    write_policy(world, rule);
    for (int i = 0; i < running; i++)
        witness_start(&world->witnesses[i]);
    writer_start(world);
}

static void end(struct log_world *world)
{
    if (world->writer > 0)
        writer_end(world, SIGTERM);
    for (int i = 0; i < WITNESSES; i++) {
        if (world->witnesses[i].pid > 0)
            (void)witness_end(&world->witnesses[i], SIGKILL);
    }
    buffer_release(&world->policy);
    gateway_end(&world->gateway);
}

static void record(struct log_world *world, int count)
{
    world_sql(&world->gateway.world,
              "INSERT INTO oxe.outbox (operation) SELECT ROW(gen_random_uuid(), 'HALTED', NULL, 'AAPL', "
              "NULL, NULL, 'entry ' || i, 'olga', now())::oxe.operation FROM generate_series(1, %d) AS i",
              count);
}

static const char signed_size[] = "SELECT max(tree_size) FROM oxe.audit_checkpoints";
static const char published_size[] = "SELECT coalesce(max(tree_size), -1) FROM oxe.audit_published";

static void await_value(struct log_world *world, const char *query, const char *wanted)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;
    const char *value;

    while (strcmp(value = world_value(&world->gateway.world, "%s", query), wanted) != 0) {
        cr_assert_lt(clock_monotonic_us(), end_us, "%s stays %s, not %s", query, value, wanted);
        (void)poll(NULL, 0, POLL_MS);
    }
}

static void expect_value(struct log_world *world, const char *query, const char *wanted)
{
    cr_expect_str_eq(world_value(&world->gateway.world, "%s", query), wanted, "%s", query);
}

static void await_metric(struct log_world *world, const char *metric, int wanted)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;

    while (world_metric(world->probe_port, metric, "") != wanted) {
        cr_assert_lt(clock_monotonic_us(), end_us, "%s is not %d", metric, wanted);
        (void)poll(NULL, 0, POLL_MS);
    }
}

/* Until readiness, which must be 200 from the start on, says these words; "": until it is well. */
static void await_word(struct log_world *world, const char *words)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;
    char url[64];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", world->probe_port);
    for (;;) {
        AUTO_REPLY reply = instance_call(&(struct call){.url = url, .path = "/readyz"});
        bool degraded = strstr(reply.body.data, "\"witnesses\":{\"status\":\"degraded\"") != NULL;
        bool well =
            reply.status == 200 && strstr(reply.body.data, "\"witnesses\":{\"status\":\"ok\"}") != NULL;
        bool starting = strstr(reply.body.data, "\"starting\"") != NULL;
        if (!starting && (words[0] == '\0' ? well : degraded && strstr(reply.body.data, words) != NULL)) {
            cr_expect_eq(reply.status, 200, "%s", reply.body.data);
            return;
        }
        cr_assert_lt(clock_monotonic_us(), end_us, "not '%s': %s", words, reply.body.data);
        (void)poll(NULL, 0, POLL_MS);
    }
}

static void expect_said(struct log_world *world, const char *words)
{
    char path[256], line[4096];
    bool found = false;

    (void)snprintf(path, sizeof(path), "%s/audit-writer.log", world->gateway.world.directory);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    while (fgets(line, sizeof(line), file) != NULL)
        found |= strstr(line, words) != NULL;
    (void)fclose(file);
    cr_expect(found, "the log does not say %s", words);
}

/* GET /checkpoint: by which witnesses it is cosigned; it must have its quorum. */
static uint32_t get_cosigned(struct log_world *world, uint64_t *ret_size)
{
    AUTO_REPLY reply = gateway_get(NULL, "/checkpoint");
    struct checkpoint checkpoint;
    struct policy policy;
    struct policy_fault fault;
    struct note note;

    cr_assert_eq(reply.status, 200, "%s", reply.body.data);
    cr_assert_eq(policy_parse(world->policy.data, world->policy.length, &policy, &fault), 0, "%s", fault.why);
    cr_assert_eq(note_parse(reply.body.data, reply.body.length, &note), 0);
    cr_assert_eq(note_verify(&note, &policy.logs[0], NULL, NULL), 0);
    cr_assert_eq(checkpoint_parse(note.text, note.text_length, &checkpoint), 0);
    uint32_t cosigned = policy_cosigned(&policy, &note);
    cr_expect(policy_is_met(&policy, cosigned), "%s", reply.body.data);
    *ret_size = checkpoint.size;
    return cosigned;
}

static void expect_oxectl(const char *command, int status, const char *words)
{
    int found = -1;
    AUTO_TEXT said = gateway_oxectl(command, &found);

    cr_expect_eq(found, status, "%s: %d: %s", command, found, said);
    cr_expect_not_null(strstr(said, words), "%s: %s", command, said);
}

/* docs/audit/verify.py, which knows the documents and nothing of this suite, with the same policy. */
static void expect_stranger(int status, const char *words)
{
    char line[512];
    int found = -1;

    (void)snprintf(line, sizeof(line), "python3 '%s/docs/audit/verify.py' '%s' 2>&1",
                   getenv("OXE_SOURCE_ROOT"), instance_url());
    AUTO_TEXT said = instance_run((const char *const[]){"sh", "-c", line, NULL}, &found);
    cr_expect_eq(found, status, "%d: %s", found, said);
    cr_expect_not_null(strstr(said, words), "%s", said);
}

#define TWO "group g 2 w0 w1 w2\nquorum g\n"
#define ALL "group g all w0 w1 w2\nquorum g\n"

Test(cosigning, what_is_published_has_its_quorum, .timeout = 120)
{
    struct log_world world;
    uint64_t size;

    begin(&world, TWO, 2);
    record(&world, 600);
    await_value(&world, published_size, "600");
    cr_expect_eq(get_cosigned(&world, &size), 3, "w2 does not run");
    cr_expect_eq(size, 600);
    record(&world, 700);
    await_value(&world, published_size, "1300");
    cr_expect_eq(get_cosigned(&world, &size), 3);
    await_word(&world, "");

    /* The stranger's tools: the policy that the gateway names, and one that asks for more. */
    AUTO_TEXT carol = gateway_token_with(world.gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    (void)setenv("OXE_TOKEN", carol, 1);
    expect_oxectl("audit heads", 0, "cosigned by witness.test/w1 at 20");
    static const char *const strict[] = {ALL, "quorum w2\n",
                                         "group g any w0 w1\ngroup h all g w2\nquorum h\n"};
    static const char *const lenient[] = {TWO, "quorum w1\n", "group g any w0 w2\nquorum g\n",
                                          "quorum none\n"};
    for (size_t i = 0; i < ARRAY_LEN(strict); i++) {
        write_policy(&world, strict[i]);
        expect_oxectl("audit heads", 1, "lacks the quorum of witnesses");
        expect_oxectl("audit verify", 1, "lacks the quorum of witnesses");
        expect_stranger(1, "lacks the quorum of witnesses");
    }
    for (size_t i = 0; i < ARRAY_LEN(lenient); i++) {
        write_policy(&world, lenient[i]);
        expect_oxectl("audit verify", 0, "1300 entries");
        expect_stranger(0, "1300 entries");
    }
    /* A line that is a witness' by its name and id, and wrong, is no cosignature. */
    world_sql(&world.gateway.world, "SET session_replication_role = replica");
    world_sql(&world.gateway.world,
              "UPDATE oxe.audit_published SET note = overlay(note placing 'AAAA' from length(note) - 20)");
    world_sql(&world.gateway.world, "SET session_replication_role = DEFAULT");
    write_policy(&world, TWO);
    expect_oxectl("audit heads", 1, "lacks the quorum of witnesses");
    expect_stranger(1, "lacks the quorum of witnesses");

    /* One is enough to break it, and one to mend it. */
    cr_expect_eq(witness_end(&world.witnesses[0], SIGTERM), 0);
    record(&world, 1);
    await_value(&world, signed_size, "1301");
    witness_start(&world.witnesses[2]);
    await_value(&world, published_size, "1301");
    cr_expect_eq(get_cosigned(&world, &size), 6);
    end(&world);
}

Test(cosigning, without_a_quorum_it_degrades_and_recovers_by_itself, .timeout = 120)
{
    struct log_world world;
    uint64_t size;

    begin(&world, "quorum w0\n", 1);
    record(&world, 10);
    await_value(&world, published_size, "10");
    cr_expect_eq(witness_end(&world.witnesses[0], SIGKILL), 128 + SIGKILL);
    record(&world, 10);
    int64_t since_us = clock_monotonic_us();
    await_value(&world, signed_size, "20");
    await_word(&world, "no quorum of witnesses for");
    cr_expect_gt(clock_monotonic_us() - since_us, INT64_C(10000000), "not before 10 s");
    await_word(&world, "w0 does not answer");
    expect_said(&world, "\"checkpoint_unwitnessed\"");
    cr_expect_eq(world_metric(world.probe_port, "oxe_audit_unwitnessed", ""), 1);
    /* A standby says nothing of it, which the next active one would else be taken for. */
    world_sql(&world.gateway.world, "SELECT pg_terminate_backend(pid) FROM pg_locks "
                                    "WHERE locktype = 'advisory' AND classid = 5199941 AND granted; "
                                    "SELECT pg_advisory_lock(5199941, 1)");
    await_metric(&world, "oxe_audit_active", 0);
    await_metric(&world, "oxe_audit_unwitnessed", 0);
    world_sql(&world.gateway.world, "SELECT pg_advisory_unlock(5199941, 1)");
    await_metric(&world, "oxe_audit_active", 1);
    /* Recording and signing go on; what is published stays what has its quorum. */
    record(&world, 10);
    await_value(&world, signed_size, "30");
    expect_value(&world, published_size, "10");
    (void)get_cosigned(&world, &size);
    cr_expect_eq(size, 10);
    witness_start(&world.witnesses[0]);
    await_value(&world, published_size, "30");
    await_word(&world, "");
    cr_expect_eq(world_metric(world.probe_port, "oxe_audit_unwitnessed", ""), 0);
    end(&world);
}

Test(cosigning, a_witness_that_hangs_holds_up_nobody, .timeout = 120)
{
    struct log_world world;
    char size[32];

    begin(&world, TWO, 3);
    record(&world, 1);
    await_value(&world, published_size, "1");
    cr_assert_eq(kill(world.witnesses[1].pid, SIGSTOP), 0);
    for (int i = 2; i <= 6; i++) {
        record(&world, 1);
        (void)snprintf(size, sizeof(size), "%d", i);
        int64_t since_us = clock_monotonic_us();
        await_value(&world, published_size, size);
        /* A checkpoint comes every 0.8 s; the one that hangs would take 2 s. */
        cr_expect_lt(clock_monotonic_us() - since_us, INT64_C(1700000), "checkpoint %d", i);
    }
    await_word(&world, "");

    /* With two that hang nothing is published, and what is recorded and signed is as quick as ever. */
    cr_assert_eq(kill(world.witnesses[2].pid, SIGSTOP), 0);
    for (int i = 7; i <= 10; i++) {
        record(&world, 1);
        (void)snprintf(size, sizeof(size), "%d", i);
        int64_t since_us = clock_monotonic_us();
        await_value(&world, "SELECT count(*) FROM oxe.outbox", "0");
        await_value(&world, signed_size, size);
        cr_expect_lt(clock_monotonic_us() - since_us, INT64_C(1700000), "signing %d", i);
    }
    cr_assert_eq(kill(world.witnesses[1].pid, SIGCONT), 0);
    await_value(&world, published_size, "10");
    cr_assert_eq(kill(world.witnesses[2].pid, SIGCONT), 0);
    end(&world);
}

/* The whole database put back to an older state, under an audit-writer that knows nothing of it. */
static void roll_back(struct log_world *world)
{
    writer_end(world, SIGKILL);
    world_sql(&world->gateway.world, "SET session_replication_role = replica");
    world_sql(&world->gateway.world,
              "DELETE FROM oxe.execution_logs WHERE log_seq > 10; "
              "DELETE FROM oxe.audit_checkpoints WHERE tree_size > 10; "
              "DELETE FROM oxe.audit_published WHERE tree_size > 10; "
              "UPDATE oxe.audit_state s SET (next_log_seq, frontier, sealed_frontier) = "
              "(SELECT next_log_seq, frontier, sealed_frontier FROM public.old_state)");
    world_sql(&world->gateway.world, "SET session_replication_role = DEFAULT");
    writer_start(world);
}

Test(cosigning, a_database_put_back_is_found_and_never_published_upon, .timeout = 120)
{
    struct log_world world;
    uint64_t size;

    begin(&world, TWO, 3);
    record(&world, 10);
    await_value(&world, published_size, "10");
    world_sql(&world.gateway.world, "CREATE TABLE public.old_state AS TABLE oxe.audit_state");
    record(&world, 20);
    await_value(&world, published_size, "30");

    /* Shorter than what the witnesses have seen. */
    roll_back(&world);
    record(&world, 1);
    await_value(&world, signed_size, "11");
    await_word(&world, "a witness contradicts the log");
    await_word(&world, "has seen a later checkpoint");
    expect_said(&world, "\"witness_contradicts\"");

    /* Grown beyond it, with other entries. */
    record(&world, 40);
    await_value(&world, signed_size, "51");
    await_word(&world, "has seen another history");
    (void)poll(NULL, 0, 2500);
    expect_value(&world, published_size, "10");
    (void)get_cosigned(&world, &size);
    cr_expect_eq(size, 10);
    /* Recording goes on all the while. */
    expect_value(&world, "SELECT count(*) FROM oxe.execution_logs", "51");
    cr_expect_eq(world_metric(world.probe_port, "oxe_audit_witness_contradicts", ""), 1);
    end(&world);
}

/* What a witness has seen last may have left the log for a file meanwhile; its hashes have not. */
Test(cosigning, a_proof_begins_in_what_is_archived, .timeout = 120)
{
    struct log_world world;

    begin(&world, "quorum w0\n", 1);
    record(&world, 300);
    await_value(&world, published_size, "300");
    world_sql(&world.gateway.world, "SET session_replication_role = replica");
    world_sql(&world.gateway.world,
              "INSERT INTO oxe.audit_archived_leaves SELECT log_seq, leaf_hash FROM oxe.execution_logs; "
              "DELETE FROM oxe.execution_logs");
    world_sql(&world.gateway.world, "SET session_replication_role = DEFAULT");
    record(&world, 300);
    await_value(&world, published_size, "600");
    await_word(&world, "");
    end(&world);
}

Test(cosigning, whatever_dies_all_is_published_in_the_end, .timeout = 120)
{
    struct log_world world;
    uint64_t size;

    begin(&world, TWO, 3);
    for (int i = 0; i < 9; i++) {
        record(&world, 100);
        (void)poll(NULL, 0, 100 + i * 90);
        struct witness *witness = &world.witnesses[i % WITNESSES];
        cr_expect_eq(witness_end(witness, SIGKILL), 128 + SIGKILL);
        if (i % 2 == 0) {
            writer_end(&world, SIGKILL);
            writer_start(&world);
        }
        witness_start(witness);
    }
    await_value(&world, published_size, "900");
    await_word(&world, "");
    (void)get_cosigned(&world, &size);
    cr_expect_eq(size, 900);
    end(&world);
}

Test(cosigning, a_policy_that_is_none_publishes_nothing_and_says_why, .timeout = 120)
{
    struct log_world world;

    begin(&world, "quorum w9\n", 1);
    record(&world, 5);
    await_value(&world, signed_size, "5");
    await_word(&world, "the policy cannot be read");
    expect_said(&world, "the quorum is not defined above");
    expect_value(&world, published_size, "-1");
    write_policy(&world, "quorum w0\n");
    await_value(&world, published_size, "5");
    await_word(&world, "");
    /* Another one is in force from a SIGHUP on. */
    write_policy(&world, "quorum w1\n");
    cr_assert_eq(kill(world.writer, SIGHUP), 0);
    record(&world, 5);
    await_value(&world, signed_size, "10");
    (void)poll(NULL, 0, 1500);
    expect_value(&world, published_size, "5");
    witness_start(&world.witnesses[1]);
    await_value(&world, published_size, "10");
    end(&world);
}
