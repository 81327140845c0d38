/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /api/v1/admin/halts: pure. Read as json_body.h says. */
#ifndef OXE_GATEWAY_HALT_BODY_H
#define OXE_GATEWAY_HALT_BODY_H

#include "proto/proto.h"
#include "services/gateway/edge/json_body.h"

/* Fills scope, trader_id, symbol, reason and cancel_open of *request; leaves its other fields alone.
 * trader_id goes with the scope TRADER, symbol with SYMBOL, neither with ALL. Whether they exist is not
 * judged here.
 *
 * Errors as json_body_parse. On failure *request is half filled. */
int halt_body_parse(const char *body, size_t length, struct halt_request *request, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX]);

#endif
