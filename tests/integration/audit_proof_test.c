/* What oxectl says of a log that its database's superuser has changed with the triggers off, and of proofs.
 */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/checkpoint.h"
#include "proto/merkle_proof.h"
#include "proto/note.h"
#include "tests/support/audit_key.h"
#include "tests/support/gateway_world.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_US = 20 * 1000 * 1000, POLL_MS = 10, ENTRIES = 600 };

#define ORDER "0199f0a5-7d0c-7000-8000-0000000000aa"

struct log_world {
    struct gateway_world gateway;
    pid_t writer;
};

static void writer_start(struct log_world *world)
{
    const char *const argv[] = {getenv("OXE_AUDIT_WRITER"), NULL};
    const char *directory = world->gateway.world.directory;
    char text[512];

    cr_assert_not_null(argv[0], "OXE_AUDIT_WRITER must name the program");
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", port_free());
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
}

static void writer_end(struct log_world *world)
{
    (void)kill(world->writer, SIGKILL);
    (void)process_wait(world->writer);
}

static void await_size(struct log_world *world, const char *size)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;

    while (strcmp(world_value(&world->gateway.world, "SELECT max(tree_size) FROM oxe.audit_checkpoints"),
                  size) != 0) {
        cr_assert_lt(clock_monotonic_us(), end_us, "no checkpoint of %s", size);
        (void)poll(NULL, 0, POLL_MS);
    }
}

static void record(struct log_world *world, int count)
{
    world_sql(&world->gateway.world,
              "INSERT INTO oxe.outbox (operation) SELECT ROW(gen_random_uuid(), 'HALTED', NULL, 'AAPL', "
              "NULL, NULL, "
              "'entry ' || i, 'olga', now())::oxe.operation FROM generate_series(1, %d) AS i",
              count);
}

/* A log of ENTRIES entries with its checkpoint, oxectl as compliance with the log's verifier key, and that
 * checkpoint in the file "old". */
static void begin(struct log_world *world)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char text[NOTE_KEY_TEXT_MAX], command[256];
    int status = -1;

    gateway_begin(&world->gateway);
    world_sql(&world->gateway.world, "DELETE FROM oxe.outbox");
    writer_start(world);
    record(world, ENTRIES);
    await_size(world, "600");
    cr_assert_eq(note_signer_load(getenv("OXE_AUDIT_KEY"), AUDIT_KEY_ORIGIN, NOTE_ED25519, &signer), 0);
    note_key_format(note_signer_key(signer), text);
    (void)setenv("OXE_AUDIT_VERIFIER", text, 1);
    AUTO_TEXT carol = gateway_token_with(world->gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    (void)setenv("OXE_TOKEN", carol, 1);
    (void)snprintf(command, sizeof(command), "audit heads --note > %s/old", world->gateway.world.directory);
    AUTO_TEXT said = gateway_oxectl(command, &status);
    cr_assert_eq(status, 0, "%s", said);
}

static void end(struct log_world *world)
{
    writer_end(world);
    gateway_end(&world->gateway);
}

static void tamper(struct log_world *world, const char *sql)
{
    world_sql(&world->gateway.world, "SET session_replication_role = replica");
    world_sql(&world->gateway.world, "%s", sql);
    world_sql(&world->gateway.world, "SET session_replication_role = DEFAULT");
}

static void expect(const char *command, int status, const char *words)
{
    int found = -1;
    AUTO_TEXT said = gateway_oxectl(command, &found);

    cr_expect_eq(found, status, "%s: %d: %s", command, found, said);
    cr_expect_not_null(strstr(said, words), "%s: %s", command, said);
}

/* docs/audit/verify.py, which knows the documents and nothing of this suite, says the same. */
static void expect_stranger(const char *argument, int status, const char *words)
{
    char line[512];
    int found = -1;

    (void)snprintf(line, sizeof(line), "python3 '%s/docs/audit/verify.py' '%s' 2>&1",
                   getenv("OXE_SOURCE_ROOT"), argument);
    AUTO_TEXT said = instance_run((const char *const[]){"sh", "-c", line, NULL}, &found);
    cr_expect_eq(found, status, "%s: %d: %s", argument, found, said);
    cr_expect_not_null(strstr(said, words), "%s: %s", argument, said);
}

