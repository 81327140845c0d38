/* SPDX-License-Identifier: Apache-2.0 */
/* A real service whose machine's clock is apart from that of a real PostgreSQL says so, and stays ready. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "tests/support/admission_world.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_US = 20 * 1000 * 1000, POLL_MS = 10 };

/* A validator whose clock is so many seconds off. */
static pid_t start_off(const struct world *world, const char *seconds, int port)
{
    char text[256];
    const char *const argv[] = {"/usr/bin/env",
                                "LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1",
                                text,
                                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                                "sh",
                                "-c",
                                "exec \"$OXE_VALIDATOR_BINARY\"",
                                NULL};

    (void)snprintf(text, sizeof(text), "ipc://%s/validator-off", world->directory);
    (void)setenv("OXE_VALIDATOR_BIND", text, 1);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", port);
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)snprintf(text, sizeof(text), "FAKETIME=%s", seconds);
    pid_t pid = process_start(argv, NULL, "/dev/null", SIGKILL);
    cr_assert_gt(pid, 0);
    return pid;
}

/* The first one that is measured. */
static double await_figure(int port)
{
    int64_t until_us = clock_monotonic_us() + WAIT_US;
    double figure = 0;

    world_await_status(port, "/readyz", 200);
    while ((figure = world_metric_fraction(port, "oxe_clock_offset_seconds", NULL)) == 0) {
        cr_assert_lt(clock_monotonic_us(), until_us, "nothing is measured");
        (void)poll(NULL, 0, POLL_MS);
    }
    return figure;
}

Test(clock, one_that_is_apart_degrades_and_never_fails, .timeout = 120)
{
    static const struct {
        const char *seconds, *says;
        double least, most;
    } cases[] = {
        {"+0.2", "\"clock\":{\"status\":\"degraded\",\"detail\":\"", 0.15, 0.25},
        {"-0.2", "\"clock\":{\"status\":\"degraded\",\"detail\":\"", -0.25, -0.15},
        {"+0.01", "\"clock\":{\"status\":\"ok\"}", -0.02, 0.04},
    };
    struct world world;

    world_begin(&world, 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int port = port_free();
        pid_t pid = start_off(&world, cases[i].seconds, port);
        double found = await_figure(port);
        world_await_text(port, "/readyz", cases[i].says); /* with a 200 */
        cr_expect(found > cases[i].least && found < cases[i].most, "%s: %f", cases[i].seconds, found);
        (void)kill(pid, SIGTERM);
        cr_expect_eq(process_wait(pid), 0);
    }
    /* The same clock, and the same machine. */
    world_await_text(world.validator_port, "/readyz", "\"clock\":{\"status\":\"ok\"");
    world_await_text(world.risk_ports[0], "/readyz", "\"clock\":{\"status\":\"ok\"");
    world_end(&world);
}
