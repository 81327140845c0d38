/* SPDX-License-Identifier: Apache-2.0 */
/* A round through probe ports: who answers, who does not, and whom nobody can ask. */
#include "common/probe_round.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/health.h"
#include "tests/support/port.h"

static struct health *health;
static struct probe *probe;
static int port;

static void begin(void)
{
    char address[64];
    int r = -EADDRINUSE;

    cr_assert_eq(health_create("tester", "1", NULL, 0, &health), 0);
    for (int i = 0; i < 20 && r == -EADDRINUSE; i++) {
        port = port_free();
        (void)snprintf(address, sizeof(address), "127.0.0.1:%d", port);
        r = probe_start(address, health, NULL, NULL, &probe);
    }
    cr_assert_eq(r, 0);
}

static void end(void)
{
    probe_stop(&probe);
    health_destroy(&health);
}

static void expect(const struct probe_answer *item, const char *name, bool answers, const char *fault)
{
    cr_expect_str_eq(item->name, name);
    cr_expect_eq(item->body.length > 0, answers, "%s: %s", name, item->fault);
    cr_expect_not_null(strstr(item->fault, fault), "%s: %s", name, item->fault);
    cr_expect_eq(item->fault[0] == '\0', answers, "%s: %s", name, item->fault);
}

Test(probe_round, asks_each_and_says_why_one_does_not_answer, .init = begin, .fini = end)
{
    /* No name server has to be asked for a name that cannot be one. */
    static const char lost[] =
        "lost=a-label-that-is-longer-than-the-sixty-three-bytes-that-any-label-may-have-in-a-name:1";
    char well[64];
    struct config_list list = {.items = {well, "away=127.0.0.1:9", lost}, .count = 3};

    (void)snprintf(well, sizeof(well), "well=127.0.0.1:%d", port);
    cr_expect_null(probe_round_check(&list));
    CLEANUP(probe_round_destroy) struct probe_round *round = probe_round_ask(&list);
    cr_assert_eq(round->count, 3);
    expect(&round->items[0], "well", true, "");
    expect(&round->items[1], "away", false, "connect");
    expect(&round->items[2], "lost", false, "ame");
}

Test(probe_round, a_file_is_read_and_one_that_cannot_be_is_told, .init = begin, .fini = end)
{
    char path[] = "/tmp/probe_round_XXXXXX";
    CLEANUP_CLOSE int fd = mkstemp(path);
    struct config_list list = {.items = {path}, .count = 1};

    cr_assert_geq(fd, 0);
    cr_assert_gt(dprintf(fd, "well=127.0.0.1:%d\n", port), 0);
    {
        CLEANUP(probe_round_destroy) struct probe_round *round = probe_round_ask(&list);
        cr_assert_eq(round->count, 1);
        expect(&round->items[0], "well", true, "");
    }
    (void)unlink(path);
    CLEANUP(probe_round_destroy) struct probe_round *round = probe_round_ask(&list);
    cr_assert_eq(round->count, 1);
    expect(&round->items[0], "probes", false, "No such file or directory");
    cr_expect_str_eq(round->items[0].address, path);
}
