/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange beside a slow and obvious model of it, over a long random run: after each operation
 * both must have told every client the same.
 *
 * A run is fixed by its seed. OXE_MODEL_SEED=N repeats the one that a failure names (its round alone), and
 * OXE_MODEL_OPERATIONS=N makes it longer. */
#include "services/exchange-sim/core/exchange.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/exchange_floor.h"
#include "tests/support/exchange_model.h"

#define TICK (DECIMAL_ONE / 100)

enum {
    OPERATIONS = 120 * 1000,
    ROUND_OPERATIONS = 2000, /* then with a new exchange, empty and otherwise configured */
    TEXT_MAX = 512,
    CROWD_ORDERS = 640,
    CROWD_VISITORS = 8,
    PRICE_SPAN = 12, /* ticks around the first price */
};

static struct model model;
static struct exchange *exchange;
static struct model_event told[MODEL_EVENTS_MAX];
static size_t told_count;
static uint64_t random_state;
static uint64_t fills_seen, triggers_seen, longest;
static char round_text[64];

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t between(int64_t least, int64_t most)
{
    return least + (int64_t)(next_random() % (uint64_t)(most - least + 1));
}

static int64_t in_units(const char *text, int64_t unit)
{
    struct decimal value;
    cr_assert_eq(decimal_parse(text, strlen(text), &value), 0, "%s", text);
    cr_assert_eq(value.units % unit, 0, "%s is in between", text);
    return value.units / unit;
}

static void read_field(struct model_event *event, const char *tag, const char *value)
{
    static const struct {
        const char *tag;
        size_t offset;
        int64_t unit;
    } numbers[] = {
        {"38", offsetof(struct model_event, quantity), DECIMAL_ONE},
        {"14", offsetof(struct model_event, filled), DECIMAL_ONE},
        {"151", offsetof(struct model_event, leaves), DECIMAL_ONE},
        {"32", offsetof(struct model_event, last_quantity), DECIMAL_ONE},
        {"31", offsetof(struct model_event, last_price), TICK},
        {"102", offsetof(struct model_event, reason), DECIMAL_ONE},
    };
    if (strcmp(tag, "37") == 0)
        event->order = strtoul(value + 1, NULL, 10); /* O17 */
    else if (strcmp(tag, "150") == 0)
        event->exec = value[0];
    else if (strcmp(tag, "39") == 0)
        event->status = value[0];
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (strcmp(tag, numbers[i].tag) == 0)
            *(int64_t *)((char *)event + numbers[i].offset) = in_units(value, numbers[i].unit);
}

static void take(void *context, uint32_t session, const char *type, const struct fix_body *body,
                 enum sink_way way)
{
    char text[sizeof(body->bytes) + 1], *rest = NULL;
    (void)context, (void)way;
    cr_assert_lt(told_count, (size_t)MODEL_EVENTS_MAX);
    struct model_event *event = &told[told_count++];
    *event = (struct model_event){.session = session, .exec = type[0]};
    memcpy(text, body->bytes, body->length);
    text[body->length] = '\0';
    for (char *field = strtok_r(text, "\x01", &rest); field != NULL; field = strtok_r(NULL, "\x01", &rest)) {
        char *value = strchr(field, '=');
        *value = '\0';
        read_field(event, field, value + 1);
    }
}

/* A crash names its round too. */
static void tell_round(int signal)
{
    (void)!write(STDERR_FILENO, round_text, strlen(round_text));
    (void)raise(signal);
}

static void begin_round(uint64_t seed, bool crowd)
{
    static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE};
    struct sigaction action = {.sa_handler = tell_round, .sa_flags = (int)SA_RESETHAND};
    random_state = seed;
    (void)snprintf(round_text, sizeof(round_text), "it crashed with OXE_MODEL_SEED=%" PRIu64 "\n", seed);
    for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
        (void)sigaction(crashes[i], &action, NULL);
    exchange_destroy(&exchange);
    model = (struct model){
        .price = next_random() % 4 == 0 ? 5 : 10000,
        .levels = crowd ? 0 : (int)between(0, 3), /* quotes would serve whoever comes for the crowd */
        .level_quantity = between(1, 20),
        .spread_ticks = (int)between(0, 3),
    };
    struct exchange_config config = {.levels = model.levels,
                                     .level_quantity = {model.level_quantity * DECIMAL_ONE},
                                     .spread_ticks = model.spread_ticks,
                                     .orders_expected = 16};
    struct instrument instrument = {"AAPL", "Apple", {TICK}, {DECIMAL_ONE}, true, {model.price * TICK}};
    struct sink sink = {.send = take};
    cr_assert_eq(exchange_create(&config, &instrument, 1, &sink, &exchange), 0);
    cr_assert_eq(exchange_load_end(exchange, NULL), 0);
}

