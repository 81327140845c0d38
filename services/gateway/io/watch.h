/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor of another library (ZeroMQ, libpq, hiredis) on h2o's loop.
 *
 * h2o closes what it watches, so a watch holds a duplicate; the library keeps its own. Level-triggered.
 * Everything may be called from within the callbacks, destroying the watch too. */
#ifndef OXE_GATEWAY_WATCH_H
#define OXE_GATEWAY_WATCH_H

#include <h2o.h>

struct watch;

typedef void (*watch_ready)(void *context);

/* Begins to watch for reading at once. writable: NULL where watch_want_write is never called. -errno of
 * dup. */
int watch_create(h2o_loop_t *loop, int fd, watch_ready readable, watch_ready writable, void *context,
                 struct watch **ret_watch);
void watch_destroy(struct watch **watch);

/* Calls `writable` once when the descriptor can be written; asking again before that is the same. */
void watch_want_write(struct watch *watch);

#endif
