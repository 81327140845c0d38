/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /api/v1/admin/orders/{id}/resolve: pure. Read as json_body.h says. */
#ifndef OXE_GATEWAY_RESOLVE_BODY_H
#define OXE_GATEWAY_RESOLVE_BODY_H

#include "proto/proto.h"
#include "services/gateway/edge/json_body.h"

/* Fills action, quantity, price, venue_exec_id and reason of *command; leaves its other fields alone. FILL
 * has all three figures, no other action has any. Whether the order is in doubt is not judged here.
 *
 * Errors as json_body_parse. On failure *command is half filled. */
int resolve_body_parse(const char *body, size_t length, struct order_command *command,
                       struct faults *ret_faults, char ret_detail[static JSON_BODY_DETAIL_MAX]);

#endif
