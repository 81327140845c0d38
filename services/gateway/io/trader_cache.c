/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/trader_cache.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "proto/order.h"

struct entry {
    char subject[ACTOR_MAX];
    struct cached_trader trader;
    int64_t until_us; /* 0: free */
};

struct trader_cache {
    size_t count;
    struct entry entries[];
};

int trader_cache_create(size_t entries, struct trader_cache **ret_cache)
{
    assert(entries > 0 && (entries & (entries - 1)) == 0);
    struct trader_cache *cache = calloc(1, sizeof(*cache) + entries * sizeof(cache->entries[0]));
    if (cache == NULL)
        return -ENOMEM;
    cache->count = entries;
    *ret_cache = cache;
    return 0;
}

void trader_cache_destroy(struct trader_cache **cache)
{
    free(*cache);
    *cache = NULL;
}

void trader_cache_clear(struct trader_cache *cache)
{
    memset(cache->entries, 0, cache->count * sizeof(cache->entries[0]));
}

static size_t index_of(const struct trader_cache *cache, const char *subject)
{
    uint64_t hash = hash_bytes(HASH_START, subject, strlen(subject));

    return (hash ^ hash >> 32) & (cache->count - 1);
}

bool trader_cache_find(const struct trader_cache *cache, const char *subject, int64_t now_us,
                       struct cached_trader *ret_trader)
{
    const struct entry *entry = &cache->entries[index_of(cache, subject)];

    if (entry->until_us <= now_us || strcmp(entry->subject, subject) != 0)
        return false;
    *ret_trader = entry->trader;
    return true;
}

void trader_cache_add(struct trader_cache *cache, const char *subject, const struct cached_trader *trader,
                      int64_t now_us)
{
    struct entry *entry = &cache->entries[index_of(cache, subject)];
    size_t length = strlen(subject);

    assert(length < ACTOR_MAX);
    memcpy(entry->subject, subject, length + 1);
    entry->trader = *trader;
    entry->until_us = now_us + TRADER_CACHE_TTL_MS * INT64_C(1000);
}