/* Nor does tests/outsider, whose code for such logs is Go's. old: a checkpoint, or "". */
static void expect_outsider(const char *old, int status, const char *words)
{
    int found = -1;
    const char *const argv[] = {getenv("OXE_OUTSIDER"), instance_url(), getenv("OXE_AUDIT_VERIFIER"),
                                *old == '\0' ? NULL : old, NULL};

    AUTO_TEXT said = instance_run(argv, &found);
    cr_expect_eq(found, status, "outsider: %d: %s", found, said);
    cr_expect_not_null(strstr(said, words), "outsider: %s", said);
}

/* 'audit verify' before and after, and then as it was again. */
static void check_found(struct log_world *world, const char *sql, const char *words)
{
    world_sql(&world->gateway.world, "CREATE TABLE public.before AS TABLE oxe.execution_logs");
    tamper(world, sql);
    expect("audit verify", 1, words);
    expect_stranger(instance_url(), 1, words);
    expect_outsider("", 1, "outsider: ");
    tamper(world,
           "DELETE FROM oxe.execution_logs; INSERT INTO oxe.execution_logs SELECT * FROM public.before; "
           "DROP TABLE public.before");
}

Test(audit_proof, verify_finds_what_a_superuser_has_changed, .timeout = 120)
{
    struct log_world world = {0};

    begin(&world);
    expect("audit verify", 0, "every entry is as it was recorded\n" AUDIT_KEY_ORIGIN ": 600 entries, root ");
    expect_stranger(instance_url(), 0, AUDIT_KEY_ORIGIN ": 600 entries, root ");
    expect_outsider("", 0, AUDIT_KEY_ORIGIN ": 600 entries proved");
    check_found(&world, "UPDATE oxe.execution_logs SET message = 'another' WHERE log_seq = 300",
                "entry 300 is not what was recorded");
    check_found(&world,
                "UPDATE oxe.execution_logs SET \"timestamp\" = \"timestamp\" + '1 us' WHERE log_seq = 600",
                "entry 600 is not what was recorded");
    check_found(&world, "UPDATE oxe.execution_logs SET actor = 'eve' WHERE log_seq = 1", "entry 1 is not");
    check_found(
        &world,
        "UPDATE oxe.execution_logs SET (message, event_id, \"timestamp\", leaf_hash) = (SELECT message, "
        "event_id, "
        "\"timestamp\", leaf_hash FROM oxe.execution_logs o WHERE o.log_seq = 41 - execution_logs.log_seq) "
        "WHERE log_seq IN (20, 21)",
        "entry 20 is not what was recorded");
    check_found(&world, "DELETE FROM oxe.execution_logs WHERE log_seq = 300",
                "of entries 257 to 512 some are missing");
    check_found(&world, "DELETE FROM oxe.execution_logs WHERE log_seq > 590",
                "of entries 513 to 600 some are missing");
    expect("audit verify", 0, "600 entries");
    end(&world);
}

/* The encoding is public, so whoever changes a row can also recompute its hash. */
Test(audit_proof, verify_finds_a_change_with_its_hash_recomputed, .timeout = 120)
{
    struct log_world world = {0};

    begin(&world);
    /* A log of the same length with one other entry, by the suite's own hand: its rows have right hashes. */
    world_sql(&world.gateway.world, "CREATE TABLE public.before AS TABLE oxe.execution_logs");
    world_sql(&world.gateway.world, "CREATE TABLE public.signed_before AS TABLE oxe.audit_checkpoints");
    world_sql(&world.gateway.world, "CREATE TABLE public.tiles_before AS TABLE oxe.audit_tiles");
    writer_end(&world);
    tamper(&world,
           "DELETE FROM oxe.execution_logs; DELETE FROM oxe.audit_checkpoints; DELETE FROM oxe.audit_tiles; "
           "UPDATE oxe.audit_state SET next_log_seq = 1, frontier = '', sealed_frontier = ''");
    writer_start(&world);
    record(&world, ENTRIES);
    await_size(&world, "600");

    /* All of it rewritten, and signed with the key: only who has kept a checkpoint finds out. */
    char command[256];
    const char *directory = world.gateway.world.directory;
    expect("audit verify", 0, "600 entries");
    (void)snprintf(command, sizeof(command), "audit consistency %s/old", directory);
    expect(command, 1, "the log was changed");
    (void)snprintf(command, sizeof(command), "audit verify --since %s/old", directory);
    expect(command, 1, "the log was changed");
    (void)snprintf(command, sizeof(command), "%s/old", directory);
    expect_outsider("", 0, "600 entries proved");
    expect_outsider(command, 1, "outsider: ");

    /* The rewritten rows under the checkpoint that was signed: found by the checkpoint, with the tiles or
     * without. */
    tamper(&world, "DELETE FROM oxe.audit_checkpoints; INSERT INTO oxe.audit_checkpoints SELECT * FROM "
                   "public.signed_before");
    expect("audit verify", 1, "not those that the checkpoint has signed");
    expect_stranger(instance_url(), 1, "not those that the checkpoint has signed");
    tamper(&world,
           "DELETE FROM oxe.audit_tiles; INSERT INTO oxe.audit_tiles SELECT * FROM public.tiles_before");
    expect("audit verify", 1, "entries 1 to 256 are not those that were signed");
    end(&world);
}

