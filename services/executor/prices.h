/* The last prices that came from the exchange since they were written last. A bounded list; pure. */
#ifndef OXE_EXECUTOR_PRICES_H
#define OXE_EXECUTOR_PRICES_H

#include <stddef.h>

#include "common/decimal.h"
#include "proto/order.h"

enum { PRICES_MAX = 2000 }; /* symbols */

struct prices {
    struct price {
        char symbol[SYMBOL_MAX];
        struct decimal price;
    } items[PRICES_MAX];
    size_t count;
};

/* Keeps the newest price of the symbol. What is not positive, or a symbol past the bound, is dropped. */
void prices_note(struct prices *prices, const char *symbol, struct decimal price);

#endif
