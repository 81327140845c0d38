/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints and tiles of the audit log, through a real audit-writer, PostgreSQL and gateway: what is
 * published is the log, and what was changed, cut or rolled back behind everyone's back is never signed.
 *
 * Long: one log and its checkpoints serve all cases. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "common/cleanup.h"
#include "proto/checkpoint.h"
#include "proto/tile.h"
#include "tests/support/audit_key.h"
#include "tests/support/gateway_world.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_US = 20 * 1000 * 1000, POLL_MS = 10 };

struct log_world {
    struct gateway_world gateway;
    pid_t writer;
    int probe_port;
};

static void writer_start(struct log_world *world)
{
    const char *const argv[] = {getenv("OXE_AUDIT_WRITER_BINARY"), NULL};
    const char *directory = world->gateway.world.directory;
    char text[512];

    cr_assert_not_null(argv[0], "OXE_AUDIT_WRITER_BINARY must name the program");
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", world->probe_port);
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)setenv("OXE_INSTANCE", "0", 1);
    (void)snprintf(text, sizeof(text), "%s user=oxe_audit", postgres_conninfo(world->gateway.world.postgres));
    (void)setenv("OXE_DATABASE", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/audit-writer", directory);
    (void)setenv("OXE_AUDIT_BIND", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/broadcaster", directory);
    (void)setenv("OXE_BROADCASTER", text, 1);
    (void)snprintf(text, sizeof(text), "%s/former", directory);
    (void)setenv("OXE_AUDIT_FORMER_KEYS", text, 1);
    (void)snprintf(text, sizeof(text), "%s/audit-writer.log", directory);
    world->writer = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(world->writer, 0);
}

static void writer_end(struct log_world *world, int signal)
{
    (void)kill(world->writer, signal);
    int status = process_wait(world->writer);
    if (signal == SIGTERM)
        cr_expect_eq(status, 0);
    world->writer = 0;
}

static void write_former(struct log_world *world, const char *text)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/former", world->gateway.world.directory);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    (void)fprintf(file, "# keys that signed before\n\n%s", text);
    cr_assert_eq(fclose(file), 0);
}

static void begin(struct log_world *world)
{
    gateway_begin(&world->gateway);
    world->probe_port = port_free();
    world_sql(&world->gateway.world, "DELETE FROM oxe.outbox");
    audit_key_set(world->gateway.world.directory);
    write_former(world, "");
    writer_start(world);
}

static void end(struct log_world *world)
{
    if (world->writer > 0)
        writer_end(world, SIGTERM);
    gateway_end(&world->gateway);
}

/* Entries that operations leave, `count` of them. */
static void record(struct log_world *world, int count)
{
    world_sql(&world->gateway.world,
              "INSERT INTO oxe.outbox (operation) SELECT ROW(gen_random_uuid(), 'HALTED', NULL, 'AAPL', "
              "NULL, NULL, "
              "'entry ' || i, 'olga', now())::oxe.operation FROM generate_series(1, %d) AS i",
              count);
}

static void await_value(struct log_world *world, const char *query, const char *wanted)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;
    const char *value;

    while (strcmp(value = world_value(&world->gateway.world, "%s", query), wanted) != 0) {
        cr_assert_lt(clock_monotonic_us(), end_us, "%s stays %s, not %s", query, value, wanted);
        (void)poll(NULL, 0, POLL_MS);
    }
}

static const char last_size[] = "SELECT max(tree_size) FROM oxe.audit_published";

static void await_size(struct log_world *world, const char *size)
{
    await_value(world, last_size, size);
}

/* Until the writer is not ready, and says why. */
static void await_fault(struct log_world *world, const char *words)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;
    char url[64];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", world->probe_port);
    for (;;) {
        AUTO_REPLY reply = instance_call(&(struct call){.url = url, .path = "/readyz"});
        if (reply.status == 503 && strstr(reply.body.data, words) != NULL)
            return;
        cr_assert_lt(clock_monotonic_us(), end_us, "not '%s': %s", words, reply.body.data);
        (void)poll(NULL, 0, POLL_MS);
    }
}

