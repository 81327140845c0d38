/* SPDX-License-Identifier: Apache-2.0 */
/* What the walk's traders do. See walk.h. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/fault/walk.h"

enum { PRICE_BYTES = 24, QUANTITY_BYTES = 24 };

static void price_text(long cents, char text[static PRICE_BYTES])
{
    if (cents < 1)
        cents = 1;
    (void)snprintf(text, PRICE_BYTES, "%ld.%02ld", cents / 100, cents % 100);
}

static void quantity_text(const struct symbol *symbol, uint64_t *seed, char text[static QUANTITY_BYTES])
{
    long quantity = walk_draw(seed, 30) == 0 ? walk_between(seed, 500, 6000) : walk_between(seed, 1, 80);

    if (symbol->fractions)
        (void)snprintf(text, QUANTITY_BYTES, "0.%04ld", quantity % 4000 + 1);
    else
        (void)snprintf(text, QUANTITY_BYTES, "%ld", quantity);
}

/* A price so many basis points from the last one. */
static long off(const struct symbol *symbol, long bp)
{
    return symbol->cents + symbol->cents * bp / 10000;
}

/* A stop loss, a take profit or both, on their sides of a price; now and then on the wrong one. */
static void add_legs(struct buffer *body, const struct symbol *symbol, bool buy, long around, uint64_t *seed)
{
    unsigned which = (unsigned)walk_draw(seed, 4); /* 0, 3: both */
    long away = symbol->cents * walk_between(seed, 8, 90) / 10000 + 1;
    char price[PRICE_BYTES];

    if (walk_draw(seed, 40) == 0)
        away = -away;
    if (which != 1) {
        price_text(buy ? around - away : around + away, price);
        buffer_append_format(body, ",\"stop_loss\":%s", price);
    }
    away = symbol->cents * walk_between(seed, 8, 90) / 10000 + 1;
    if (which != 2) {
        price_text(buy ? around + away : around - away, price);
        buffer_append_format(body, ",\"take_profit\":%s", price);
    }
}

/* An order of chance into `text`. */
static void compose(const struct walk *walk, uint64_t *seed, bool bracket, char text[static WALK_BODY])
{
    static const char *const types[] = {"MARKET", "LIMIT", "STOP"};
    static const char *const tifs[] = {"DAY", "DAY", "GTC", "GTC", "IOC", "FOK"};
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(WALK_BODY);
    const struct symbol *symbol = &walk->symbols[walk_draw(seed, WALK_SYMBOLS)];
    bool buy = walk_draw(seed, 20) < 11;
    size_t type = walk_draw(seed, 10) < 4 ? 0 : 1 + walk_draw(seed, 10) / 7;
    const char *tif = tifs[walk_draw(seed, type == 2 ? 4 : ARRAY_LEN(tifs))];
    char quantity[QUANTITY_BYTES], price[PRICE_BYTES];
    long around = symbol->cents;

    quantity_text(symbol, seed, quantity);
    buffer_append_format(
        &body,
        "{\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":%s,\"order_type\":\"%s\",\"time_in_force\":\"%s\"",
        symbol->name, buy ? "BUY" : "SELL", quantity, types[type], tif);
    if (type > 0) {
        long bp = walk_between(seed, -60, 60);
        if (type == 2)
            bp = (bp < 0 ? -bp : bp) * (buy ? 1 : -1) + (buy ? 2 : -2);
        around = off(symbol, bp);
        price_text(around, price);
        buffer_append_format(&body, ",\"price\":%s", price);
    }
    if (bracket)
        add_legs(&body, symbol, buy, around, seed);
    buffer_append_text(&body, "}");
    (void)snprintf(text, WALK_BODY, "%s", body.data);
}

