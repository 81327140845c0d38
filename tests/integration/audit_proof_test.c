/* SPDX-License-Identifier: Apache-2.0 */
/* What oxectl says of a log that its database's superuser has changed with the triggers off, and of proofs.
 */
#include <criterion/criterion.h>
#include <libpq-fe.h>
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
#include "tests/support/log_world.h"

#define ORDER "0199f0a5-7d0c-7000-8000-0000000000aa"

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
static void check_found(struct log_world *world, const char *sql, const char *words,
                        const char *strangers_words)
{
    world_sql(&world->gateway.world, "CREATE TABLE public.before AS TABLE oxe.execution_logs");
    log_world_tamper(world, sql);
    log_world_expect("audit verify", 1, words);
    expect_stranger(instance_url(), 1, strangers_words);
    expect_outsider("", 1, "outsider: ");
    log_world_tamper(
        world, "DELETE FROM oxe.execution_logs; INSERT INTO oxe.execution_logs SELECT * FROM public.before; "
               "DROP TABLE public.before");
}

Test(audit_proof, verify_finds_what_a_superuser_has_changed, .timeout = 120)
{
    struct log_world world = {0};

    log_world_begin(&world);
    log_world_expect("audit verify", 0,
                     "every entry is as it was recorded\n" AUDIT_KEY_ORIGIN ": 600 entries, root ");
    expect_stranger(instance_url(), 0, AUDIT_KEY_ORIGIN ": 600 entries, root ");
    expect_outsider("", 0, AUDIT_KEY_ORIGIN ": 600 entries proved");
    check_found(&world, "UPDATE oxe.execution_logs SET message = 'another' WHERE log_seq = 300",
                "entry 300 is not what was recorded: fields were changed, the hash was not",
                "entry 300 is not what was recorded");
    check_found(&world,
                "UPDATE oxe.execution_logs SET \"timestamp\" = \"timestamp\" + '1 us' WHERE log_seq = 600",
                "entry 600 is not what was recorded", "entry 600 is not what was recorded");
    check_found(&world, "UPDATE oxe.execution_logs SET actor = 'eve' WHERE log_seq = 1", "entry 1 is not",
                "entry 1 is not");
    check_found(
        &world,
        "UPDATE oxe.execution_logs SET (message, event_id, \"timestamp\", leaf_hash) = (SELECT message, "
        "event_id, "
        "\"timestamp\", leaf_hash FROM oxe.execution_logs o WHERE o.log_seq = 41 - execution_logs.log_seq) "
        "WHERE log_seq IN (20, 21)",
        "entry 20 is not what was recorded, nor are 1 more", "entry 20 is not what was recorded");
    check_found(&world, "DELETE FROM oxe.execution_logs WHERE log_seq = 300",
                "entry 300 is missing: in its place is entry 301", "of entries 257 to 512 some are missing");
    check_found(&world, "DELETE FROM oxe.execution_logs WHERE log_seq > 590",
                "the log: entries 591 to 600 are missing", "of entries 513 to 600 some are missing");
    log_world_expect("audit verify", 0, "600 entries");
    log_world_end(&world);
}

/* The encoding is public, so whoever changes a row can also recompute its hash. */
Test(audit_proof, verify_finds_a_change_with_its_hash_recomputed, .timeout = 120)
{
    struct log_world world = {0};

    log_world_begin(&world);
    /* A log of the same length with one other entry, by the suite's own hand: its rows have right hashes. */
    world_sql(&world.gateway.world, "CREATE TABLE public.before AS TABLE oxe.execution_logs");
    world_sql(&world.gateway.world, "CREATE TABLE public.signed_before AS TABLE oxe.audit_published");
    world_sql(&world.gateway.world, "CREATE TABLE public.tiles_before AS TABLE oxe.audit_tiles");
    log_world_writer_end(&world);
    log_world_tamper(&world,
                     "DELETE FROM oxe.execution_logs; DELETE FROM oxe.audit_checkpoints; DELETE FROM "
                     "oxe.audit_published; DELETE FROM oxe.audit_tiles; "
                     "UPDATE oxe.audit_state SET next_log_seq = 1, frontier = '', sealed_frontier = ''");
    log_world_writer_start(&world);
    log_world_record(&world, LOG_WORLD_ENTRIES);
    log_world_await(&world, "600");

    /* All of it rewritten, and signed with the key: only who has kept a checkpoint finds out. */
    char command[256];
    log_world_expect("audit verify", 0, "600 entries");
    log_world_expect("audit consistency $LOG/old", 1, "the log was changed");
    log_world_expect("audit verify --since $LOG/old", 1, "the log was changed");
    (void)snprintf(command, sizeof(command), "%s/old", world.gateway.world.directory);
    expect_outsider("", 0, "600 entries proved");
    expect_outsider(command, 1, "outsider: ");

    /* The rewritten rows under the checkpoint that was signed:
     * found by the checkpoint, with the tiles or without. */
    log_world_tamper(&world, "DELETE FROM oxe.audit_published; INSERT INTO oxe.audit_published SELECT * FROM "
                             "public.signed_before");
    log_world_expect(
        "audit verify", 1,
        "of entries 513 to 600 one or more are not those that were signed, though their hashes fit "
        "them (so say the stored tiles, which may have been changed as well)");
    expect_stranger(instance_url(), 1, "not those that the checkpoint has signed");
    log_world_tamper(
        &world, "DELETE FROM oxe.audit_tiles; INSERT INTO oxe.audit_tiles SELECT * FROM public.tiles_before");
    log_world_expect("audit verify", 1, "of entries 1 to 256 one or more are not those that were signed");
    log_world_expect("audit verify --since $LOG/old", 1, "the log was changed");
    log_world_end(&world);
}