/* The key that `seed` makes of the log. */
static struct note_key key_of(struct log_world *world, uint8_t seed)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char path[256];

    audit_key_write(world->gateway.world.directory, "other.key", seed);
    (void)snprintf(path, sizeof(path), "%s/other.key", world->gateway.world.directory);
    cr_assert_eq(note_signer_load(path, AUDIT_KEY_ORIGIN, NOTE_ED25519, &signer), 0);
    return *note_signer_key(signer);
}

/* GET /checkpoint, verified. */
static struct checkpoint get_checkpoint(const struct note_key *key)
{
    AUTO_REPLY reply = gateway_get(NULL, "/checkpoint");
    struct checkpoint checkpoint;
    struct note note;

    cr_assert_eq(reply.status, 200, "%s", reply.body.data);
    cr_assert_not_null(strstr(reply.headers.data, "text/plain; charset=utf-8"));
    cr_assert_eq(note_parse(reply.body.data, reply.body.length, &note), 0);
    cr_assert_eq(note_verify(&note, key, NULL, NULL), 0);
    cr_assert_eq(checkpoint_parse(note.text, note.text_length, &checkpoint), 0);
    cr_expect_str_eq(checkpoint.origin, AUDIT_KEY_ORIGIN);
    return checkpoint;
}

static struct reply get_tile(const char *token, bool entries, unsigned int level, uint64_t index,
                             unsigned int width)
{
    char path[64], part[16] = "";

    if (width < TILE_WIDTH)
        (void)snprintf(part, sizeof(part), ".p/%u", width);
    if (entries)
        (void)snprintf(path, sizeof(path), "/tile/entries/%03d%s", (int)index, part);
    else
        (void)snprintf(path, sizeof(path), "/tile/%u/%03d%s", level, (int)index, part);
    return gateway_get(token, path);
}

static const uint8_t *hash_at(const struct reply *tile, size_t i)
{
    return (const uint8_t *)tile->body.data + i * MERKLE_HASH_BYTES;
}

/* Each entry of a bundle hashes to the tile's hash at its place. */
static void expect_entries(const struct reply *bundle, const struct reply *tile, unsigned int width)
{
    const uint8_t *at = (const uint8_t *)bundle->body.data, *over = at + bundle->body.length;
    uint8_t input[4096] = {0}, hash[32];

    for (unsigned int i = 0; i < width; i++) {
        cr_assert_leq(at + 2, over);
        size_t length = (size_t)at[0] << 8 | at[1];
        cr_assert_leq(at + 2 + length, over);
        memcpy(input + 1, at + 2, length);
        cr_assert_eq(EVP_Digest(input, 1 + length, hash, NULL, EVP_sha256(), NULL), 1);
        cr_assert_eq(memcmp(hash, hash_at(tile, i), sizeof(hash)), 0, "entry %u", i);
        at += 2 + length;
    }
    cr_expect_eq(at, over);
}

