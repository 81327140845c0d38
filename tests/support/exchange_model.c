/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/exchange_model.h"

#include <assert.h>
#include <stdlib.h>

enum { QUOTES_MAX = 128 };

/* Something that an incoming order can trade with. */
struct offer {
    size_t order; /* 0: a synthetic quote */
    int64_t price, quantity;
    uint64_t turn;
};

bool model_open(const struct model_order *order)
{
    return order->status == '0' || order->status == '1';
}

/* A stop that waits; every other open order is in the book. */
static bool waits(const struct model_order *order)
{
    return model_open(order) && order->type == '3' && !order->triggered;
}

static void tell(struct model *model, size_t number, struct model_event event)
{
    const struct model_order *order = &model->orders[number];
    assert(model->event_count < MODEL_EVENTS_MAX);
    event.session = order->session;
    event.order = number;
    event.status = order->status;
    if (event.exec != '9') {
        event.quantity = order->quantity;
        event.filled = order->filled;
        event.leaves = model_open(order) ? order->quantity - order->filled : 0;
    }
    model->events[model->event_count++] = event;
}

static void end(struct model *model, size_t number, char status)
{
    model->orders[number].status = status;
    tell(model, number, (struct model_event){.exec = status});
}

static void trade(struct model *model, size_t number, int64_t quantity, int64_t price)
{
    struct model_order *order = &model->orders[number];
    order->filled += quantity;
    order->status = order->filled == order->quantity ? '2' : '1';
    tell(model, number, (struct model_event){.exec = 'F', .last_quantity = quantity, .last_price = price});
}

/* The best quote and each worse one; 0 for none. */
static int64_t quote_price(const struct model *model, bool ask, int level)
{
    int half = model->spread_ticks / 2;
    int64_t bid = model->price - half - level;
    if (ask)
        return model->price + (model->spread_ticks - half) + level;
    return bid < 1 ? 1 : bid;
}

static int64_t quote_quantity(const struct model *model, int level)
{
    int64_t quantity = model->levels == 0 ? 0 : model->level_quantity;
    for (int i = model->levels; i <= level; i++)
        quantity *= 2;
    return quantity;
}

static bool within(const struct model_order *order, int64_t price)
{
    return order->type != '2' || (order->buy ? price <= order->price : price >= order->price);
}

/* Cheapest first for who buys; at one price clients by their turn, then the quotes. */
static int compare_offers(const void *left, const void *right, void *buy)
{
    const struct offer *a = left, *b = right;
    if (a->price != b->price)
        return (a->price < b->price) == *(bool *)buy ? -1 : 1;
    if ((a->order == 0) != (b->order == 0))
        return a->order == 0 ? 1 : -1;
    return a->turn < b->turn ? -1 : a->turn > b->turn;
}

/* Everything that `order` may trade with, in the order in which it will. */
static size_t find_offers(const struct model *model, const struct model_order *order,
                          struct offer offers[static MODEL_ORDERS_MAX + QUOTES_MAX])
{
    size_t count = 0;
    int64_t leaves = order->quantity - order->filled, quoted = 0;
    for (size_t i = 1; i <= model->order_count; i++) {
        const struct model_order *other = &model->orders[i];
        if (other == order || !model_open(other) || waits(other) || other->buy == order->buy ||
            !within(order, other->price))
            continue;
        offers[count++] = (struct offer){i, other->price, other->quantity - other->filled, other->turn};
    }
    for (int level = 0; quoted < leaves && quote_quantity(model, level) > 0; level++) {
        int64_t price = quote_price(model, order->buy, level), quantity = quote_quantity(model, level);
        quoted += quantity;
        if (within(order, price))
            offers[count++] = (struct offer){0, price, quantity, (uint64_t)level};
    }
    bool buy = order->buy;
    qsort_r(offers, count, sizeof(*offers), compare_offers, &buy);
    return count < MODEL_FILLS_MAX ? count : MODEL_FILLS_MAX;
}

static void meet(struct model *model, size_t number)
{
    static struct offer offers[MODEL_ORDERS_MAX + QUOTES_MAX];
    struct model_order *order = &model->orders[number];
    size_t count = find_offers(model, order, offers), fills = 0;
    int64_t offered = 0, leaves = order->quantity - order->filled;
    for (size_t i = 0; i < count; i++)
        offered += offers[i].quantity;
    if (order->time_in_force == '4' && offered < leaves) {
        end(model, number, '4');
        return;
    }
    for (; fills < count && leaves > 0; fills++) {
        int64_t quantity = offers[fills].quantity < leaves ? offers[fills].quantity : leaves;
        leaves -= quantity;
        trade(model, number, quantity, offers[fills].price);
        if (offers[fills].order != 0)
            trade(model, offers[fills].order, quantity, offers[fills].price);
    }
    bool rests = order->type == '2' && (order->time_in_force == '0' || order->time_in_force == '1') &&
                 fills < MODEL_FILLS_MAX;
    if (leaves > 0 && !rests)
        end(model, number, '4');
}

