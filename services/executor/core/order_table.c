/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/order_table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

LIST_HEAD(orders, open_order);

struct order_table {
    struct orders all;
    struct orders *buckets; /* by the id's hash */
    size_t bucket_count;    /* a power of two, not below max */
    size_t count;
    size_t max;
};

int order_table_create(size_t max, struct order_table **ret_table)
{
    assert(max > 0 && max <= ORDER_TABLE_MAX);
    struct order_table *table = calloc(1, sizeof(*table));
    if (table == NULL)
        return -ENOMEM;
    table->max = max;
    table->bucket_count = 1;
    while (table->bucket_count < max)
        table->bucket_count *= 2;
    table->buckets = calloc(table->bucket_count, sizeof(*table->buckets));
    if (table->buckets == NULL) {
        order_table_destroy(&table);
        return -ENOMEM;
    }
    *ret_table = table;
    return 0;
}

static void drop(struct order_table *table, struct open_order *open)
{
    LIST_REMOVE(open, all);
    LIST_REMOVE(open, bucket);
    free(open);
    table->count--;
}

void order_table_clear(struct order_table *table)
{
    while (!LIST_EMPTY(&table->all))
        drop(table, LIST_FIRST(&table->all));
}

void order_table_destroy(struct order_table **table)
{
    if (*table == NULL)
        return;
    order_table_clear(*table);
    free((*table)->buckets);
    free(*table);
    *table = NULL;
}

size_t order_table_count(const struct order_table *table)
{
    return table->count;
}

bool order_table_is_half_empty(const struct order_table *table)
{
    return table->count <= table->max / 2;
}

static struct orders *bucket_of(const struct order_table *table, struct uuid id)
{
    return &table->buckets[uuid_hash(id) & (table->bucket_count - 1)];
}

struct open_order *order_table_find(struct order_table *table, struct uuid id)
{
    struct open_order *open = LIST_FIRST(bucket_of(table, id));
    while (open != NULL && uuid_compare(open->order.order_id, id) != 0)
        open = LIST_NEXT(open, bucket);
    return open;
}

struct open_order *order_table_find_waiting(struct order_table *table, struct uuid id)
{
    struct open_order *open = order_table_find(table, id);
    return open != NULL && open->waiting ? open : NULL;
}

/* Adds an order that the table does not have, if it has less than `max` of them. */
static int add(struct order_table *table, struct uuid id, size_t max, struct open_order **ret_open)
{
    if (table->count >= max)
        return -ENOSPC;
    struct open_order *open = calloc(1, sizeof(*open));
    if (open == NULL)
        return -ENOMEM;
    open->order.order_id = id;
    LIST_INSERT_HEAD(&table->all, open, all);
    LIST_INSERT_HEAD(bucket_of(table, id), open, bucket);
    table->count++;
    *ret_open = open;
    return 0;
}

int order_table_put(struct order_table *table, const struct execution *order)
{
    struct open_order *open = order_table_find(table, order->id);
    int r = open == NULL ? add(table, order->id, table->max, &open) : 0;
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
    open->questions = order->questions;
    execution_venue_order(order, false, &open->order);
    return 0;
}

int order_table_put_waiting(struct order_table *table, struct uuid id, int lane)
{
    struct open_order *open = order_table_find(table, id);
    int r = open != NULL ? -EEXIST : add(table, id, table->max - table->max / 4, &open);
    if (r < 0)
        return r;
    open->lane = lane;
    open->waiting = true;
    return 0;
}

void order_table_remove(struct order_table *table, struct uuid id)
{
    struct open_order *open = order_table_find(table, id);
    if (open != NULL)
        drop(table, open);
}

void order_table_remove_lane(struct order_table *table, int lane)
{
    struct open_order *next;
    for (struct open_order *open = LIST_FIRST(&table->all); open != NULL; open = next) {
        next = LIST_NEXT(open, all);
        if (open->lane == lane)
            drop(table, open);
    }
}

struct open_order *order_table_next(const struct order_table *table, const struct open_order *open)
{
    return open == NULL ? LIST_FIRST(&table->all) : LIST_NEXT(open, all);
}
