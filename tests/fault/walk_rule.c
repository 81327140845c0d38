/* SPDX-License-Identifier: Apache-2.0 */
/* What operations do in the walk. See walk.h. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/fault/walk.h"

#include "walk_doubts.sql.h"

enum { DOUBTS_MAX = 40 };

void walk_halt(struct walk *walk, uint64_t seed)
{
    bool cancels = walk_draw(&seed, 2) == 0;
    unsigned scope = (unsigned)walk_draw(&seed, 10);
    struct ask *ask = walk_ask_new(walk, ASK_HALT, "POST", walk->operations);

    if (ask == NULL)
        return;
    (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/admin/halts");
    const char *rest = cancels ? "\"reason\":\"walk\",\"cancel_open\":true" : "\"reason\":\"walk\"";
    if (scope == 0)
        (void)snprintf(ask->body, sizeof(ask->body), "{\"scope\":\"ALL\",%s}", rest);
    else if (scope < 6)
        (void)snprintf(ask->body, sizeof(ask->body), "{\"scope\":\"TRADER\",\"trader_id\":\"%s\",%s}",
                       walk->walkers[walk_draw(&seed, WALKERS)].id, rest);
    else
        (void)snprintf(ask->body, sizeof(ask->body), "{\"scope\":\"SYMBOL\",\"symbol\":\"%s\",%s}",
                       walk->symbols[walk_draw(&seed, WALK_SYMBOLS)].name, rest);
    walk_note(walk, "operations halt: %s", ask->body);
    walk_ask_send(walk, ask);
}

void walk_lift(struct walk *walk, uint64_t seed)
{
    if (walk->halt_count == 0)
        return;
    size_t which = walk_draw(&seed, walk->halt_count);
    struct ask *ask = walk_ask_new(walk, ASK_LIFT, "DELETE", walk->operations);
    if (ask == NULL)
        return;
    ask->persists = true;
    (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/admin/halts/%s", walk->halts[which]);
    walk_note(walk, "operations lift %s", walk->halts[which]);
    (void)memmove(walk->halts[which], walk->halts[--walk->halt_count], WALK_ID);
    walk_ask_send(walk, ask);
}

void walk_limits(struct walk *walk, uint64_t seed)
{
    static const char *const changes[] = {"max_order_quantity=50",
                                          "max_order_quantity=10000",
                                          "max_open_orders=20",
                                          "max_open_orders=300",
                                          "price_collar_pct=4",
                                          "price_collar_pct=10",
                                          "daily_loss=500",
                                          "daily_loss=10000000",
                                          "max_order_notional=5000",
                                          "max_order_notional=5000000",
                                          "max_position_quantity=300",
                                          "max_position_quantity=100000",
                                          "orders_per_minute=60",
                                          "orders_per_minute=0"};
    const char *change = changes[walk_draw(&seed, ARRAY_LEN(changes))];
    const char *id = walk->walkers[walk_draw(&seed, WALKERS)].id;

    if (walk_beside(walk, (const char *[]){"ctl", "limits", "--actor", "walk", id, change, NULL}))
        walk_note(walk, "operations set %s for %s", change, id);
}

void walk_account(struct walk *walk, uint64_t seed)
{
    const char *change = walk_draw(&seed, 5) < 2 ? "status=SUSPENDED" : "status=ACTIVE";
    const char *id = walk->walkers[walk_draw(&seed, WALKERS)].id;

    if (walk_beside(walk, (const char *[]){"ctl", "limits", "--actor", "walk", id, change, NULL}))
        walk_note(walk, "operations set %s for %s", change, id);
}

struct doubt {
    char id[WALK_ID], status[16], filled[4], exec_id[32], quantity[32], price[32];
};

/* Says of one order what is true of it. */
static void resolve(struct walk *walk, const struct doubt *doubt, uint64_t *seed)
{
    bool unknown = strcmp(doubt->status, "-") == 0;
    bool worked = strcmp(doubt->status, "NEW") == 0 || strcmp(doubt->status, "PARTIAL") == 0;
    const char *action = "CANCEL";
    struct ask *ask = walk_ask_new(walk, ASK_RESOLVE, "POST", walk->operations);

    if (ask == NULL)
        return;
    (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/admin/orders/%s/resolve", doubt->id);
    if (strcmp(doubt->exec_id, "-") != 0) {
        (void)snprintf(ask->body, sizeof(ask->body),
                       "{\"action\":\"FILL\",\"quantity\":%s,\"price\":%s,\"venue_exec_id\":\"%s\","
                       "\"reason\":\"the exchange has this execution\"}",
                       doubt->quantity, doubt->price, doubt->exec_id);
    } else {
        bool filled = doubt->filled[0] == 't';
        if (!filled && (unknown || worked) && walk_draw(seed, 2) == 0)
            action = unknown && walk_draw(seed, 2) == 0 ? "REJECT" : "RETRY";
        /* A fill that is lost on the way to an order that has ended here would stay lost. */
        if (worked && walk->loses && strcmp(action, "CANCEL") == 0) {
            ask->used = false;
            return;
        }
        (void)snprintf(ask->body, sizeof(ask->body), "{\"action\":\"%s\",\"reason\":\"it is %s there\"}",
                       action, unknown ? "unknown" : doubt->status);
    }
    walk_note(walk, "operations resolve %s: %s", doubt->id, ask->body);
    walk_ask_send(walk, ask);
}

int walk_resolve_doubts(struct walk *walk, uint64_t seed, int most)
{
    CLEANUP(buffer_release) struct buffer said = BUFFER_INIT(0);
    CLEANUP_FREE char *executions = NULL, *orders = NULL, *text = NULL;
    int count = 0, asked = 0;

    if (floor_count(&walk->floor, "SELECT count(*) FROM oxe.open_orders p JOIN oxe.orders o ON o.id = "
                                  "p.order_id WHERE o.execution_state = 'IN_DOUBT'") == 0)
        return 0;
    executions = walk_ask_exchange(walk, "executions");
    orders = walk_ask_exchange(walk, "orders");
    if (executions == NULL || orders == NULL)
        return -1;
    buffer_append_text(&said, executions);
    buffer_append_text(&said, orders);
    text = floor_sql_with(&walk->floor, sql_walk_doubts, said.data);
    if (text == NULL)
        return -1;
    for (char *save, *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        struct doubt doubt;
        if (sscanf(line, "%39s %15s %3s %31s %31s %31s", doubt.id, doubt.status, doubt.filled, doubt.exec_id,
                   doubt.quantity, doubt.price) != 6)
            continue;
        count++;
        if (asked < most && walk_draw(&seed, 3) > 0) {
            resolve(walk, &doubt, &seed);
            asked++;
        }
    }
    return count;
}

void walk_resolve(struct walk *walk, uint64_t seed)
{
    (void)walk_resolve_doubts(walk, seed, 1);
}
