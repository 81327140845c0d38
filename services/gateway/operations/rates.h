/* SPDX-License-Identifier: Apache-2.0 */
/* How much a caller may ask for in a minute: the limit of each kind of request, and what its answer says of
 * it. See rate_limit.h. */
#ifndef OXE_GATEWAY_RATES_H
#define OXE_GATEWAY_RATES_H

#include "services/gateway/gateway.h"

/* Counts the request; then runs next, or answers 429. */
void rates_begin(struct request *request, enum rate_kind kind, void (*next)(struct request *request));
/* The rate limit's word. */
void rates_decided(void *context, uint64_t token, const struct rate_verdict *verdict);

#endif
