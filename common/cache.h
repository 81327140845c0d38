/* SPDX-License-Identifier: Apache-2.0 */
/* Redis through hiredis: bounded, reconnecting, never in the way of the truth (which is PostgreSQL's).
 *
 * Synchronous use for services with a loop of their own: cache_ensure, then append commands and collect their
 * replies in one round trip. The gateway, which lives on h2o's loop, subscribes with hiredis' async API in
 * services/gateway/ instead. Errors: -ENOTCONN not connected or broken, -ETIMEDOUT (the connection is
 * closed), -EPROTO an error reply (cache_error). */
#ifndef OXE_COMMON_CACHE_H
#define OXE_COMMON_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;

/* url: redis://[[user][:password]@]host[:port][/db] or unix://[[user][:password]@]/path/to.sock; a password
 * given apart wins. Connects nothing yet. */
int cache_create(const char *url, const char *password, struct cache **ret_cache);
void cache_destroy(struct cache **cache);

/* As db_ensure: backoff 50 ms doubling to 2 s. -EPROTO: the server refuses (password, loading). */
int cache_ensure(struct cache *cache, int timeout_ms);

/* Queues one command of argc binary-safe arguments (lengths NULL: C strings). -ENOBUFS: flush first. */
int cache_append(struct cache *cache, int argc, const char **argv, const size_t *lengths);
/* Sends all queued commands and reads all replies within timeout_ms. Integers of the replies go to
 * ret_integers[i] (may be NULL) in order (0 for other kinds of reply), at most `max`. Returns 0 or an error
 * as above; on error the queue is dropped (after -EPROTO all others have
 * been answered and the connection stays). */
int cache_flush(struct cache *cache, int timeout_ms, int64_t *ret_integers, size_t max);

const char *cache_error(const struct cache *cache);

/* Splits a url into its parts for whoever needs the async API. -EINVAL. Either unix_path or host is empty. */
struct cache_address {
    char host[256];
    int port;
    char unix_path[108];
    char user[64]; /* of Redis' access control lists; empty: its default user */
    char password[256];
    int db;
};
int cache_address_parse(const char *url, struct cache_address *ret_address);

#endif
