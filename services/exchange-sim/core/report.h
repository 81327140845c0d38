/* SPDX-License-Identifier: Apache-2.0 */
/* What the exchange says about orders: bodies of ExecutionReport(8), OrderCancelReject(9),
 * BusinessMessageReject(j). Pure. */
#ifndef OXE_EXCHANGE_SIM_REPORT_H
#define OXE_EXCHANGE_SIM_REPORT_H

#include "services/exchange-sim/core/book.h"
#include "services/exchange-sim/core/order_request.h"
#include "services/exchange-sim/core/orders.h"
#include "services/exchange-sim/fix/fix.h"

struct report {
    const struct order *order; /* number 0: it is none that the exchange has taken */
    struct fix_text symbol;
    struct fix_text cl_ord_id, orig_cl_ord_id, status_request_id; /* empty: none */
    uint64_t execution;                                           /* 0 in a status answer */
    char type;                                                    /* ExecType */
    const struct book_fill *fill;                                 /* NULL: it is no trade */
    int reason;                                                   /* OrdRejReason of a refused order */
    struct instant time;
    const char *text; /* NULL: none */
};

/* The state of an order, or what happened to it. */
void report_order(const struct report *report, struct fix_body *ret_body);

/* A NewOrderSingle refused; `execution` 0: an OrderStatusRequest for an id that is unknown. */
void report_refusal(const struct order_request *request, uint64_t execution, int reason, const char *text,
                    struct fix_body *ret_body);

/* A cancel or replace request refused. `order` NULL: unknown. */
void report_cancel_reject(const struct order_request *request, const struct order *order, int reason,
                          const char *text, struct fix_body *ret_body);

/* ref_id (BusinessRejectRefID) may be empty. */
void report_business_reject(const struct fix_message *message, int reason, struct fix_text ref_id,
                            const char *text, struct fix_body *ret_body);

#endif
