/* SPDX-License-Identifier: Apache-2.0 */
/* Who may connect to a context's CURVE servers: the ZAP handler (ZeroMQ RFC 27), a thread of its own. */
#ifndef OXE_COMMON_PIPE_GUARD_H
#define OXE_COMMON_PIPE_GUARD_H

#include <stddef.h>

struct pipe_guard;

/* zmq: the context. keys: `count` public keys, Z85, copied. Before any server binds. It ends by itself when
 * the context is terminated; then pipe_guard_join. -EINVAL for what is not a key, -errno. */
int pipe_guard_start(void *zmq, const char (*keys)[41], size_t count, struct pipe_guard **ret_guard);
void pipe_guard_join(struct pipe_guard **guard);

#endif
