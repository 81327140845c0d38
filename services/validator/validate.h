/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on an order by the static rules of its
 * instrument: a pure function of the order and reference data.
 *
 * Finds every broken rule, not only the first: UNKNOWN_SYMBOL, SYMBOL_NOT_TRADABLE, PRICE_REQUIRED, LOT_SIZE,
 * TICK_SIZE. What depends on the market or the account is the risk-manager's. */
#ifndef OXE_VALIDATOR_VALIDATE_H
#define OXE_VALIDATOR_VALIDATE_H

#include <stddef.h>

#include "proto/fault.h"

enum { VALIDATE_FAULTS_MAX = 16 }; /* as many as ORDER_CHECKED carries; the rules can make fewer */

struct instrument {
    char symbol[SYMBOL_MAX];
    bool tradable;
    struct decimal tick_size; /* positive */
    struct decimal lot_size;  /* positive */
};

/* instrument: of the order's symbol, NULL when there is
 * none. Returns how many faults it wrote; none is a pass. */
size_t validate_order(const struct instrument *instrument, const struct order_request *order,
                      struct fault faults[static VALIDATE_FAULTS_MAX]);

#endif
