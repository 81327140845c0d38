/* SPDX-License-Identifier: Apache-2.0 */
/* The order book of one symbol: price-time priority over resting orders, met by synthetic quotes.
 *
 * Pure and integer. The book knows of an order what matching needs: side, price, what is left, and a number
 * (never 0) that the owner uses to find it again. Resting orders sit in four ladders: bids, asks, and the
 * stops that wait for their trigger. Within a ladder the better price goes first, within a price the earlier
 * order. At the same price a client's order goes before a synthetic quote. Whoever rests sets the price of a
 * trade. Bounds: BOOK_ORDERS_MAX orders and as many price levels a book, BOOK_FILLS_MAX fills a call.
 * -ENOBUFS past the first, -ENOMEM; a failed call changes nothing. */
#ifndef OXE_EXCHANGE_SIM_BOOK_H
#define OXE_EXCHANGE_SIM_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/decimal.h"
#include "services/exchange-sim/core/liquidity.h"

enum {
    BOOK_ORDERS_MAX = 4 * 1024 * 1024,
    BOOK_FILLS_MAX = 512,
};

enum book_ladder { BOOK_BIDS, BOOK_ASKS, BOOK_STOP_BUYS, BOOK_STOP_SELLS, BOOK_LADDERS };

struct book;

struct book_fill {
    uint64_t order; /* the resting order; 0: a synthetic quote */
    struct decimal quantity;
    struct decimal price;
};

int book_create(struct book **ret_book);
void book_destroy(struct book **book);

/* Puts an order behind all others of its price. price is the limit, or the trigger of a stop. quantity is
 * positive and order is not 0 (asserted). *ret_handle names it until it is removed or filled; it is never 0.
 */
int book_add(struct book *book, enum book_ladder ladder, uint64_t order, struct decimal price,
             struct decimal quantity, uint32_t *ret_handle);
void book_remove(struct book *book, uint32_t handle);
/* Less than before and more than 0 (asserted); keeps the place in the queue. */
void book_reduce(struct book *book, uint32_t handle, struct decimal quantity);

/* Matches an incoming order against the other side, best price first, down to `limit` (0: any price). Resting
 * orders that are filled leave the book. Returns the number of fills; *ret_left is what found no match, or
 * more than BOOK_FILLS_MAX fills would need. */
size_t book_match(struct book *book, const struct liquidity *liquidity, bool buy, struct decimal limit,
                  struct decimal quantity, struct book_fill fills[static BOOK_FILLS_MAX],
                  struct decimal *ret_left);

/* Whether book_match would fill all of `quantity`. */
bool book_can_fill(const struct book *book, const struct liquidity *liquidity, bool buy, struct decimal limit,
                   struct decimal quantity);

/* After the price has moved: every resting order that the quotes now meet is filled whole, at its own price.
 * Returns the number of fills; when it is BOOK_FILLS_MAX there may be more. */
size_t book_cross(struct book *book, const struct liquidity *liquidity,
                  struct book_fill fills[static BOOK_FILLS_MAX]);

/* Takes the next stop that `price` triggers out of the book; 0: none. */
uint64_t book_trigger(struct book *book, struct decimal price);
bool book_would_trigger(bool buy, struct decimal trigger, struct decimal price);

/* For display: the level-th best price of a ladder, its quantity (cut at the largest decimal) and number of
 * orders. False: none. */
struct book_level {
    struct decimal price, quantity;
    size_t orders;
};
bool book_level_at(const struct book *book, enum book_ladder ladder, size_t level,
                   struct book_level *ret_level);

#endif
