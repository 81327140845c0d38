/* SPDX-License-Identifier: Apache-2.0 */
/* Limits hold exactly whoever races: eight clients of one trader through two gateways, two validators and two
 * risk-managers, which meet in the database alone. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"

enum { CLIENTS = 8, UNITS_MAX = 3 };

/* What a trader with 1,000,000 and 500 AAPL at 150 sets out to pass. */
struct race {
    const char *limit;    /* what is set of oxe.traders */
    const char *later;    /* and what once the day has begun; NULL: nothing */
    const char *terms;    /* of each order, beside symbol and quantity */
    long capacity;        /* units that fit, or orders */
    bool of_orders;       /* capacity counts orders */
    const char *code;     /* of every refusal */
    const char *reserved; /* when all that fits is taken */
    int held;             /* AAPL; 0: as they are, and for the sales 97 */
};

#define BUY  "\"order_type\":\"MARKET\""
#define SELL "\"side\":\"SELL\",\"order_type\":\"LIMIT\",\"price\":150"

static const struct race races[] = {
    /* 157.5 each with the collar. */
    {"cash = 15907.5", NULL, BUY, 101, false, "INSUFFICIENT_BUYING_POWER", "15907.50000000"},
    {"cash = 15907.49999999", NULL, BUY, 100, false, "INSUFFICIENT_BUYING_POWER", "15750.00000000"},
    {"max_position_quantity = 607", NULL, BUY, 107, false, "MAX_POSITION", "16852.50000000"},
    {"max_open_orders = 53", NULL, BUY, 53, true, "MAX_OPEN_ORDERS", NULL},
    /* 150 each. */
    {"max_daily_notional = 15150", NULL, BUY, 101, false, "MAX_DAILY_NOTIONAL", "15907.50000000"},
    {"max_daily_notional = 15149.99999999", NULL, BUY, 100, false, "MAX_DAILY_NOTIONAL", "15750.00000000"},
    /* 97 may be sold. */
    {"max_open_orders = 1000", NULL, SELL, 97, false, "INSUFFICIENT_POSITION", "0.00000000"},
    /* 97 held and 23 short, of which each reserves half its price beyond the proceeds. */
    {"short_selling = true, max_position_quantity = 23", NULL, SELL, 120, false, "MAX_POSITION",
     "1725.00000000"},
    {"short_selling = true, cash = 1725", NULL, SELL, 120, false, "INSUFFICIENT_BUYING_POWER",
     "1725.00000000"},
    {"short_selling = true, cash = 1724.99999999", NULL, SELL, 119, false, "INSUFFICIENT_BUYING_POWER",
     "1650.00000000"},
    /* 97 short, whose margin is 21,825: as many may be bought back free, 101 more at 157.5. */
    {"short_selling = true, cash = 37732.5", NULL, BUY, 198, false, "INSUFFICIENT_BUYING_POWER",
     "15907.50000000", -97},
    /* A loss of 1,000 has reached the limit: only what is held may be sold. */
    {"short_selling = true, daily_loss = 1000", "cash = cash - 1000", SELL, 97, false, "DAILY_LOSS_LIMIT",
     "0.00000000"},
};

struct client {
    pthread_t thread;
    const struct gateway_world *gateway;
    const struct race *race;
    const char *token;
    unsigned number;
    unsigned attempts;
    long created, units, refused, wrong;
    char oddity[512]; /* the last answer that was none of the expected */
};

static void take_refusal(struct client *client, const struct reply *reply)
{
    double limit = strtod(json_text(reply->json, "errors/0/limit"), NULL);
    double actual = strtod(json_text(reply->json, "errors/0/actual"), NULL);
    bool is_daily_loss = strcmp(client->race->code, "DAILY_LOSS_LIMIT") == 0;

    client->refused++;
    if (reply->status == 422 && strcmp(json_text(reply->json, "code"), client->race->code) == 0 &&
        (is_daily_loss ? actual >= limit : actual > limit))
        return;
    client->wrong++;
    (void)snprintf(client->oddity, sizeof(client->oddity), "%ld %s", reply->status, reply->body.data);
}