Test(audit_proof, consistency_finds_a_log_cut_and_accepts_one_that_grew, .timeout = 120)
{
    struct log_world world = {0};
    char command[256];

    log_world_begin(&world);
    (void)snprintf(command, sizeof(command), "audit consistency %s/old", world.gateway.world.directory);
    log_world_expect(command, 0, "the log's 600 entries begin with the 600 of");
    log_world_record(&world, 700);
    log_world_await(&world, "1300");
    log_world_expect(command, 0, "the log's 1300 entries begin with the 600 of");
    char old[256];
    (void)snprintf(old, sizeof(old), "%s/old", world.gateway.world.directory);
    expect_outsider(old, 0, "1300 entries proved");

    /* The tail cut, and a writer that knows nothing of it. */
    log_world_writer_end(&world);
    log_world_tamper(&world,
                     "DELETE FROM oxe.execution_logs; DELETE FROM oxe.audit_checkpoints; DELETE FROM "
                     "oxe.audit_published; DELETE FROM oxe.audit_tiles; "
                     "UPDATE oxe.audit_state SET next_log_seq = 1, frontier = '', sealed_frontier = ''");
    log_world_writer_start(&world);
    log_world_record(&world, 100);
    log_world_await(&world, "100");
    log_world_expect("audit verify", 0, "100 entries");
    log_world_expect(command, 1, "the log was cut: it has 100 entries, and had 600");
    expect_outsider(old, 1, "the log was cut: it has 100 entries, and had 600");
    log_world_end(&world);
}

Test(audit_proof, a_checkpoint_of_another_key_is_none, .timeout = 120)
{
    struct log_world world = {0};

    log_world_begin(&world);
    (void)setenv("OXE_AUDIT_VERIFIER", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                 1);
    log_world_expect("audit verify", 1, "signed by none of the verifier keys");
    expect_stranger(instance_url(), 1, "not signed by the verifier key");
    expect_outsider("", 1, "no verifiable signatures");
    log_world_expect("audit heads", 1, "signed by none of the verifier keys");
    (void)setenv("OXE_AUDIT_VERIFIER", "nonsense", 1);
    log_world_expect("audit heads", 64, "is no verifier key");
    (void)unsetenv("OXE_AUDIT_VERIFIER");
    log_world_expect("audit heads", 64, "it needs the log's keys");
    log_world_end(&world);
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

    log_world_begin(&world);
    directory = world.gateway.world.directory;
    record_order(&world, 1);
    log_world_record(&world, 20);
    log_world_await(&world, "621");

    (void)snprintf(proof, sizeof(proof), "%s/600.tlog-proof", directory);
    (void)snprintf(bad, sizeof(bad), "%s/bad", directory);
    (void)snprintf(command, sizeof(command), "audit prove " ORDER " --directory %s", directory);
    log_world_expect(command, 0, proof);
    gateway_stop(&world.gateway); /* and now without the log */
    world.gateway.gateway = 0;
    (void)unsetenv("OXE_TOKEN");
    (void)snprintf(command, sizeof(command), "audit check %s", proof);
    log_world_expect(command, 0, "entry 601 of 621 of " AUDIT_KEY_ORIGIN ":\nlog_seq: 601\n");
    log_world_expect(command, 0, "\norder_id: " ORDER "\n");
    log_world_expect(command, 0, "\naction: FILLED\n");
    log_world_expect(command, 0, "\nprice: 150.45\n");
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
    log_world_end(&world);
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

    log_world_begin(&world);
    AUTO_TEXT trader = gateway_token(&world.gateway, "trader-1");
    AUTO_TEXT other = gateway_token(&world.gateway, "trader-2");
    record_order(&world, 60);
    log_world_record(&world, 300);
    log_world_await(&world, "960");
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
    log_world_writer_end(&world);
    log_world_tamper(&world,
                     "CREATE TABLE public.later AS SELECT * FROM oxe.audit_published WHERE tree_size > 600; "
                     "DELETE FROM oxe.audit_published WHERE tree_size > 600");
    struct answered waiting = check_page(&world, trader, "", 600, &checkpoint);
    cr_expect_eq(waiting.proofs, 0);
    cr_expect_eq(checkpoint.size, 600);
    log_world_tamper(&world, "INSERT INTO oxe.audit_published SELECT * FROM public.later");

    /* A neighbour that is gone cannot be proved around. */
    log_world_tamper(&world, "DELETE FROM oxe.execution_logs WHERE log_seq = 662");
    expect_answer(trader, PROOFS, 500, "The log lacks hashes that it has signed");
    log_world_end(&world);
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
    static char large[16 * 1024 + 1];

    (void)snprintf(path, sizeof(path), "/tmp/oxe-policy-%d", (int)getpid());
    (void)setenv("OXE_AUDIT_POLICY", path, 1);
    log_world_begin(&world);
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
    log_world_end(&world);
}
