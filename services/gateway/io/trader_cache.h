/* SPDX-License-Identifier: Apache-2.0 */
/* Which trader a token's subject is, remembered for a short time so that not every request asks the database.
 * Bounded; a subject that is no trader is not remembered. Pure: monotonic time comes in. */
#ifndef OXE_GATEWAY_TRADER_CACHE_H
#define OXE_GATEWAY_TRADER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/uuid.h"

enum { TRADER_CACHE_TTL_MS = 10000 };

struct trader_cache;

struct cached_trader {
    struct uuid id;
    int64_t orders_per_minute; /* 0: no limit */
};

/* entries: a power of two. -ENOMEM. */
int trader_cache_create(size_t entries, struct trader_cache **ret_cache);
void trader_cache_destroy(struct trader_cache **cache);

void trader_cache_clear(struct trader_cache *cache);

bool trader_cache_find(const struct trader_cache *cache, const char *subject, int64_t now_us,
                       struct cached_trader *ret_trader);
void trader_cache_add(struct trader_cache *cache, const char *subject, const struct cached_trader *trader,
                      int64_t now_us);

#endif
