/* SPDX-License-Identifier: Apache-2.0 */
/* Fills as the contract shows them (schema Fill). */
#ifndef OXE_GATEWAY_FILLS_H
#define OXE_GATEWAY_FILLS_H

#include "services/gateway/gateway.h"

/* The first `rows` rows of list_order_fills.sql or list_fills.sql, as an array. */
void fills_render(struct buffer *out, const PGresult *fills, int rows);

#endif
