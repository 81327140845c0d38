/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/log_world.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/note.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_US = 20 * 1000 * 1000, POLL_MS = 10 };

void log_world_writer_start(struct log_world *world)
{
    const char *const argv[] = {getenv("OXE_AUDIT_WRITER_BINARY"), NULL};
    const char *directory = world->gateway.world.directory;
    char text[512];

    cr_assert_not_null(argv[0], "OXE_AUDIT_WRITER_BINARY must name the program");
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", port_free());
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)setenv("OXE_INSTANCE", "0", 1);
    (void)snprintf(text, sizeof(text), "%s user=oxe_audit", postgres_conninfo(world->gateway.world.postgres));
    (void)setenv("OXE_DATABASE", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/audit-writer", directory);
    (void)setenv("OXE_AUDIT_BIND", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/broadcaster", directory);
    (void)setenv("OXE_BROADCASTER", text, 1);
    (void)unsetenv("OXE_AUDIT_POLICY"); /* no witness is asked for here */
    audit_key_set(directory);
    (void)snprintf(text, sizeof(text), "%s/audit-writer.log", directory);
    world->writer = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(world->writer, 0);
}

void log_world_writer_end(struct log_world *world)
{
    if (world->writer > 0) {
        (void)kill(world->writer, SIGKILL);
        (void)process_wait(world->writer);
    }
    world->writer = 0;
}

void log_world_await(struct log_world *world, const char *size)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;

    while (strcmp(world_value(&world->gateway.world, "SELECT max(tree_size) FROM oxe.audit_published"),
                  size) != 0) {
        cr_assert_lt(clock_monotonic_us(), end_us, "no checkpoint of %s", size);
        (void)poll(NULL, 0, POLL_MS);
    }
}

void log_world_record(struct log_world *world, int count)
{
    world_sql(&world->gateway.world,
              "INSERT INTO oxe.outbox (operation) SELECT ROW(gen_random_uuid(), 'HALTED', NULL, 'AAPL', "
              "NULL, NULL, "
              "'entry ' || i, 'olga', now())::oxe.operation FROM generate_series(1, %d) AS i",
              count);
}

void log_world_begin(struct log_world *world)
{
    log_world_begin_after(world, NULL, "600");
}

void log_world_begin_after(struct log_world *world, void (*past)(struct world *world), const char *size)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char text[NOTE_KEY_TEXT_MAX];

    gateway_begin(&world->gateway);
    world_sql(&world->gateway.world, "DELETE FROM oxe.outbox");
    if (past != NULL)
        past(&world->gateway.world);
    log_world_writer_start(world);
    log_world_record(world, LOG_WORLD_ENTRIES);
    log_world_await(world, size);
    cr_assert_eq(note_signer_load(getenv("OXE_AUDIT_KEY"), AUDIT_KEY_ORIGIN, NOTE_ED25519, &signer), 0);
    note_key_format(note_signer_key(signer), text);
    (void)setenv("OXE_AUDIT_VERIFIER", text, 1);
    AUTO_TEXT carol = gateway_token_with(world->gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    (void)setenv("OXE_TOKEN", carol, 1);
    (void)setenv("LOG", world->gateway.world.directory, 1);
    log_world_expect("audit heads --note > $LOG/old", 0, "");
}

void log_world_end(struct log_world *world)
{
    log_world_writer_end(world);
    gateway_end(&world->gateway);
}

void log_world_tamper(struct log_world *world, const char *sql)
{
    world_sql(&world->gateway.world, "SET session_replication_role = replica");
    world_sql(&world->gateway.world, "%s", sql);
    world_sql(&world->gateway.world, "SET session_replication_role = DEFAULT");
}

void log_world_expect(const char *command, int status, const char *words)
{
    int found = -1;
    AUTO_TEXT said = gateway_oxectl(command, &found);

    cr_expect_eq(found, status, "%s: %d: %s", command, found, said);
    cr_expect_not_null(strstr(said, words), "%s: %s", command, said);
}

void log_world_shell(const char *line, int status, const char *words)
{
    int found = -1;
    AUTO_TEXT said = instance_run((const char *const[]){"sh", "-c", line, NULL}, &found);

    cr_expect_eq(found, status, "%s: %d: %s", line, found, said);
    cr_expect_not_null(strstr(said, words), "%s: %s", line, said);
}
