/* SPDX-License-Identifier: Apache-2.0 */
/* Verified tokens, so that a signature is checked once and not with every request. Bounded; keyed by the
 * SHA-256 of the token, so that it holds no token. Emptied whenever the set of keys changes. */
#ifndef OXE_GATEWAY_TOKEN_CACHE_H
#define OXE_GATEWAY_TOKEN_CACHE_H

#include "common/jwt.h"

struct token_cache;

/* sets: how many groups of four entries; a power of two. -ENOMEM. */
int token_cache_create(size_t sets, struct token_cache **ret_cache);
void token_cache_destroy(struct token_cache **cache);

/* Whether the token is known and has not expired. */
bool token_cache_find(struct token_cache *cache, const char *token, size_t length, struct instant now,
                      struct jwt_claims *ret_claims);
/* Takes the place of the entry in its group that expires first. */
void token_cache_add(struct token_cache *cache, const char *token, size_t length,
                     const struct jwt_claims *claims);
void token_cache_clear(struct token_cache *cache);

#endif