Test(checkpoint, what_is_published_is_the_log, .timeout = 120)
{
    struct log_world world = {0};
    struct merkle tree = {0}, tile_tree;
    uint8_t root[32];
    const unsigned int widths[] = {256, 256, 88};

    begin(&world);
    const struct note_key key = key_of(&world, 1);
    record(&world, 600);
    await_size(&world, "600");
    const struct checkpoint checkpoint = get_checkpoint(&key);
    cr_assert_eq(checkpoint.size, 600);

    AUTO_TEXT carol = gateway_token_with(world.gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    AUTO_TEXT trader = gateway_token(&world.gateway, "trader-1");
    AUTO_REPLY roots = get_tile(NULL, false, 1, 0, 2);
    cr_assert_eq(roots.status, 200, "%s", roots.body.data);
    cr_assert_eq(roots.body.length, 64);
    for (unsigned int i = 0; i < ARRAY_LEN(widths); i++) {
        AUTO_REPLY tile = get_tile(NULL, false, 0, i, widths[i]);
        AUTO_REPLY bundle = get_tile(carol, true, 0, i, widths[i]);
        cr_assert_eq(tile.status, 200);
        cr_assert_eq(tile.body.length, widths[i] * 32);
        cr_expect_not_null(strstr(tile.headers.data, "immutable"));
        cr_assert_eq(bundle.status, 200);
        cr_expect_not_null(strstr(bundle.headers.data, "no-store"));
        expect_entries(&bundle, &tile, widths[i]);
        tile_tree = (struct merkle){0};
        for (unsigned int j = 0; j < widths[i]; j++) {
            cr_assert_eq(merkle_append(&tree, hash_at(&tile, j)), 0);
            cr_assert_eq(merkle_append(&tile_tree, hash_at(&tile, j)), 0);
        }
        cr_assert_eq(merkle_root(&tile_tree, root), 0);
        if (i < 2)
            cr_expect_eq(memcmp(root, hash_at(&roots, i), 32), 0, "level 1 has the root of tile %u", i);
    }
    cr_assert_eq(merkle_root(&tree, root), 0);
    cr_expect_eq(memcmp(root, checkpoint.root, 32), 0);

    /* What no checkpoint covers is not there, whoever asks; entries are for compliance alone. */
    static const struct tile none[] = {
        {.index = 2, .width = 89},
        {.index = 2, .width = 256},
        {.index = 3, .width = 1},
        {.level = 1, .width = 3},
        {.level = 2, .width = 1},
        {.level = 8, .width = 1},
        {.level = 0, .index = 999, .width = 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        AUTO_REPLY tile = get_tile(NULL, false, none[i].level, none[i].index, none[i].width);
        cr_expect_eq(tile.status, 404, "case %zu", i);
    }
    AUTO_REPLY no_bundle = get_tile(carol, true, 0, 2, 89), nobody = get_tile(NULL, true, 0, 0, 1),
               of_trader = get_tile(trader, true, 0, 0, 1), ill = gateway_get(NULL, "/tile/0/0"),
               ill_entries = gateway_get(NULL, "/tile/entries/0");
    cr_expect_eq(no_bundle.status, 404);
    cr_expect_eq(nobody.status, 401);
    cr_expect_eq(of_trader.status, 403);
    cr_expect_eq(ill.status, 404);
    cr_expect_eq(ill_entries.status, 404);

    /* A later checkpoint leaves the tiles as they are. */
    AUTO_REPLY before = get_tile(NULL, false, 0, 2, 88);
    record(&world, 1);
    await_size(&world, "601");
    AUTO_REPLY after = get_tile(NULL, false, 0, 2, 88);
    cr_assert_eq(after.status, 200);
    cr_expect_eq(memcmp(before.body.data, after.body.data, before.body.length), 0);
    end(&world);
}

Test(checkpoint, an_empty_log_has_one_too, .timeout = 120)
{
    struct log_world world = {0};

    begin(&world);
    const struct note_key key = key_of(&world, 1);
    await_size(&world, "0");
    cr_expect_eq(get_checkpoint(&key).size, 0);
    end(&world);
}

Test(checkpoint, it_comes_within_a_second_of_the_entries, .timeout = 120)
{
    struct log_world world = {0};
    char size[16];

    begin(&world);
    await_size(&world, "0");
    for (int i = 1; i <= 5; i++) {
        record(&world, 1);
        (void)snprintf(size, sizeof(size), "%d", i);
        await_size(&world, size);
    }
    AUTO_TEXT late = strdup(world_value(
        &world.gateway.world, "SELECT count(*) FROM oxe.audit_checkpoints c JOIN oxe.execution_logs l ON "
                              "l.log_seq = c.tree_size WHERE c.signed_at - l.recorded_at > '1 s'"));
    cr_expect_str_eq(late, "0");
    end(&world);
}

/* --- keys --- */

static void reload(struct log_world *world)
{
    cr_assert_eq(kill(world->writer, SIGHUP), 0);
}

Test(checkpoint, a_key_may_change_while_the_suite_runs, .timeout = 120)
{
    struct log_world world = {0};
    char text[NOTE_KEY_TEXT_MAX + 1];

    begin(&world);
    const struct note_key first = key_of(&world, 1), second = key_of(&world, 2);
    record(&world, 3);
    await_size(&world, "3");
    cr_expect_eq(get_checkpoint(&first).size, 3);

    /* Without the key that signed last among the former ones, the log is a stranger's. */
    audit_key_write(world.gateway.world.directory, "audit.key", 2);
    reload(&world);
    await_fault(&world, "signed by none of the log's keys");
    record(&world, 3);
    await_value(&world, "SELECT next_log_seq FROM oxe.audit_state", "7");
    await_size(&world, "3");

    note_key_format(&first, text);
    strcat(text, "\n");
    write_former(&world, text);
    reload(&world);
    await_size(&world, "6");
    cr_expect_eq(get_checkpoint(&second).size, 6);
    /* And the log says so itself. */
    await_size(&world, "7");
    AUTO_TEXT told = strdup(world_value(
        &world.gateway.world, "SELECT message FROM oxe.execution_logs WHERE action = 'KEY_CHANGED'"));
    char change[2 * NOTE_NAME_MAX + 64];
    (void)snprintf(change, sizeof(change), "key: %s+%08x → %s+%08x, role: oxe_audit", first.name, first.id,
                   second.name, second.id);
    cr_expect_str_eq(told, change);
    world_await_status(world.probe_port, "/readyz", 200);
    end(&world);
}

Test(checkpoint, without_a_key_the_log_goes_on_unsigned, .timeout = 120)
{
    struct log_world world = {0};
    char path[256];

    begin(&world);
    await_size(&world, "0");
    writer_end(&world, SIGTERM);
    (void)snprintf(path, sizeof(path), "%s/audit.key", world.gateway.world.directory);
    cr_assert_eq(unlink(path), 0);
    writer_start(&world);
    record(&world, 5);
    await_value(&world, "SELECT next_log_seq FROM oxe.audit_state", "6");
    await_fault(&world, "keys cannot be read");
    await_size(&world, "0");
    /* It is tried again without a word. */
    audit_key_set(world.gateway.world.directory);
    await_size(&world, "5");
    world_await_status(world.probe_port, "/readyz", 200);

    write_former(&world, "no key\n");
    reload(&world);
    await_fault(&world, "keys cannot be read");
    end(&world);
}

/* --- tampering, as a superuser with the triggers off --- */

static void tamper(struct log_world *world, const char *sql)
{
    world_sql(&world->gateway.world, "SET session_replication_role = replica");
    world_sql(&world->gateway.world, "%s", sql);
    world_sql(&world->gateway.world, "SET session_replication_role = DEFAULT");
}

/* Ten entries are signed; ten more are written while nobody signs. */
static void begin_half_signed(struct log_world *world)
{
    char path[256];

    begin(world);
    record(world, 10);
    await_size(world, "10");
    (void)snprintf(path, sizeof(path), "%s/audit.key", world->gateway.world.directory);
    cr_assert_eq(unlink(path), 0);
    reload(world);
    await_fault(world, "keys cannot be read");
    record(world, 10);
    await_value(world, "SELECT next_log_seq FROM oxe.audit_state", "21");
}

static void expect_contradiction(struct log_world *world, const char *words)
{
    audit_key_set(world->gateway.world.directory);
    await_fault(world, words);
    /* Recording goes on, and signing does not. */
    record(world, 1);
    await_value(world, "SELECT count(*) FROM oxe.outbox", "0");
    (void)poll(NULL, 0, 1500); /* longer than a checkpoint takes */
    cr_expect_str_eq(world_value(&world->gateway.world, "%s", last_size), "10");
    cr_expect_eq(world_metric(world->probe_port, "oxe_audit_contradicted", ""), 1);
}

static void check_tampering(const char *sql, const char *words)
{
    struct log_world world = {0};

    begin_half_signed(&world);
    tamper(&world, sql);
    expect_contradiction(&world, words);
    end(&world);
}

Test(checkpoint, a_changed_hash_is_not_signed, .timeout = 120)
{
    check_tampering("UPDATE oxe.execution_logs SET leaf_hash = sha256('x') WHERE log_seq = 15",
                    "not those that were written");
}

Test(checkpoint, a_deleted_entry_is_not_signed_over, .timeout = 120)
{
    check_tampering("DELETE FROM oxe.execution_logs WHERE log_seq = 15", "entries of the log are missing");
}

Test(checkpoint, swapped_entries_are_not_signed, .timeout = 120)
{
    check_tampering("UPDATE oxe.execution_logs l SET (leaf_hash, event_id, message) = (SELECT leaf_hash, "
                    "event_id, message "
                    "FROM oxe.execution_logs o WHERE o.log_seq = 31 - l.log_seq) WHERE log_seq IN (15, 16)",
                    "not those that were written");
}

Test(checkpoint, a_log_cut_short_is_not_signed, .timeout = 120)
{
    check_tampering(
        "DELETE FROM oxe.execution_logs WHERE log_seq > 5; UPDATE oxe.audit_state SET next_log_seq = 1, "
        "frontier = ''",
        "fewer entries than its last checkpoint");
}

Test(checkpoint, a_stored_tree_of_another_log_is_not_signed, .timeout = 120)
{
    check_tampering("UPDATE oxe.audit_state SET sealed_frontier = ''", "not that of the last checkpoint");
}

Test(checkpoint, a_forged_checkpoint_is_not_built_upon, .timeout = 120)
{
    check_tampering(
        "UPDATE oxe.audit_checkpoints SET note = replace(note, E'\\n10\\n', E'\\n10\\nforged\\n')",
        "signed by none of the log's keys");
}

Test(checkpoint, a_database_rolled_back_is_not_signed_again, .timeout = 120)
{
    struct log_world world = {0};

    begin(&world);
    await_size(&world, "0");
    record(&world, 10);
    await_size(&world, "10");
    world_sql(&world.gateway.world, "CREATE TABLE public.old_state AS TABLE oxe.audit_state");
    record(&world, 10);
    await_size(&world, "20");
    /* As from a backup of before. */
    tamper(&world, "DELETE FROM oxe.execution_logs WHERE log_seq > 10; "
                   "DELETE FROM oxe.audit_checkpoints WHERE tree_size > 10; "
                   "DELETE FROM oxe.audit_published WHERE tree_size > 10; "
                   "UPDATE oxe.audit_state s SET (next_log_seq, frontier, sealed_frontier) = "
                   "(SELECT next_log_seq, frontier, sealed_frontier FROM public.old_state)");
    record(&world, 1);
    expect_contradiction(&world, "older than a checkpoint that was signed here");
    end(&world);
}

/* --- kill -9 --- */

Test(checkpoint, whatever_dies_each_checkpoint_begins_the_next, .timeout = 120)
{
    struct log_world world = {0};
    struct merkle tree = {0};
    uint8_t root[32];
    char query[160];

    begin(&world);
    const struct note_key key = key_of(&world, 1);
    for (int i = 0; i < 8; i++) {
        record(&world, 300);
        (void)poll(NULL, 0, 40 + i * 60);
        writer_end(&world, SIGKILL);
        writer_start(&world);
    }
    await_size(&world, "2400");
    for (uint64_t size = 0; size <= 2400; size++) {
        struct checkpoint checkpoint;
        struct note note;
        (void)snprintf(query, sizeof(query), "SELECT note FROM oxe.audit_checkpoints WHERE tree_size = %d",
                       (int)size);
        AUTO_TEXT text = strdup(world_value(&world.gateway.world, "%s", query));
        if (text[0] != '\0') {
            cr_assert_eq(note_parse(text, strlen(text), &note), 0);
            cr_assert_eq(note_verify(&note, &key, NULL, NULL), 0);
            cr_assert_eq(checkpoint_parse(note.text, note.text_length, &checkpoint), 0);
            cr_assert_eq(merkle_root(&tree, root), 0);
            cr_expect_eq(memcmp(checkpoint.root, root, sizeof(root)), 0, "of %d entries", (int)size);
        }
        if (size == 2400)
            break;
        const char *hex = world_value(
            &world.gateway.world,
            "SELECT encode(leaf_hash, 'hex') FROM oxe.execution_logs WHERE log_seq = %d", (int)size + 1);
        uint8_t leaf[32];
        for (size_t i = 0; i < sizeof(leaf); i++)
            cr_assert_eq(sscanf(hex + 2 * i, "%2hhx", &leaf[i]), 1);
        cr_assert_eq(merkle_append(&tree, leaf), 0);
    }
    cr_expect_str_eq(world_value(&world.gateway.world, "SELECT count(*) FROM oxe.audit_tiles"), "9");
    end(&world);
}
