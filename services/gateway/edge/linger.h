/* SPDX-License-Identifier: Apache-2.0 */
/* Lingering close: reads and drops what a refused client still sends, so that it can read the refusal.
 *
 * h2o closes right after an answer that it makes before the body has come (413). With bytes unread that is a
 * reset, which may take the answer with it. A duplicate of the descriptor keeps the connection for LINGER_MS.
 */
#ifndef OXE_GATEWAY_LINGER_H
#define OXE_GATEWAY_LINGER_H

#include <h2o.h>
#include <stdint.h>

enum { LINGER_MS = 2000, LINGER_MAX = 64 };

struct lingering;

/* -ENOMEM. */
int linger_create(h2o_loop_t *loop, struct lingering **ret_linger);
void linger_destroy(struct lingering **linger);

/* Keeps a duplicate of the socket's descriptor; with LINGER_MAX of them already, does nothing. */
void linger_add(struct lingering *linger, h2o_socket_t *socket);
/* Once a turn. */
void linger_tick(struct lingering *linger, int64_t now_us);

#endif
