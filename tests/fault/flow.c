/* SPDX-License-Identifier: Apache-2.0 */
/* See flow.h. */
#include "tests/fault/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/cleanup.h"

enum { TEXT_BYTES = 512, PAST_LEGS_PER_MILLE = 12 };

static void tokens_path(const struct floor *floor, char path[static TEXT_BYTES])
{
    (void)snprintf(path, TEXT_BYTES, "%s/tokens", floor->home);
}

int flow_prepare(const struct floor *floor)
{
    char path[TEXT_BYTES], count[16];

    tokens_path(floor, path);
    (void)snprintf(count, sizeof(count), "%d", FLOW_TRADERS);
    return floor_run(
        (const char *const[]){floor->front_door, "traders", "--count", count, "--tokens", path, NULL}, floor);
}

static void become_load(const struct floor *floor, bool limited, const struct flow *flow)
{
    char program[TEXT_BYTES], tokens[TEXT_BYTES], port[16], rate[16], brackets[16];

    (void)snprintf(program, sizeof(program), "%s/tests/bench/oxe-load", floor->build);
    tokens_path(floor, tokens);
    (void)snprintf(port, sizeof(port), "%d", floor->port);
    (void)snprintf(rate, sizeof(rate), "%d", limited ? FLOW_RATE_LIMITED : FLOW_RATE);
    (void)snprintf(brackets, sizeof(brackets), "%d", limited ? FLOW_BRACKETS_LIMITED_PCT : FLOW_BRACKETS_PCT);
    (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    (void)execl(program, program, "--port", port, "--tokens", tokens, "--rate", rate, "--type", "MIX",
                "--seconds", "600", "--brackets", brackets, "--orders-file", flow->orders_path, (char *)NULL);
    _exit(127);
}

/* The symbols of oxe-load and the prices that they open at, in hundredths (deploy/local/instruments.csv). */
static const struct {
    const char *symbol;
    long cents;
} prices[] = {{"AAPL", 15000}, {"MSFT", 41000}, {"GOOG", 17500}, {"AMZN", 18500}, {"NVDA", 12000}};

static void set_prices(const struct floor *floor, long per_mille)
{
    char command[64];

    for (size_t i = 0; i < ARRAY_LEN(prices); i++) {
        long cents = prices[i].cents + prices[i].cents * per_mille / 1000;
        (void)snprintf(command, sizeof(command), "price %s %ld.%02ld", prices[i].symbol, cents / 100,
                       cents % 100);
        free(floor_ask_exchange(floor, command));
    }
}

void flow_shake_prices(const struct floor *floor)
{
    set_prices(floor, PAST_LEGS_PER_MILLE);
    set_prices(floor, -PAST_LEGS_PER_MILLE);
    set_prices(floor, 0);
}

int flow_start(const struct floor *floor, bool limited, struct flow *ret_flow)
{
    set_prices(floor, 0);
    (void)snprintf(ret_flow->orders_path, sizeof(ret_flow->orders_path), "%s/orders", floor->home);
    (void)unlink(ret_flow->orders_path);
    ret_flow->pid = fork();
    if (ret_flow->pid == 0)
        become_load(floor, limited, ret_flow);
    return ret_flow->pid < 0 ? -errno : 0;
}

int flow_end(struct flow *flow)
{
    int status;

    (void)kill(flow->pid, SIGTERM);
    if (waitpid(flow->pid, &status, 0) != flow->pid)
        return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void take_line(struct flow_view *view, struct buffer *ids, const char *line, int64_t since_us)
{
    char id[64], code[64];
    int status;
    long long sent_us, answered_us;
    unsigned refused, broken;

    /* The last line may still be on its way. */
    if (sscanf(line, "%d %63s %lld %lld %u %u %63s", &status, id, &sent_us, &answered_us, &refused, &broken,
               code) != 7 ||
        strchr(line, '\n') == NULL)
        return;
    view->answered++;
    view->refused += refused > 0;
    view->broken += broken > 0;
    if (answered_us - sent_us > view->slowest_us)
        view->slowest_us = answered_us - sent_us;
    if (strcmp(code, "STOP_LOSS_SIDE") == 0 || strcmp(code, "TAKE_PROFIT_SIDE") == 0) {
        view->ruled++;
        return;
    }
    if (status != 201 && status != 200) {
        view->others++;
        view->other_status = status;
        return;
    }
    buffer_append_text(ids, ids->length == 0 ? "{" : ",");
    buffer_append_text(ids, id);
    if (sent_us > since_us && (view->first_201_us == 0 || answered_us < view->first_201_us))
        view->first_201_us = answered_us;
}

struct flow_view flow_look(const struct flow *flow, int64_t since_us)
{
    struct flow_view view = {0};
    struct buffer ids = BUFFER_INIT(0);
    char line[256];
    FILE *file = fopen(flow->orders_path, "re");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        take_line(&view, &ids, line, since_us);
    if (file != NULL)
        (void)fclose(file);
    buffer_append_text(&ids, ids.length == 0 ? "{}" : "}");
    view.ids = ids.data;
    return view;
}

int64_t flow_lanes_fill(struct floor *floor, int64_t since_us)
{
    /* An order's id begins with the milliseconds of its admission (UUIDv7), so its index finds the new ones.
     */
    static const char statement[] =
        "SELECT coalesce((extract(epoch FROM max(first)) * 1000000)::bigint, 0), count(*) "
        "FROM (SELECT o.lane, min(f.recorded_at) AS first FROM oxe.orders o JOIN oxe.fills f ON f.order_id = "
        "o.id "
        "WHERE o.id >= $1::uuid GROUP BY o.lane) lanes";
    char id[64];
    long long at_us = 0;
    int lanes = 0;
    unsigned long long since_ms = (unsigned long long)(since_us / 1000 + 1);

    (void)snprintf(id, sizeof(id), "%08llx-%04llx-0000-0000-000000000000", since_ms >> 16, since_ms & 0xffff);
    CLEANUP_FREE char *text = floor_sql_with(floor, statement, id);
    if (text == NULL || sscanf(text, "%lld %d", &at_us, &lanes) != 2)
        return 0;
    return lanes == FLOW_LANES ? at_us : 0;
}