Test(audit_proof, consistency_finds_a_log_cut_and_accepts_one_that_grew, .timeout = 120)
{
    struct log_world world = {0};
    char command[256];

    begin(&world);
    (void)snprintf(command, sizeof(command), "audit consistency %s/old", world.gateway.world.directory);
    expect(command, 0, "the log's 600 entries begin with the 600 of");
    record(&world, 700);
    await_size(&world, "1300");
    expect(command, 0, "the log's 1300 entries begin with the 600 of");
    char old[256];
    (void)snprintf(old, sizeof(old), "%s/old", world.gateway.world.directory);
    expect_outsider(old, 0, "1300 entries proved");

    /* The tail cut, and a writer that knows nothing of it. */
    writer_end(&world);
    tamper(&world,
           "DELETE FROM oxe.execution_logs; DELETE FROM oxe.audit_checkpoints; DELETE FROM oxe.audit_tiles; "
           "UPDATE oxe.audit_state SET next_log_seq = 1, frontier = '', sealed_frontier = ''");
    writer_start(&world);
    record(&world, 100);
    await_size(&world, "100");
    expect("audit verify", 0, "100 entries");
    expect(command, 1, "the log was cut: it has 100 entries, and had 600");
    expect_outsider(old, 1, "the log was cut: it has 100 entries, and had 600");
    end(&world);
}

Test(audit_proof, a_checkpoint_of_another_key_is_none, .timeout = 120)
{
    struct log_world world = {0};

    begin(&world);
    (void)setenv("OXE_AUDIT_VERIFIER", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                 1);
    expect("audit verify", 1, "signed by none of the verifier keys");
    expect_stranger(instance_url(), 1, "not signed by the verifier key");
    expect_outsider("", 1, "no verifiable signatures");
    expect("audit heads", 1, "signed by none of the verifier keys");
    (void)setenv("OXE_AUDIT_VERIFIER", "nonsense", 1);
    expect("audit heads", 64, "is no verifier key");
    (void)unsetenv("OXE_AUDIT_VERIFIER");
    expect("audit heads", 64, "it needs the log's verifier key");
    end(&world);
}

/* --- proofs --- */

