/* SPDX-License-Identifier: Apache-2.0 */
/* The open orders of the owned lanes in memory, by id: whose a report is, without asking the database, and
 * what to ask the exchange about after a logon. A bounded hash table; the truth is PostgreSQL's, so an order
 * that it does not have is only slower. Pure. */
#ifndef OXE_EXECUTOR_ORDER_TABLE_H
#define OXE_EXECUTOR_ORDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "services/executor/core/execution.h"

enum { ORDER_TABLE_MAX = 1 << 20 }; /* orders: the largest bound */

/* Why an order is looked at. */
enum order_due {
    ORDER_DUE_TIME, /* next_check_at has come */
    ORDER_DUE_LINE_LOST,
    ORDER_DUE_LINE_READY,
};

struct open_order {
    LIST_ENTRY(open_order) all, bucket; /* the table's own */
    struct uuid trader_id;
    int lane;
    bool waiting;      /* ADMITTED, in a queue of its lane: only lane and order.order_id are set */
    bool anew;         /* waiting to be decided anew: trader_id and order.symbol are set too */
    bool ask_waits;    /* in its lane's queue of questions */
    bool cancel_waits; /* in its lane's queue of cancels and replaces */
    bool unanswered;   /* SENT: the exchange has said nothing yet */
    bool cancels;      /* the exchange is to cancel it */
    bool works;        /* WORKING, and it is not */
    bool bracketed;    /* an entry with legs, or a leg */
    enum order_due due;
    int64_t next_check_us; /* as next_check_at; 0: never */
    int64_t armed_us;      /* its entry in the heap of checks; 0: none */
    struct execute_questions questions;
    struct venue_order order;
};

struct order_table;

/* max: orders, 1 to ORDER_TABLE_MAX. Orders that wait leave a quarter of it to those that are at the
 * exchange. -ENOMEM */
int order_table_create(size_t max, struct order_table **ret_table);
void order_table_destroy(struct order_table **table);
void order_table_clear(struct order_table *table);

size_t order_table_count(const struct order_table *table);
bool order_table_is_half_empty(const struct order_table *table);
/* Valid until it is removed. NULL: not there. */
struct open_order *order_table_find(struct order_table *table, struct uuid id);
/* Likewise, if it still waits to be claimed: queues keep the ids of those that were cancelled meanwhile. */
struct open_order *order_table_find_waiting(struct order_table *table, struct uuid id);
/* Adds it, or replaces the one of the same id, keeping its place in queues. -ENOSPC: it is
 * full; -ENOMEM. */
int order_table_put(struct order_table *table, const struct execution *order);
/* Adds an ADMITTED order that waits to be claimed. -EEXIST when the table has the id already; -ENOSPC: no
 * room for what waits; -ENOMEM. */
int order_table_put_waiting(struct order_table *table, struct uuid id, int lane);
void order_table_remove(struct order_table *table, struct uuid id);
/* Drops the orders of a lane. */
void order_table_remove_lane(struct order_table *table, int lane);

/* Walks over all: the order after `open` (NULL: the first); NULL at the end. No put or remove meanwhile. */
struct open_order *order_table_next(const struct order_table *table, const struct open_order *open);

#endif
