/* SPDX-License-Identifier: Apache-2.0 */
/* A private redis-server for tests, on a unix socket under /tmp, nothing persisted. It ends with the thread
 * that started it. */
#ifndef OXE_TESTS_SUPPORT_REDIS_H
#define OXE_TESTS_SUPPORT_REDIS_H

#include <sys/types.h>

struct redis;

/* password may be NULL. -ETIMEDOUT or -ECHILD when it does not come up. */
int redis_start(const char *password, struct redis **ret_redis);
/* Ends it and removes its files; accepts NULL inside. */
void redis_stop(struct redis **redis);

/* Kills it; redis_resume starts it again on the same socket. */
void redis_kill(struct redis *redis);
int redis_resume(struct redis *redis);

/* unix:///… as common/cache.h takes it; holds until redis_stop. */
const char *redis_url(const struct redis *redis);
pid_t redis_pid(const struct redis *redis);

#endif