static int64_t some_price(int64_t first_price)
{
    int64_t price = first_price + between(-PRICE_SPAN, PRICE_SPAN);
    return price < 1 ? 1 : price;
}

/* "38=…|40=…|44=…|" */
static size_t put_terms(char *text, const struct model_order *order)
{
    int length = snprintf(text, TEXT_MAX, "55=AAPL|54=%c|38=%" PRId64 "|40=%c|", order->buy ? '1' : '2',
                          order->quantity, order->type);
    if (order->type != '1')
        length += snprintf(text + length, TEXT_MAX - (size_t)length, "%s=%" PRId64 ".%02" PRId64 "|",
                           order->type == '2' ? "44" : "99", order->price / 100, order->price % 100);
    return (size_t)length;
}

static int64_t some_quantity(void)
{
    return next_random() % 40 == 0 ? between(100, 5000) : between(1, 30);
}

/* A crowd: small orders of one side gather far out, then come some large ones of which most reach that far;
 * again and again. */
static void join_crowd(int64_t first_price, struct model_order *order)
{
    int64_t far = first_price + 100;
    bool gathers = model.order_count % (CROWD_ORDERS + CROWD_VISITORS) < CROWD_ORDERS;
    order->buy = !gathers;
    order->type = gathers || next_random() % 4 != 0 ? '2' : '1';
    order->price = order->type == '2' ? far : 0;
    order->quantity = gathers ? 1 : between(450, 700);
    if (gathers)
        order->time_in_force = '1';
}

static void submit(int64_t first_price, bool crowd, char text[static TEXT_MAX])
{
    static const char types[] = "122233", times[] = "0134";
    struct model_order order = {
        .session = (uint32_t)between(0, 2),
        .buy = between(0, 1) == 0,
        .type = types[between(0, 5)],
        .time_in_force = times[between(0, 3)],
        .quantity = some_quantity(),
    };
    order.price = order.type == '1' ? 0 : some_price(first_price);
    if (crowd)
        join_crowd(first_price, &order);
    int length = snprintf(text, TEXT_MAX, "D 11=n%zu|59=%c|", model.order_count + 1, order.time_in_force);
    put_terms(text + length, &order);
    exchange_floor_request(exchange, order.session, "D", text + 2, exchange_floor_now);
    model_new(&model, &order);
}

static void cancel(int operation, char text[static TEXT_MAX])
{
    size_t number = (size_t)between(1, (int64_t)model.order_count);
    const struct model_order *order = &model.orders[number];
    (void)snprintf(text, TEXT_MAX, "F 11=c%d|41=n%zu|55=AAPL|54=%c|", operation, number,
                   order->buy ? '1' : '2');
    exchange_floor_request(exchange, order->session, "F", text + 2, exchange_floor_now);
    model_cancel(&model, number);
}

/* Smaller, larger, the same; at this price or another. */
static void replace(int64_t first_price, int operation, char text[static TEXT_MAX])
{
    size_t number = (size_t)between(1, (int64_t)model.order_count);
    struct model_order wanted = model.orders[number];
    int64_t quantity = wanted.quantity + between(-15, 15);
    wanted.quantity = quantity < 1 ? 1 : quantity;
    if (wanted.type != '1' && next_random() % 2 == 0)
        wanted.price = some_price(first_price);
    int length = snprintf(text, TEXT_MAX, "G 11=r%d|41=n%zu|", operation, number);
    put_terms(text + length, &wanted);
    exchange_floor_request(exchange, wanted.session, "G", text + 2, exchange_floor_now);
    model_replace(&model, number, wanted.quantity, wanted.price);
}

static void move_price(int64_t first_price, char text[static TEXT_MAX])
{
    int64_t price = some_price(first_price);
    (void)snprintf(text, TEXT_MAX, "price %" PRId64, price);
    cr_assert_eq(exchange_set_price(exchange, 0, decimal_from_units(price * TICK)), 0);
    while (!exchange_settle(exchange, exchange_floor_now))
        ;
    model_move_price(&model, price);
}

static void end_day(char text[static TEXT_MAX])
{
    (void)snprintf(text, TEXT_MAX, "end-day");
    while (!exchange_end_day(exchange, (struct instant){INT64_MAX}, exchange_floor_now, 7))
        ;
    model_end_day(&model);
}

