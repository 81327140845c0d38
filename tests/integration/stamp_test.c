/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint is stamped once a day by a real time-stamping authority, and by nobody else. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/log_world.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_US = 30 * 1000 * 1000, POLL_MS = 20, IDLE_MS = 1500 };

#define STAMPS "SELECT count(*) FROM oxe.audit_stamps"

struct stamp_world {
    struct log_world log;
    pid_t authority;
    char directory[64];
    char line[512];
};

/* A shell's line in the authority's folder. */
static void run(struct stamp_world *world, const char *line)
{
    (void)snprintf(world->line, sizeof(world->line), "cd %s && %s", world->directory, line);
    log_world_shell(world->line, 0, "");
}

static void begin(struct stamp_world *world)
{
    const char *root = getenv("OXE_SOURCE_ROOT");
    char text[256], port[16];
    const char *const argv[] = {"/usr/bin/env", "python3", text, world->directory, port, NULL};

    (void)snprintf(world->directory, sizeof(world->directory), "/tmp/oxe-tsa-XXXXXX");
    cr_assert_not_null(mkdtemp(world->directory));
    (void)snprintf(world->line, sizeof(world->line), "sh '%s/tests/support/tsa.sh' %s", root,
                   world->directory);
    cr_assert_eq(system(world->line), 0); // NOLINT(cert-env33-c): a test's own line
    (void)snprintf(text, sizeof(text), "%s/tests/support/tsa.py", root);
    (void)snprintf(port, sizeof(port), "%d", port_free());
    world->authority = process_start(argv, NULL, "/dev/null", SIGKILL);
    cr_assert_gt(world->authority, 0);
    (void)snprintf(world->line, sizeof(world->line), "http://127.0.0.1:%s/", port);
    (void)setenv("OXE_AUDIT_TSA", world->line, 1);
    (void)snprintf(world->line, sizeof(world->line), "%s/ca.pem", world->directory);
    (void)setenv("OXE_AUDIT_TSA_ROOTS", world->line, 1);
}

static void end(struct stamp_world *world)
{
    log_world_end(&world->log);
    (void)kill(world->authority, SIGKILL);
    (void)process_wait(world->authority);
    (void)snprintf(world->line, sizeof(world->line), "rm -rf %s", world->directory);
    cr_assert_eq(system(world->line), 0); // NOLINT(cert-env33-c): a test's own line
}

static void await(struct stamp_world *world, const char *sql, const char *value)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;

    while (strcmp(world_value(&world->log.gateway.world, "%s", sql), value) != 0) {
        cr_assert_lt(clock_monotonic_us(), end_us, "never %s: %s", value, sql);
        (void)poll(NULL, 0, POLL_MS);
    }
}

/* So often a line with this stands in audit-writer's log. */
static void await_line(struct stamp_world *world, const char *words)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;
    char line[512];

    (void)snprintf(line, sizeof(line), "grep -q '%s' %s/audit-writer.log", words,
                   world->log.gateway.world.directory);
    while (system(line) != 0) { // NOLINT(cert-env33-c): a test's own line
        cr_assert_lt(clock_monotonic_us(), end_us, "no line with %s", words);
        (void)poll(NULL, 0, POLL_MS);
    }
}

Test(stamp, a_day_has_one_and_everybody_can_check_it, .timeout = 120)
{
    struct stamp_world world = {0};
    char command[512];

    begin(&world);
    log_world_begin(&world.log);
    await(&world, STAMPS, "1");
    (void)snprintf(command, sizeof(command), "audit stamp --roots %s/ca.pem --token %s/token --text %s/text",
                   world.directory, world.directory, world.directory);
    log_world_expect(command, 0, "stamped at 20");
    run(&world, "openssl ts -verify -in token -data text -CAfile ca.pem 2>&1 | grep -q 'Verification: OK'");
    (void)snprintf(command, sizeof(command), "audit stamp --roots %s/other.pem", world.directory);
    log_world_expect(command, 1, "is not one of this checkpoint by an authority below");
    log_world_expect("audit stamp --roots /nonexistent", 2, "there are no certificates in");
    log_world_expect("audit stamp", 64, "--roots");

    /* A restart does not ask for a second one. */
    log_world_writer_end(&world.log);
    run(&world, "rm query");
    log_world_writer_start(&world.log);
    log_world_record(&world.log, 10);
    log_world_await(&world.log, "610");
    (void)poll(NULL, 0, 500);
    run(&world, "test ! -e query");
    await(&world, STAMPS, "1");

    /* Yesterday's is no stamp of today. */
    log_world_tamper(&world.log, "UPDATE oxe.audit_stamps SET stamped_at = stamped_at - interval '1 day'");
    log_world_writer_end(&world.log);
    log_world_writer_start(&world.log);
    await(&world, STAMPS, "2");
    /* On a day with nothing new there is nothing to ask for. */
    log_world_writer_end(&world.log);
    log_world_tamper(&world.log, "UPDATE oxe.audit_stamps SET stamped_at = stamped_at - interval '2 days'");
    run(&world, "rm query");
    log_world_writer_start(&world.log);
    (void)poll(NULL, 0, IDLE_MS);
    run(&world, "test ! -e query");
    await(&world, STAMPS, "2");
    /* Nor is one that somebody has put on another checkpoint. */
    log_world_tamper(
        &world.log,
        "UPDATE oxe.audit_stamps SET note = (SELECT note FROM oxe.audit_published WHERE tree_size = 600)");
    (void)snprintf(command, sizeof(command), "audit stamp --roots %s/ca.pem", world.directory);
    log_world_expect(command, 1, "is not one of this checkpoint");
    end(&world);
}

Test(stamp, what_is_none_is_not_kept, .timeout = 120)
{
    static const char *const ways[][2] = {{"status", "otherwise than with 200"},
                                          {"garbage", "is no stamp of this checkpoint"},
                                          {"other", "is no stamp of this checkpoint"},
                                          {"late", "clock and ours are apart"}};
    struct stamp_world world = {0};

    begin(&world);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        (void)snprintf(world.line, sizeof(world.line), "echo %s >%s/misbehave", ways[i][0], world.directory);
        cr_assert_eq(system(world.line), 0); // NOLINT(cert-env33-c): a test's own line
        if (i == 0)
            log_world_begin(&world.log);
        else
            log_world_writer_start(&world.log);
        await_line(&world, ways[i][1]);
        log_world_writer_end(&world.log);
        run(&world, "true");
        (void)snprintf(world.line, sizeof(world.line), "rm %s/audit-writer.log",
                       world.log.gateway.world.directory);
        cr_assert_eq(system(world.line), 0); // NOLINT(cert-env33-c): a test's own line
    }
    await(&world, STAMPS, "0");
    log_world_expect("audit stamp --roots /nonexistent", 1, "No checkpoint of this log has a time stamp");
    run(&world, "rm misbehave");
    log_world_writer_start(&world.log);
    await(&world, STAMPS, "1");
    end(&world);
}
