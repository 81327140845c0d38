/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /api/v1/orders (contract: schema NewOrder), parsed exactly: pure, no clock, no log.
 *
 * Read as json_body.h says. What an instrument or an account allows is not judged
 * here, nor whether an order type needs a price: that is the validator's, so that it is recorded. */
#ifndef OXE_GATEWAY_NEW_ORDER_H
#define OXE_GATEWAY_NEW_ORDER_H

#include "proto/proto.h"
#include "services/gateway/edge/json_body.h"

/* Fills symbol, side, quantity, order_type, time_in_force, price, stop_loss and take_profit of *order,
 * defaults applied; leaves its other fields alone.
 *
 * 0; -EBADMSG: not JSON (400 MALFORMED_JSON), ret_detail says why; -EINVAL: ret_faults says what is wrong
 * (422 VALIDATION_FAILED). On failure *order is half filled. */
int new_order_parse(const char *body, size_t length, struct order_request *order, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX]);

#endif
