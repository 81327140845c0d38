/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller may do in a minute, across all gateways. A gateway keeps the windows of those whom it has
 * admitted itself, and asks Redis about what all have; both must have room. So its own limit holds whatever
 * becomes of Redis, and while that cannot be asked the gateway decides alone. See rate_window.h. */
#ifndef OXE_GATEWAY_RATE_LIMIT_H
#define OXE_GATEWAY_RATE_LIMIT_H

#include <h2o.h>

#include "common/log.h"
#include "services/gateway/io/rate_window.h"

struct rate_limit;

/* "orders", as headers, answers and Redis' keys say it. */
const char *rate_limit_name(enum rate_kind kind);

typedef void (*rate_limit_done)(void *context, uint64_t token, const struct rate_verdict *verdict);

/* url, password: as cache_create. -EINVAL, -ENOMEM. Connects nothing yet. */
int rate_limit_create(h2o_loop_t *loop, const char *url, const char *password, const struct log *log,
                      rate_limit_done done, void *context, struct rate_limit **ret_limit);
/* What is still asked for is answered no more. */
void rate_limit_destroy(struct rate_limit **limit);

/* done(context, token, verdict) is called once: at once, or when Redis has answered, within about half a
 * second. per_minute: 1 and more. */
void rate_limit_take(struct rate_limit *limit, enum rate_kind kind, struct uuid caller, int64_t per_minute,
                     uint64_t token);

bool rate_limit_is_shared(const struct rate_limit *limit);
/* Reconnects, and gives up what is not answered; once a turn. */
void rate_limit_tick(struct rate_limit *limit, int64_t now_us);

#endif
