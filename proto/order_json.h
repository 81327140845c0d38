/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's Order and Fault objects. Numbers are canonical decimals, never through binary floating
 * point; what is absent is null. Members stand in the contract's order. Appends to `out`; the buffer
 * remembers a failure. */
#ifndef OXE_PROTO_ORDER_JSON_H
#define OXE_PROTO_ORDER_JSON_H

#include "proto/proto.h"

void order_json_render(const struct order_view *order, struct buffer *out);
/* Likewise without the closing brace, so that the caller can add members: ,"fills":[…]} */
void order_json_render_open(const struct order_view *order, struct buffer *out);

/* A Fault: `limit` and `actual` as numbers when they are decimals, else as texts, and left out when they are
 * "". A code that this version does not know is written as INTERNAL. */
void fault_json_render(const struct fault *fault, struct buffer *out);

#endif