static void operate(int64_t first_price, bool crowd, int operation, char text[static TEXT_MAX])
{
    int64_t choice = model.order_count == 0 ? 0 : between(0, 99);
    told_count = 0;
    if (choice < (crowd ? 90 : 60))
        submit(first_price, crowd, text);
    else if (choice < (crowd ? 91 : 75))
        cancel(operation, text);
    else if (choice < (crowd ? 93 : 87))
        replace(first_price, operation, text);
    else if (choice < 99 || crowd)
        move_price(first_price, text);
    else
        end_day(text);
}

static void show(const char *who, const struct model_event *event, bool there)
{
    if (there)
        (void)fprintf(stderr,
                      "  %s: session %u order %zu exec %c status %c, %" PRId64 " of %" PRId64
                      ", leaves %" PRId64 ", last %" PRId64 " at %" PRId64 ", reason %" PRId64 "\n",
                      who, event->session, event->order, event->exec, event->status, event->filled,
                      event->quantity, event->leaves, event->last_quantity, event->last_price, event->reason);
    else
        (void)fprintf(stderr, "  %s: nothing more\n", who);
}

static void compare_events(uint64_t seed, int operation, const char *text)
{
    for (size_t i = 0; i < model.event_count || i < told_count; i++) {
        const struct model_event *a = &model.events[i], *b = &told[i];
        if (i < model.event_count && i < told_count && a->session == b->session && a->order == b->order &&
            a->exec == b->exec && a->status == b->status && a->quantity == b->quantity &&
            a->filled == b->filled && a->leaves == b->leaves && a->last_quantity == b->last_quantity &&
            a->last_price == b->last_price && a->reason == b->reason) {
            fills_seen += a->exec == 'F';
            continue;
        }
        (void)fprintf(stderr, "OXE_MODEL_SEED=%" PRIu64 ", operation %d (%s), report %zu:\n", seed, operation,
                      text, i + 1);
        show("model", a, i < model.event_count);
        show("exchange", b, i < told_count);
        cr_assert_fail("the exchange and its model differ: OXE_MODEL_SEED=%" PRIu64, seed);
    }
    triggers_seen += text[0] == 'p' && model.event_count > 0;
    longest = model.event_count > longest ? model.event_count : longest;
}

/* The ladders, level by level. */
static void compare_books(uint64_t seed, int operation)
{
    for (int ladder = 0; ladder < BOOK_LADDERS; ladder++) {
        bool buy = ladder == BOOK_BIDS || ladder == BOOK_STOP_BUYS;
        bool stops = ladder == BOOK_STOP_BUYS || ladder == BOOK_STOP_SELLS;
        struct book_level level;
        size_t listed = 0, open = 0, orders = 0;
        for (size_t i = 0;
             book_level_at(exchange->symbols.items[0].book, (enum book_ladder)ladder, i, &level); i++) {
            int64_t quantity = model_resting(&model, buy, stops, level.price.units / TICK, &orders);
            cr_assert(quantity * DECIMAL_ONE == level.quantity.units && orders == level.orders,
                      "OXE_MODEL_SEED=%" PRIu64 ", operation %d: ladder %d, level %zu", seed, operation,
                      ladder, i);
            listed += level.orders;
        }
        for (size_t i = 1; i <= model.order_count; i++) {
            const struct model_order *order = &model.orders[i];
            open +=
                model_open(order) && order->buy == buy && (order->type == '3' && !order->triggered) == stops;
        }
        cr_assert_eq(listed, open, "OXE_MODEL_SEED=%" PRIu64 ", operation %d: ladder %d", seed, operation,
                     ladder);
    }
}

static void run_round(uint64_t seed, int operations)
{
    bool crowd = seed % 8 == 0;
    begin_round(seed, crowd);
    int64_t first_price = model.price;
    for (int operation = 0; operation < operations; operation++) {
        char text[TEXT_MAX] = "";
        operate(first_price, crowd, operation, text);
        compare_events(seed, operation, text);
        if (operation % 50 == 0)
            compare_books(seed, operation);
    }
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

Test(sim_model, the_exchange_tells_every_client_what_a_slow_and_obvious_model_tells)
{
    uint64_t seed = setting("OXE_MODEL_SEED", 0), operations = setting("OXE_MODEL_OPERATIONS", OPERATIONS);
    if (seed != 0) {
        run_round(seed, ROUND_OPERATIONS);
    } else {
        for (uint64_t round = 1; round <= operations / ROUND_OPERATIONS; round++)
            run_round(round, ROUND_OPERATIONS);
        cr_expect_gt(fills_seen, operations / 4, "it is about trades");
        cr_expect_gt(triggers_seen, operations / 50, "and about prices that set something off");
        cr_expect_gt(longest, (uint64_t)MODEL_FILLS_MAX, "and about orders that trade with a whole crowd");
    }
    exchange_destroy(&exchange);
}
