/* SPDX-License-Identifier: Apache-2.0 */
/* 200 traders at once, 20 orders each, through HTTP: nothing is lost, doubled or miscounted. They are more
 * than the gateway takes at once with the bound that meson.build sets, and repeat what is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "tests/support/instance.h"

enum { TRADERS = 200, ORDERS = 20, SETTLE_S = 60, POLL_MS = 100, AGREE_S = 10, DIFFERENCE_MAX = 1024 };

TestSuite(load, .timeout = 240);

static void find_program(const char *name, char program[static 1024])
{
    (void)snprintf(program, 1024, "%s/tests/bench/%s", getenv("OXE_BUILD"), name);
}

/* Traders load-0 … with their tokens in a file. */
static void make_traders(char tokens[static 1024])
{
    char count[16];

    (void)snprintf(tokens, 1024, "%s/tokens", getenv("OXE_HOME"));
    (void)snprintf(count, sizeof(count), "%d", TRADERS);
    AUTO_TEXT made =
        instance_oxe((const char *[]){"traders", "--count", count, "--tokens", tokens, NULL}, NULL);
}

static void send_orders(const char *tokens)
{
    char program[1024], port[16], traders[16], orders[16], count[16];
    int status;

    find_program("oxe-load", program);
    (void)snprintf(port, sizeof(port), "%d", instance_port());
    (void)snprintf(traders, sizeof(traders), "%d", TRADERS);
    (void)snprintf(orders, sizeof(orders), "%d", ORDERS);
    (void)snprintf(count, sizeof(count), "%d", TRADERS * ORDERS);
    AUTO_TEXT report =
        instance_run((const char *[]){program, "--port", port, "--tokens", tokens, "--traders", traders,
                                      "--orders", orders, "--type", "MIX", "--rate", "20000", NULL},
                     &status);
    char error[256];
    yajl_val json = yajl_tree_parse(report, error, sizeof(error));
    cr_assert_eq(status, 0, "oxe-load ended with %d: %s", status, report);
    cr_assert_str_eq(json_text(json, "created"), count, "every order is answered 201: %s", report);
    cr_assert_str_eq(json_text(json, "answers"), count, "%s", report);
    cr_assert_str_eq(json_text(json, "broken"), "0", "%s", report);
    long shed = instance_metric(INSTANCE_GATEWAY, "gateway", "oxe_orders_shed_total");
    cr_expect_gt(shed, 0, "so many orders at once are not all taken at once: %s", report);
    cr_expect_leq(shed, atol(json_text(json, "statuses/503")), "each was told: %s", report);
    yajl_tree_free(json);
}

/* Until every order is at the exchange or done: FILLED, or open as the book says. */
static void settle(void)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)SETTLE_S * 1000000;
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

    for (;;) {
        AUTO_TEXT unsettled =
            instance_sql("SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', "
                         "'SENT', 'IN_DOUBT')) + (SELECT count(*) FROM oxe.outbox)");
        if (strcmp(unsettled, "0") == 0)
            return;
        cr_assert(clock_monotonic_us() < end_us, "%s orders and outbox rows are on their way after %d s",
                  unsettled, SETTLE_S);
        (void)nanosleep(&pause, NULL);
    }
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a text, sorted; they stay in the text. */
static char **sorted_lines(char *text, size_t *ret_count)
{
    size_t count = 0, capacity = 0;
    char **lines = NULL, *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            lines = realloc(lines, capacity * sizeof(*lines));
            cr_assert(lines != NULL);
        }
        lines[count++] = line;
    }
    qsort(lines, count, sizeof(*lines), compare_lines);
    *ret_count = count;
    return lines;
}

