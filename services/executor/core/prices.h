/* SPDX-License-Identifier: Apache-2.0 */
/* The last prices that came from the exchange. A bounded list; pure.
 *
 * An exchange tells a price when it changes: while the session stands that told it, the price stands too, and
 * is confirmed by writing it again, so that nobody takes it for stale. */
#ifndef OXE_EXECUTOR_PRICES_H
#define OXE_EXECUTOR_PRICES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/decimal.h"
#include "proto/order.h"

enum { PRICES_MAX = 2000 }; /* symbols */

struct prices {
    struct price {
        char symbol[SYMBOL_MAX];
        struct decimal price;
        struct decimal open, high, low; /* since it was written last; where it has changed */
        bool changed;                   /* came since it was written last */
        bool current;                   /* came on the session that stands now */
    } items[PRICES_MAX];
    size_t count;
};

/* Keeps the newest price of the symbol. What is not positive, or a symbol past the bound, is dropped. */
void prices_note(struct prices *prices, const char *symbol, struct decimal price);
/* The session that told them has ended: they are not confirmed until they come again. */
void prices_session_ended(struct prices *prices);
void prices_written(struct prices *prices);

#endif
