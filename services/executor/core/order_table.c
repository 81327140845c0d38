/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/order_table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 1024 };

struct slot {
    bool used;
    struct open_order order;
};

struct order_table {
    struct slot *slots;
    size_t slot_count; /* a power of two, at least half of it free */
    size_t count;
    size_t max;
};

int order_table_create(size_t max, struct order_table **ret_table)
{
    assert(max > 0 && max <= ORDER_TABLE_MAX);
    struct order_table *table = calloc(1, sizeof(*table));
    if (table == NULL)
        return -ENOMEM;
    table->slots = calloc(SLOTS_MIN, sizeof(*table->slots));
    if (table->slots == NULL) {
        free(table);
        return -ENOMEM;
    }
    table->slot_count = SLOTS_MIN;
    table->max = max;
    *ret_table = table;
    return 0;
}

void order_table_destroy(struct order_table **table)
{
    if (*table == NULL)
        return;
    free((*table)->slots);
    free(*table);
    *table = NULL;
}

void order_table_clear(struct order_table *table)
{
    for (size_t i = 0; i < table->slot_count; i++)
        table->slots[i].used = false;
    table->count = 0;
}

size_t order_table_count(const struct order_table *table)
{
    return table->count;
}

bool order_table_is_half_empty(const struct order_table *table)
{
    return table->count <= table->max / 2;
}

/* For what waits. */
static bool has_room(const struct order_table *table)
{
    return table->count < table->max - table->max / 4;
}

static size_t home(const struct order_table *table, struct uuid id)
{
    return (size_t)uuid_hash(id) & (table->slot_count - 1);
}

/* The slot of the id, or the free one where it would go. */
static size_t seek(const struct order_table *table, struct uuid id)
{
    size_t i = home(table, id);
    while (table->slots[i].used && uuid_compare(table->slots[i].order.order.order_id, id) != 0)
        i = (i + 1) & (table->slot_count - 1);
    return i;
}

struct open_order *order_table_find(struct order_table *table, struct uuid id)
{
    struct slot *slot = &table->slots[seek(table, id)];
    return slot->used ? &slot->order : NULL;
}

struct open_order *order_table_find_waiting(struct order_table *table, struct uuid id)
{
    struct open_order *open = order_table_find(table, id);
    return open != NULL && open->waiting ? open : NULL;
}

static int grow(struct order_table *table)
{
    struct order_table bigger = {.slot_count = table->slot_count * 2};
    bigger.slots = calloc(bigger.slot_count, sizeof(*bigger.slots));
    if (bigger.slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->slot_count; i++) {
        if (table->slots[i].used)
            bigger.slots[seek(&bigger, table->slots[i].order.order.order_id)] = table->slots[i];
    }
    free(table->slots);
    table->slots = bigger.slots;
    table->slot_count = bigger.slot_count;
    return 0;
}

/* The entry of the id, made when there is none. */
static int obtain(struct order_table *table, struct uuid id, struct open_order **ret_order, bool *ret_made)
{
    size_t i = seek(table, id);
    bool made = !table->slots[i].used;
    if (made) {
        if (table->count == table->max)
            return -ENOSPC;
        if ((table->count + 1) * 2 > table->slot_count) {
            int r = grow(table);
            if (r < 0)
                return r;
            i = seek(table, id);
        }
        table->slots[i] = (struct slot){.used = true};
        table->slots[i].order.order.order_id = id;
        table->count++;
    }
    *ret_order = &table->slots[i].order;
    *ret_made = made;
    return 0;
}

int order_table_put(struct order_table *table, const struct execution *order)
{
    struct open_order *open;
    bool made;
    int r = obtain(table, order->id, &open, &made);
    if (r < 0)
        return r;
    open->trader_id = order->trader_id;
    open->lane = order->lane;
    open->waiting = open->anew = false;
    open->unanswered = order->state == EXECUTION_STATE_SENT;
    open->cancels = execution_cancels_there(order);
    open->works = order->state == EXECUTION_STATE_WORKING && !open->cancels;
    open->bracketed = execution_is_leg(order) || execution_is_bracket(order);
    open->next_check_us = order->next_check_at.us;
    execution_venue_order(order, false, &open->order);
    return 0;
}

int order_table_put_waiting(struct order_table *table, struct uuid id, int lane)
{
    struct open_order *open;
    bool made;
    if (!has_room(table))
        return order_table_find(table, id) == NULL ? -ENOSPC : -EEXIST;
    int r = obtain(table, id, &open, &made);
    if (r < 0)
        return r;
    if (!made)
        return -EEXIST;
    open->lane = lane;
    open->waiting = true;
    return 0;
}

/* Closes the hole, so that no search ends early: each order behind it that may sit there moves up. */
static void vacate(struct order_table *table, size_t hole)
{
    size_t mask = table->slot_count - 1;
    for (size_t i = (hole + 1) & mask; table->slots[i].used; i = (i + 1) & mask) {
        size_t from_home = (i - home(table, table->slots[i].order.order.order_id)) & mask;
        if (from_home >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole].used = false;
    table->count--;
}

void order_table_remove(struct order_table *table, struct uuid id)
{
    size_t i = seek(table, id);
    if (table->slots[i].used)
        vacate(table, i);
}

void order_table_remove_lane(struct order_table *table, int lane)
{
    for (size_t i = 0; i < table->slot_count;) {
        /* vacate may move another order into this slot: look at it again. */
        if (table->slots[i].used && table->slots[i].order.lane == lane)
            vacate(table, i);
        else
            i++;
    }
}

struct open_order *order_table_next(struct order_table *table, size_t *cursor)
{
    while (*cursor < table->slot_count) {
        struct slot *slot = &table->slots[(*cursor)++];
        if (slot->used)
            return &slot->order;
    }
    return NULL;
}
