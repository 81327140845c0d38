/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/token_cache.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, DIGEST_BYTES = 32 };

struct entry {
    uint8_t digest[DIGEST_BYTES];
    struct jwt_claims claims; /* expires_at 0: free */
};

struct token_cache {
    size_t sets;
    struct entry entries[];
};

int token_cache_create(size_t sets, struct token_cache **ret_cache)
{
    assert(sets > 0 && (sets & (sets - 1)) == 0);
    struct token_cache *cache = calloc(1, sizeof(*cache) + sets * WAYS * sizeof(cache->entries[0]));
    if (cache == NULL)
        return -ENOMEM;
    cache->sets = sets;
    *ret_cache = cache;
    return 0;
}

void token_cache_destroy(struct token_cache **cache)
{
    free(*cache);
    *cache = NULL;
}

static struct entry *group_of(struct token_cache *cache, const char *token, size_t length,
                              uint8_t ret_digest[static DIGEST_BYTES])
{
    unsigned int digest_length = 0;
    uint64_t bits;

    int hashed = EVP_Digest(token, length, ret_digest, &digest_length, EVP_sha256(), NULL);
    assert(hashed == 1 && digest_length == DIGEST_BYTES);
    memcpy(&bits, ret_digest, sizeof(bits));
    return &cache->entries[(bits & (cache->sets - 1)) * WAYS];
}

bool token_cache_find(struct token_cache *cache, const char *token, size_t length, struct instant now,
                      struct jwt_claims *ret_claims)
{
    uint8_t digest[DIGEST_BYTES];
    struct entry *group = group_of(cache, token, length, digest);

    for (size_t i = 0; i < WAYS; i++) {
        if (group[i].claims.expires_at.us != 0 && memcmp(group[i].digest, digest, DIGEST_BYTES) == 0) {
            if (jwt_is_expired(&group[i].claims, now))
                return false;
            *ret_claims = group[i].claims;
            return true;
        }
    }
    return false;
}

void token_cache_add(struct token_cache *cache, const char *token, size_t length,
                     const struct jwt_claims *claims)
{
    uint8_t digest[DIGEST_BYTES];
    struct entry *group = group_of(cache, token, length, digest);
    struct entry *victim = group;

    for (size_t i = 0; i < WAYS; i++) {
        if (memcmp(group[i].digest, digest, DIGEST_BYTES) == 0) {
            victim = &group[i];
            break;
        }
        if (group[i].claims.expires_at.us < victim->claims.expires_at.us)
            victim = &group[i];
    }
    memcpy(victim->digest, digest, DIGEST_BYTES);
    victim->claims = *claims;
}

void token_cache_clear(struct token_cache *cache)
{
    memset(cache->entries, 0, cache->sets * WAYS * sizeof(cache->entries[0]));
}