/* Replaces one byte of a file by another; false: it has none there. */
static bool spoil(const char *from, const char *to, long at)
{
    char bytes[8192];
    FILE *file = fopen(from, "re");

    cr_assert_not_null(file);
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    if ((size_t)at >= length)
        return false;
    bytes[at] = bytes[at] == 'A' ? 'B' : 'A';
    file = fopen(to, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
    return true;
}

/* An order of trader-1's with so many entries, by the way that the executor's events take. */
static void record_order(struct log_world *world, size_t entries)
{
    static struct event_batch batch;
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    const struct envelope envelope = {.id = uuid_next(&world->gateway.world.ids, clock_now()),
                                      .sent_at = clock_now()};

    world_sql(&world->gateway.world,
              "INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, "
              "status, execution_state, lane, idempotent_key, fingerprint, actor, created_at, updated_at) "
              "SELECT '" ORDER "', id, 'AAPL', 'BUY', 1, 'MARKET', 'DAY', 'PENDING', 'ADMITTED', 0, 'key', "
              "sha256('x'), 'somebody', now(), now() FROM oxe.traders WHERE subject = 'trader-1'");
    for (batch.events_count = 0; batch.events_count < entries; batch.events_count++) {
        struct event *event = &batch.events[batch.events_count];
        *event = (struct event){.event_id = uuid_next(&world->gateway.world.ids, clock_now()),
                                .action = AUDIT_ACTION_FILLED,
                                .has_order_id = true,
                                .has_trader_id = true,
                                .trader_id = world_trader(1),
                                .has_price = true,
                                .price = {15045000000},
                                .actor = "executor",
                                .occurred_at = clock_now()};
        cr_assert_eq(uuid_parse(ORDER, strlen(ORDER), &event->order_id), 0);
    }
    cr_assert_eq(event_batch_encode(&envelope, &batch, &bytes), 0);
    const char *const values[] = {bytes.data};
    const int lengths[] = {(int)bytes.length}, formats[] = {1};
    PGresult *result = PQexecParams(world->gateway.world.sql, "INSERT INTO oxe.outbox (batch) VALUES ($1)", 1,
                                    NULL, values, lengths, formats, 0);
    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s", PQerrorMessage(world->gateway.world.sql));
    PQclear(result);
}

Test(audit_proof, an_entry_is_proved_without_the_log, .timeout = 120)
{
    struct log_world world = {0};
    char command[512], proof[256], bad[256];
    const char *directory;
    int status;

    begin(&world);
    directory = world.gateway.world.directory;
    record_order(&world, 1);
    record(&world, 20);
    await_size(&world, "621");

    (void)snprintf(proof, sizeof(proof), "%s/600.tlog-proof", directory);
    (void)snprintf(bad, sizeof(bad), "%s/bad", directory);
    (void)snprintf(command, sizeof(command), "audit prove " ORDER " --directory %s", directory);
    expect(command, 0, proof);
    gateway_stop(&world.gateway); /* and now without the log */
    world.gateway.gateway = 0;
    (void)unsetenv("OXE_TOKEN");
    (void)snprintf(command, sizeof(command), "audit check %s", proof);
    expect(command, 0, "entry 601 of 621 of " AUDIT_KEY_ORIGIN ":\nlog_seq: 601\n");
    expect(command, 0, "\norder_id: " ORDER "\n");
    expect(command, 0, "\naction: FILLED\n");
    expect(command, 0, "\nprice: 150.45\n");
    expect_stranger(proof, 0, "entry 601 of 621 of " AUDIT_KEY_ORIGIN);
    (void)snprintf(command, sizeof(command), "audit check %s", bad);
    long spoiled = 0;
    for (long at = 0; spoil(proof, bad, at); at += 13, spoiled++) {
        AUTO_TEXT said = gateway_oxectl(command, &status);
        cr_expect_neq(status, 0, "byte %ld: %s", at, said);
        if (spoiled % 8 == 0)
            expect_stranger(bad, 1, "verify.py: ");
    }
    cr_expect_gt(spoiled, 50);
    end(&world);
}

/* --- over HTTP --- */

struct answered {
    size_t proofs;
    char cursor[64]; /* "": this was the last page */
};

static void leaf_of(struct log_world *world, int64_t log_seq, uint8_t ret_leaf[static MERKLE_HASH_BYTES])
{
    const char *hex = world_value(
        &world->gateway.world, "SELECT encode(leaf_hash, 'hex') FROM oxe.execution_logs WHERE log_seq = %ld",
        (long)log_seq);

    for (size_t i = 0; i < MERKLE_HASH_BYTES; i++)
        cr_assert_eq(sscanf(hex + 2 * i, "%2hhx", &ret_leaf[i]), 1);
}

/* Asks for a page of proofs and checks each: the entry after `after` is the first. */
static struct answered check_page(struct log_world *world, const char *token, const char *cursor,
                                  int64_t after, struct checkpoint *ret_checkpoint)
{
    struct answered answered = {0};
    char path[256];
    struct note note;

    (void)snprintf(path, sizeof(path), "/api/v1/orders/" ORDER "/proofs%s%s",
                   *cursor == '\0' ? "" : "?cursor=", cursor);
    struct reply reply = gateway_get(token, path);
    cr_assert_eq(reply.status, 200, "%s", reply.body.data);
    const char *text = json_text(reply.json, "checkpoint");
    cr_assert_eq(note_parse(text, strlen(text), &note), 0, "%s", text);
    cr_assert_eq(checkpoint_parse(note.text, note.text_length, ret_checkpoint), 0);
    yajl_val proofs = yajl_tree_get(reply.json, (const char *[]){"proofs", NULL}, yajl_t_array);
    cr_assert_not_null(proofs);
    for (answered.proofs = 0; answered.proofs < YAJL_GET_ARRAY(proofs)->len; answered.proofs++) {
        yajl_val one = YAJL_GET_ARRAY(proofs)->values[answered.proofs];
        yajl_val hashes = yajl_tree_get(one, (const char *[]){"hashes", NULL}, yajl_t_array);
        cr_assert_not_null(hashes);
        int64_t log_seq = strtoll(json_text(one, "log_seq"), NULL, 10);
        struct merkle_proof proof = {.count = YAJL_GET_ARRAY(hashes)->len};
        uint8_t leaf[MERKLE_HASH_BYTES];
        size_t length;
        cr_expect_eq(log_seq, after + 1 + (int64_t)answered.proofs);
        for (size_t i = 0; i < proof.count; i++) {
            const char *hash = YAJL_GET_STRING(YAJL_GET_ARRAY(hashes)->values[i]);
            cr_assert_eq(base64_decode(hash, strlen(hash), proof.hashes[i], MERKLE_HASH_BYTES, &length), 0);
        }
        leaf_of(world, log_seq, leaf);
        cr_expect_eq(merkle_proof_check_inclusion((uint64_t)log_seq - 1, ret_checkpoint->size, leaf, &proof,
                                                  ret_checkpoint->root),
                     0, "entry %ld", (long)log_seq);
    }
    const char *next = json_text(reply.json, "next_cursor");
    (void)snprintf(answered.cursor, sizeof(answered.cursor), "%s", strcmp(next, "null") == 0 ? "" : next);
    reply_release(&reply);
    return answered;
}

static void expect_answer(const char *token, const char *query, long status, const char *words)
{
    struct reply reply = gateway_get(token, query);

    cr_expect_eq(reply.status, status, "%s: %s", query, reply.body.data);
    cr_expect_not_null(strstr(reply.body.data, words), "%s: %s", query, reply.body.data);
    reply_release(&reply);
}

#define PROOFS "/api/v1/orders/" ORDER "/proofs"

Test(audit_proof, an_order_is_proved_over_http, .timeout = 120)
{
    struct log_world world = {0};
    struct checkpoint checkpoint;

    begin(&world);
    AUTO_TEXT trader = gateway_token(&world.gateway, "trader-1");
    AUTO_TEXT other = gateway_token(&world.gateway, "trader-2");
    record_order(&world, 60);
    record(&world, 300);
    await_size(&world, "960");
    const char *const tokens[] = {trader, getenv("OXE_TOKEN")};
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        struct answered first = check_page(&world, tokens[i], "", 600, &checkpoint);
        cr_expect_eq(first.proofs, 50);
        cr_expect_eq(checkpoint.size, 960);
        struct answered second = check_page(&world, tokens[i], first.cursor, 650, &checkpoint);
        cr_expect_eq(second.proofs, 10);
        cr_expect_str_empty(second.cursor);
    }
    expect_answer(other, PROOFS, 404, "There is no such order");
    expect_answer(trader, PROOFS "?cursor=nonsense", 400, "'cursor' is none of this order's");
    expect_answer(trader, PROOFS "?limit=5", 400, "limit");

    /* What the last checkpoint does not cover waits. */
    tamper(&world, "CREATE TABLE public.later AS SELECT * FROM oxe.audit_checkpoints WHERE tree_size > 600; "
                   "DELETE FROM oxe.audit_checkpoints WHERE tree_size > 600");
    struct answered waiting = check_page(&world, trader, "", 600, &checkpoint);
    cr_expect_eq(waiting.proofs, 0);
    cr_expect_eq(checkpoint.size, 600);
    tamper(&world, "INSERT INTO oxe.audit_checkpoints SELECT * FROM public.later");

    /* A neighbour that is gone cannot be proved around. */
    tamper(&world, "DELETE FROM oxe.execution_logs WHERE log_seq = 662");
    expect_answer(trader, PROOFS, 500, "The log lacks hashes that it has signed");
    end(&world);
}

static void put_policy(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
}

Test(audit_proof, the_policy_is_the_file_as_it_is, .timeout = 120)
{
    struct log_world world = {0};
    char path[256];
    static char large[16 * 1024];

    (void)snprintf(path, sizeof(path), "/tmp/oxe-policy-%d", (int)getpid());
    (void)setenv("OXE_AUDIT_POLICY", path, 1);
    begin(&world);
    expect_answer(NULL, "/audit-policy", 503, "cannot be read");
    put_policy(path, "quorum none\n", 12);
    expect_answer(NULL, "/audit-policy", 200, "quorum none\n");
    memset(large, '#', sizeof(large));
    put_policy(path, large, sizeof(large));
    expect_answer(NULL, "/audit-policy", 503, "cannot be read");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_answer(NULL, "/audit-policy", 503, "cannot be read");
    (void)unlink(path);
    end(&world);
}
