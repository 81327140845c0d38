/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: the token, then the trader behind its subject. */
#ifndef OXE_GATEWAY_AUTH_H
#define OXE_GATEWAY_AUTH_H

#include "services/gateway/gateway.h"

/* Verifies the token, finds the trader, runs the operation; or answers 401, 403, 503. */
void auth_begin(struct request *request);
/* Verifies one token, from the cache when it can. JWT_VALID, or the fault. */
enum jwt_fault auth_verify(struct gateway *gateway, const char *token, size_t length,
                           struct jwt_claims *ret_claims);

#endif