static void *run(void *argument)
{
    struct client *client = argument;
    char body[256];

    for (unsigned i = 0; i < client->attempts; i++) {
        int quantity = 1 + (int)((client->number * 7 + i * 5) % UNITS_MAX);
        bool second = (client->number + i) % 2 == 1;
        (void)snprintf(body, sizeof(body), "{\"symbol\":\"AAPL\",\"quantity\":%d,%s}", quantity,
                       client->race->terms);
        AUTO_REPLY reply = instance_call(&(struct call){.url = second ? client->gateway->second_url : NULL,
                                                        .path = ORDERS,
                                                        .token = client->token,
                                                        .body = body});
        if (reply.status == 201) {
            client->created++;
            client->units += quantity;
        } else
            take_refusal(client, &reply);
    }
    return NULL;
}

/* Limits, and what is held. */
static void set_up(struct gateway_world *gateway, const char *subject, const char *token,
                   const struct race *race)
{
    struct world *world = &gateway->world;

    world_sql(world, "UPDATE oxe.traders SET orders_per_minute = 0, %s WHERE subject = '%s'", race->limit,
              subject);
    int held = race->held == 0 && strcmp(race->terms, SELL) == 0 ? 97 : race->held;
    if (held != 0)
        world_sql(world,
                  "UPDATE oxe.positions SET quantity = %d FROM oxe.traders t WHERE t.id = trader_id AND "
                  "t.subject = '%s'",
                  held, subject);
    if (race->later == NULL)
        return;
    AUTO_REPLY refused =
        order_submit(token, "{\"symbol\":\"DARK\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_assert_eq(refused.status, 422, "%s", refused.body.data);
    world_sql(world, "UPDATE oxe.traders SET %s WHERE subject = '%s'", race->later, subject);
}

/* Together the clients ask for twice as many orders as the limit has units, of one to three units each. */
static void run_race(struct gateway_world *gateway, size_t trader, const struct race *race)
{
    struct client clients[CLIENTS];
    char subject[32];
    long units = 0, created = 0, refused = 0;

    (void)snprintf(subject, sizeof(subject), "trader-%zu", trader);
    AUTO_TEXT token = gateway_token(gateway, subject);
    set_up(gateway, subject, token, race);
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.gateway = gateway,
                                     .race = race,
                                     .token = token,
                                     .number = i,
                                     .attempts = (unsigned)race->capacity / 4};
        cr_assert_eq(pthread_create(&clients[i].thread, NULL, run, &clients[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        cr_assert_eq(pthread_join(clients[i].thread, NULL), 0);
        cr_expect_eq(clients[i].wrong, 0, "%s: %ld of %ld refusals: %s", race->limit, clients[i].wrong,
                     clients[i].refused, clients[i].oddity);
        units += clients[i].units;
        created += clients[i].created;
        refused += clients[i].refused;
    }
    long taken = race->of_orders ? created : units;
    cr_expect_eq(taken, race->capacity, "%s: %ld instead of %ld (%ld orders, %ld refused)", race->limit,
                 taken, race->capacity, created, refused);
    cr_expect_gt(refused, 0, "%s: nobody was refused", race->limit);

    char wanted[128];
    (void)snprintf(wanted, sizeof(wanted), "%ld|%ld", created, units);
    cr_expect_str_eq(
        world_value(&gateway->world,
                    "SELECT t.open_orders || '|' || trunc(p.open_buy + p.open_sell) FROM "
                    "oxe.traders t JOIN oxe.positions p ON p.trader_id = t.id WHERE subject = '%s'",
                    subject),
        wanted, "%s", race->limit);
    if (race->reserved != NULL)
        cr_expect_str_eq(
            world_value(&gateway->world, "SELECT reserved FROM oxe.traders WHERE subject = '%s'", subject),
            race->reserved, "%s", race->limit);
}

Test(race, no_limit_is_passed_by_one_unit_nor_refused_below, .timeout = 240)
{
    struct gateway_world gateway;

    gateway_begin_pair(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(races); i++)
        run_race(&gateway, i, &races[i]);
    for (size_t i = 0; i < WORLD_RISK_MANAGERS; i++)
        cr_expect_gt(
            world_metric(gateway.world.risk_ports[i], "oxe_risk_orders_total", "outcome=\"created\""), 0,
            "risk-manager %zu took no part", i);
    gateway_end(&gateway);
}
