/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated exchange should do, as slowly and obviously as it can be written: a list of orders,
 * sorted anew for each match. It follows docs/exchange-sim.md, shares no code with the simulator, and works
 * in whole ticks and lots. One symbol. The events of one call replace those of the one before. */
#ifndef OXE_TESTS_SUPPORT_EXCHANGE_MODEL_H
#define OXE_TESTS_SUPPORT_EXCHANGE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_ORDERS_MAX = 4096,
    MODEL_EVENTS_MAX = 16384,
    MODEL_FILLS_MAX = 512, /* what one incoming order gets at most */
};

/* What a client is told. `exec` is ExecType(150), or 9 for an OrderCancelReject with its reason. */
struct model_event {
    uint32_t session;
    size_t order; /* 1, 2, 3 … as they came */
    char exec, status;
    int64_t quantity, filled, leaves, last_quantity, last_price, reason;
};

struct model_order {
    uint32_t session;
    bool buy;
    char type, time_in_force; /* FIX values */
    int64_t quantity, price;  /* price: the limit, or the trigger of a stop; 0 for MARKET */
    int64_t filled;
    uint64_t turn; /* lower is earlier */
    char status;
    bool triggered;
};

struct model {
    int64_t price; /* the last price, in ticks */
    int levels;
    int64_t level_quantity;
    int spread_ticks;
    uint64_t turn;
    size_t order_count, event_count;
    struct model_order orders[MODEL_ORDERS_MAX + 1];
    struct model_event events[MODEL_EVENTS_MAX];
};

/* Price, levels, level_quantity and spread_ticks are the caller's to set on a zeroed model. */
void model_new(struct model *model, const struct model_order *order);
void model_cancel(struct model *model, size_t order);
void model_replace(struct model *model, size_t order, int64_t quantity, int64_t price);
void model_move_price(struct model *model, int64_t price);
void model_end_day(struct model *model);

bool model_open(const struct model_order *order);
/* Quantity and number of the orders that rest at a price: bids and asks, or the stops that wait for it. */
int64_t model_resting(const struct model *model, bool buy, bool stops, int64_t price, size_t *ret_orders);

#endif
