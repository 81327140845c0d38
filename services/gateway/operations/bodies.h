/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies that operations take, as json_body.h reads them. Each fills the fields of its members and leaves
 * the others alone. What an instrument or an account allows, and whether what is named exists, is not judged
 * here. */
#ifndef OXE_GATEWAY_BODIES_H
#define OXE_GATEWAY_BODIES_H

#include "services/gateway/edge/json_body.h"

/* POST /api/v1/orders (contract: schema NewOrder), into a struct order_request, defaults applied. Whether an
 * order type needs a price is the validator's to say, so that it is recorded. */
extern const struct json_body bodies_new_order;
/* POST /api/v1/admin/halts, into a struct halt_request. trader_id goes with the scope TRADER, symbol with
 * SYMBOL, neither with ALL. */
extern const struct json_body bodies_halt;
/* POST /api/v1/admin/orders/{id}/resolve, into a struct order_command. FILL has all three figures, no other
 * action has any. */
extern const struct json_body bodies_resolve;

#endif
