/* SPDX-License-Identifier: Apache-2.0 */
/* Every order that the exchange has accepted, found by number or by ClOrdID.
 *
 * Orders are numbered 1, 2, 3 … and never forgotten, so that a repeated ClOrdID is noticed for ever. A
 * ClOrdID belongs to the session that used it; the ids of accepted cancel and replace requests lead to their
 * order too. Pointers to orders stay valid. Bounds: ORDERS_MAX orders and as many ids. -ENOBUFS past them,
 * -ENOMEM; a failed call changes nothing. */
#ifndef OXE_EXCHANGE_SIM_ORDERS_H
#define OXE_EXCHANGE_SIM_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/decimal.h"
#include "services/exchange-sim/fix/fix.h"
#include "services/exchange-sim/records.h"

enum { ORDERS_MAX = 100 * 1000 * 1000 };

struct order {
    __int128 notional; /* Σ quantity × price of its fills, 1e-16 */
    uint64_t number;
    uint64_t priority; /* its turn within a price: lower is earlier */
    struct decimal quantity, price, stop_price;
    struct decimal cum_quantity;
    struct instant time;
    uint32_t session;
    uint32_t instrument; /* index */
    uint32_t handle;     /* in the book; 0: not there */
    uint32_t first_id;   /* the ClOrdID of its NewOrderSingle */
    uint32_t current_id; /* that of its last accepted replace request, or the same */
    char side, type, time_in_force, status;
    bool triggered; /* a STOP that has become a market order */
};

struct orders;

int orders_create(size_t expected, struct orders **ret_orders);
void orders_destroy(struct orders **orders);

/* A new order, zeroed but for number, session and ids. The id must fit (CL_ORD_ID_MAX, asserted) and be new
 * (asserted). */
int orders_add(struct orders *orders, uint32_t session, struct fix_text cl_ord_id, struct order **ret_order);
/* One more id for an order; `replaces`: it goes by that id from now on. */
int orders_add_id(struct orders *orders, struct order *order, struct fix_text cl_ord_id, bool replaces);

/* NULL when unknown. */
struct order *orders_get(struct orders *orders, uint64_t number);
struct order *orders_find(struct orders *orders, uint32_t session, struct fix_text cl_ord_id);
const char *orders_id(const struct orders *orders, uint32_t id);
uint64_t orders_count(const struct orders *orders);

static inline bool order_open(const struct order *order)
{
    return order->status == STATUS_NEW || order->status == STATUS_PARTIAL;
}
static inline struct decimal order_leaves(const struct order *order)
{
    return decimal_from_units(order_open(order) ? order->quantity.units - order->cum_quantity.units : 0);
}
/* The average price of its fills, 0 without any; rounded half to even. */
struct decimal order_average_price(const struct order *order);
/* Counts a fill in; the status becomes PARTIAL or FILLED unless the order is done already. */
void order_fill(struct order *order, struct decimal quantity, struct decimal price);

#endif