static void ask_order(struct walk *walk, size_t index)
{
    const struct placed *placed = &walk->placed[index];
    struct ask *ask = walk_ask_new(walk, ASK_ORDER, "POST", walk->walkers[placed->walker].token);

    if (ask == NULL)
        return;
    ask->persists = true;
    ask->placed = index;
    ask->serial = placed->serial;
    (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/orders");
    (void)memcpy(ask->key, placed->key, sizeof(ask->key));
    (void)memcpy(ask->body, placed->body, sizeof(ask->body));
    walk_ask_send(walk, ask);
}

static void place(struct walk *walk, uint64_t seed, bool bracket)
{
    size_t index = walk->placed_count % WALK_PLACED;
    struct placed *placed = &walk->placed[index];

    *placed = (struct placed){.serial = ++walk->placed_count, .walker = walk_draw(&seed, WALKERS)};
    (void)snprintf(placed->key, sizeof(placed->key), "walk-%llu-%zu", (unsigned long long)walk->seed,
                   placed->serial);
    compose(walk, &seed, bracket, placed->body);
    walk_note(walk, "%s submits %s: %s", walk->walkers[placed->walker].subject, placed->key, placed->body);
    ask_order(walk, index);
    /* Twice at once, as an impatient client does. */
    if (walk_draw(&seed, 25) == 0)
        ask_order(walk, index);
}

void walk_order(struct walk *walk, uint64_t seed)
{
    place(walk, seed, false);
}

void walk_bracket(struct walk *walk, uint64_t seed)
{
    place(walk, seed, true);
}

/* One of the last `among` orders; NULL: there is none. */
static struct placed *draw_placed(struct walk *walk, uint64_t *seed, size_t among)
{
    size_t count = walk->placed_count < among ? walk->placed_count : among;

    if (count == 0)
        return NULL;
    return &walk->placed[(walk->placed_count - 1 - walk_draw(seed, count)) % WALK_PLACED];
}

void walk_repeat(struct walk *walk, uint64_t seed)
{
    const struct placed *placed = draw_placed(walk, &seed, 400);

    if (placed == NULL)
        return;
    walk_note(walk, "%s repeats %s", walk->walkers[placed->walker].subject, placed->key);
    ask_order(walk, (size_t)(placed - walk->placed));
}

void walk_preview(struct walk *walk, uint64_t seed)
{
    struct ask *ask = walk_ask_new(walk, ASK_PREVIEW, "POST", walk->walkers[walk_draw(&seed, WALKERS)].token);

    if (ask == NULL)
        return;
    (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/orders/preview");
    compose(walk, &seed, walk_draw(&seed, 2) == 0, ask->body);
    walk_ask_send(walk, ask);
}

/* An order of its client, or one that only the database knows: a leg. */
static bool find_leg(struct walk *walk, uint64_t *seed, size_t *ret_walker, char id[static WALK_ID])
{
    char statement[320], subject[32];
    CLEANUP_FREE char *text = NULL;

    (void)snprintf(statement, sizeof(statement),
                   "SELECT t.subject, o.id FROM oxe.open_orders p JOIN oxe.orders o ON o.id = p.order_id "
                   "JOIN oxe.traders t ON t.id = o.trader_id WHERE o.parent_order_id IS NOT NULL "
                   "ORDER BY md5(o.id::text || '%llu') LIMIT 1",
                   (unsigned long long)walk_draw(seed, 1000));
    text = floor_sql(&walk->floor, statement);
    if (text == NULL || sscanf(text, "%31s %39s", subject, id) != 2)
        return false;
    for (size_t i = 0; i < WALKERS; i++)
        if (strcmp(walk->walkers[i].subject, subject) == 0) {
            *ret_walker = i;
            return true;
        }
    return false;
}

void walk_cancel(struct walk *walk, uint64_t seed)
{
    const struct placed *placed = draw_placed(walk, &seed, walk_draw(&seed, 4) == 0 ? 600 : 30);
    char id[WALK_ID] = "";
    size_t walker = 0;

    if (walk_draw(&seed, 4) == 0) {
        if (!find_leg(walk, &seed, &walker, id))
            return;
    } else if (placed != NULL && placed->id[0] != '\0') {
        walker = placed->walker;
        (void)memcpy(id, placed->id, sizeof(id));
    } else {
        return;
    }
    struct ask *ask = walk_ask_new(walk, ASK_CANCEL, "POST", walk->walkers[walker].token);
    if (ask == NULL)
        return;
    walk_note(walk, "%s cancels %s", walk->walkers[walker].subject, id);
    ask->persists = walk_draw(&seed, 2) == 0;
    (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/orders/%s/cancel", id);
    walk_ask_send(walk, ask);
}

void walk_read(struct walk *walk, uint64_t seed)
{
    static const char *const paths[] = {"/api/v1/account", "/api/v1/positions", "/api/v1/orders?limit=20",
                                        "/api/v1/instruments"};
    struct ask *ask = walk_ask_new(walk, ASK_READ, "GET", walk->walkers[walk_draw(&seed, WALKERS)].token);

    if (ask == NULL)
        return;
    (void)snprintf(ask->path, sizeof(ask->path), "%s", paths[walk_draw(&seed, ARRAY_LEN(paths))]);
    walk_ask_send(walk, ask);
}