/* The exchange's list as the query below writes fills. */
static void read_executions(struct buffer *ret_lines)
{
    AUTO_TEXT json = instance_oxe((const char *[]){"ctl", "sim", "executions", NULL}, NULL);
    char *rest = NULL, error[256];

    for (char *line = strtok_r(json, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        yajl_val execution = yajl_tree_parse(line, error, sizeof(error));
        cr_assert(execution != NULL, "oxectl sim executions: %s", line);
        buffer_append_format(ret_lines, "%s %s %s %s %s %s\n", json_text(execution, "cl_ord_id"),
                             json_text(execution, "exec_id"), json_text(execution, "symbol"),
                             json_text(execution, "side"), json_text(execution, "quantity"),
                             json_text(execution, "price"));
        yajl_tree_free(execution);
    }
    cr_assert(!buffer_failed(ret_lines));
}

/* Whether the exchange's executions are our fills, one to one; if not, ret_difference says where. */
static bool fills_are_executions(char ret_difference[static DIFFERENCE_MAX])
{
    CLEANUP(buffer_release) struct buffer executed = BUFFER_INIT(0);
    AUTO_TEXT filled = instance_sql("SELECT concat_ws(' ', order_id, venue_exec_id, symbol, side, "
                                    "trim_scale(quantity_filled), trim_scale(price_at_fill)) FROM oxe.fills");
    size_t execution_count, fill_count, at = 0;

    read_executions(&executed);
    cr_assert(executed.length > 0, "the exchange has executed something");
    CLEANUP_FREE char **executions = sorted_lines(executed.data, &execution_count);
    CLEANUP_FREE char **fills = sorted_lines(filled, &fill_count);
    while (at < execution_count && at < fill_count && strcmp(fills[at], executions[at]) == 0)
        at++;
    (void)snprintf(ret_difference, DIFFERENCE_MAX, "%zu executions, %zu fills; the exchange: %s, ours: %s",
                   execution_count, fill_count, at < execution_count ? executions[at] : "-",
                   at < fill_count ? fills[at] : "-");
    return at == execution_count && at == fill_count;
}

static void check_orders(void)
{
    char count[16];

    (void)snprintf(count, sizeof(count), "%d", TRADERS * ORDERS);
    AUTO_TEXT orders = instance_sql("SELECT count(*) FROM oxe.orders WHERE idempotent_key LIKE 'load-%%'");
    cr_assert_str_eq(orders, count, "one order for each 201");
    AUTO_TEXT unexpected = instance_sql(
        "SELECT status, execution_state, order_type, count(*) FROM oxe.orders WHERE NOT (status = "
        "'FILLED' AND execution_state = 'DONE' OR status IN ('PENDING', 'PARTIAL') AND "
        "execution_state = 'WORKING' AND order_type = 'LIMIT') GROUP BY 1, 2, 3");
    cr_assert_str_empty(unexpected, "neither FILLED nor an open LIMIT: %s", unexpected);
    AUTO_TEXT put_aside = instance_sql("SELECT service, kind, detail FROM oxe.put_aside LIMIT 5");
    cr_assert_str_empty(put_aside, "%s", put_aside);
    AUTO_TEXT reserved =
        instance_sql("SELECT subject FROM oxe.traders WHERE reserved <> 0 AND open_orders = 0");
    cr_assert_str_empty(reserved, "reserved without an open order: %s", reserved);
}

/* What is open at the exchange is what we think is open. */
static bool open_orders_are_the_exchanges(char ret_difference[static DIFFERENCE_MAX])
{
    AUTO_TEXT ours = instance_sql("SELECT count(*) FROM oxe.orders WHERE execution_state = 'WORKING'");
    AUTO_TEXT json = instance_oxe((const char *[]){"ctl", "sim", "orders", NULL}, NULL);
    char *rest = NULL;
    long open = 0;

    for (char *line = strtok_r(json, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        open += strstr(line, "\"status\":\"NEW\"") != NULL || strstr(line, "\"status\":\"PARTIAL\"") != NULL;
    (void)snprintf(ret_difference, DIFFERENCE_MAX, "open at the exchange: %ld, ours: %s", open, ours);
    return open == atol(ours);
}

/* Prices go on moving and fill open orders, so a difference counts only when it stays. */
static void expect_soon(bool (*holds)(char ret_difference[static DIFFERENCE_MAX]))
{
    int64_t end_us = clock_monotonic_us() + (int64_t)AGREE_S * 1000000;
    char difference[DIFFERENCE_MAX];

    while (!holds(difference))
        cr_assert(clock_monotonic_us() < end_us, "%s", difference);
}

Test(load, two_hundred_traders_at_once_lose_nothing)
{
    char tokens[1024];
    make_traders(tokens);
    AUTO_TEXT processes = instance_processes();

    send_orders(tokens);
    settle();
    check_orders();
    instance_check_invariants();
    expect_soon(fills_are_executions);
    expect_soon(open_orders_are_the_exchanges);
    AUTO_TEXT now = instance_processes();
    cr_assert_str_eq(now, processes, "processes before:\n%safter:\n%s", processes, now);
}

/* The instrument of ./oxe bench against the database: what it counts is there, and an order that waits for
 * its trader is counted from when it was due. */
Test(load, what_the_pace_counts_is_on_record)
{
    static const struct {
        const char *traders, *rate;
        bool keeps_up;
        long due;
    } cases[] = {{"20", "40", true, 80}, {"1", "20000", false, 40000}};
    char tokens[1024], program[1024], port[16], error[256];
    int status;

    make_traders(tokens);
    find_program("oxe-pace", program);
    (void)snprintf(port, sizeof(port), "%d", instance_port());
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_TEXT before =
            instance_sql("SELECT count(*) FROM oxe.orders WHERE idempotent_key LIKE 'pace-%%'");
        AUTO_TEXT report = instance_run(
            (const char *[]){program, "--port", port, "--tokens", tokens, "--traders", cases[i].traders,
                             "--rate", cases[i].rate, "--warm", "0", "--seconds", "2", NULL},
            &status);
        yajl_val json = yajl_tree_parse(report, error, sizeof(error));
        cr_assert_eq(status, 0, "oxe-pace ended with %d: %s", status, report);
        AUTO_TEXT filled = instance_sql(
            "SELECT count(*) FROM oxe.orders WHERE idempotent_key LIKE 'pace-%%' AND status = 'FILLED'");
        long created = atol(json_text(json, "created"));
        cr_expect_eq(atol(filled) - atol(before), created, "%s orders are FILLED: %s", filled, report);
        cr_expect_eq(atol(json_text(json, "filled")), created, "%s", report);
        cr_expect_eq(atol(json_text(json, "sent")), created, "%s", report);
        cr_expect_eq(atol(json_text(json, "sent")) + atol(json_text(json, "unsent")), cases[i].due, "%s",
                     report);
        cr_expect_eq(strcmp(json_text(json, "unsent"), "0") == 0, cases[i].keeps_up, "%s", report);
        /* A trader who is answered before the next order goes is 2 s behind at the end. */
        if (!cases[i].keeps_up)
            cr_expect_gt(atof(json_text(json, "answer_max_ms")), 1000, "%s", report);
        yajl_tree_free(json);
    }
}