static bool reached(const struct model *model, const struct model_order *order)
{
    return order->buy ? model->price >= order->price : model->price <= order->price;
}

static void place(struct model *model, size_t number)
{
    struct model_order *order = &model->orders[number];
    order->turn = ++model->turn;
    if (waits(order) && !reached(model, order))
        return;
    order->triggered = order->type == '3';
    meet(model, number);
}

void model_new(struct model *model, const struct model_order *order)
{
    assert(model->order_count < MODEL_ORDERS_MAX);
    model->event_count = 0;
    size_t number = ++model->order_count;
    model->orders[number] = *order;
    model->orders[number].status = '0';
    tell(model, number, (struct model_event){.exec = '0'});
    place(model, number);
}

static bool refused(struct model *model, size_t number)
{
    model->event_count = 0;
    if (model_open(&model->orders[number]))
        return false;
    tell(model, number, (struct model_event){.exec = '9', .reason = 0});
    return true;
}

void model_cancel(struct model *model, size_t number)
{
    if (!refused(model, number))
        end(model, number, '4');
}

void model_replace(struct model *model, size_t number, int64_t quantity, int64_t price)
{
    if (refused(model, number))
        return;
    struct model_order *order = &model->orders[number];
    bool stays = price == order->price && quantity <= order->quantity, done = quantity <= order->filled;
    order->quantity = done ? order->filled : quantity;
    order->price = price;
    if (done)
        order->status = '2';
    tell(model, number, (struct model_event){.exec = '5'});
    if (!done && !stays)
        place(model, number);
}

/* The stop that is next: buys before sells, the nearest trigger first, then the earlier one. 0: none. */
static size_t next_stop(const struct model *model)
{
    size_t best = 0;
    for (size_t i = 1; i <= model->order_count; i++) {
        const struct model_order *order = &model->orders[i], *other = &model->orders[best];
        if (!waits(order) || !reached(model, order))
            continue;
        bool nearer = order->buy ? order->price < other->price : order->price > other->price;
        if (best == 0 || (order->buy && !other->buy) ||
            (order->buy == other->buy &&
             (nearer || (order->price == other->price && order->turn < other->turn))))
            best = i;
    }
    return best;
}

/* The resting order that the quotes reach first: bids before asks, the better price first. 0: none. */
static size_t next_crossed(const struct model *model)
{
    size_t best = 0;
    for (size_t i = 1; i <= model->order_count; i++) {
        const struct model_order *order = &model->orders[i], *other = &model->orders[best];
        if (!model_open(order) || waits(order) || quote_quantity(model, 0) == 0 ||
            !within(order, quote_price(model, order->buy, 0)))
            continue;
        bool better = order->buy ? order->price > other->price : order->price < other->price;
        if (best == 0 || (order->buy && !other->buy) ||
            (order->buy == other->buy &&
             (better || (order->price == other->price && order->turn < other->turn))))
            best = i;
    }
    return best;
}

void model_move_price(struct model *model, int64_t price)
{
    model->event_count = 0;
    model->price = price;
    for (size_t stop = next_stop(model); stop != 0; stop = next_stop(model)) {
        model->orders[stop].triggered = true;
        meet(model, stop);
    }
    for (size_t order = next_crossed(model); order != 0; order = next_crossed(model))
        trade(model, order, model->orders[order].quantity - model->orders[order].filled,
              model->orders[order].price);
}

void model_end_day(struct model *model)
{
    model->event_count = 0;
    for (size_t i = 1; i <= model->order_count; i++)
        if (model_open(&model->orders[i]) && model->orders[i].time_in_force == '0')
            end(model, i, 'C');
}

int64_t model_resting(const struct model *model, bool buy, bool stops, int64_t price, size_t *ret_orders)
{
    int64_t quantity = 0;
    *ret_orders = 0;
    for (size_t i = 1; i <= model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (!model_open(order) || waits(order) != stops || order->buy != buy || order->price != price)
            continue;
        quantity += order->quantity - order->filled;
        ++*ret_orders;
    }
    return quantity;
}
