/* SPDX-License-Identifier: Apache-2.0 */
/* NewOrderSingle(D), OrderCancelRequest(F), OrderCancelReplaceRequest(G) and OrderStatusRequest(H), taken
 * from their fields.
 *
 * Pure. Only shape is checked here: what must be there is there, once, and is of its type. Whether the
 * exchange takes such an order is decided in exchange.c. Texts point into the message. */
#ifndef OXE_EXCHANGE_SIM_ORDER_REQUEST_H
#define OXE_EXCHANGE_SIM_ORDER_REQUEST_H

#include <stdbool.h>

#include "services/exchange-sim/fix/fix.h"

struct order_request {
    uint32_t session; /* who asks, and when: for the caller to set */
    struct instant time;
    char message; /* D, F, G or H */
    struct fix_text cl_ord_id;
    struct fix_text orig_cl_ord_id;
    struct fix_text symbol;
    struct fix_text status_request_id;
    struct decimal quantity, price, stop_price; /* 0 when absent: the fields themselves are positive */
    char side, type;
    char time_in_force; /* TIF_DAY when absent */
};

/* `type` is one of D, F, G, H. The ids that were read are set also when there is a fault. */
struct fix_fault order_request_parse(const struct fix_message *message, char type,
                                     struct order_request *ret_request);

#endif
