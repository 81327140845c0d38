/* SPDX-License-Identifier: Apache-2.0 */
/* POST /api/v1/orders over one keep-alive connection to 127.0.0.1, for loads: a minimal HTTP/1.1 (status line
 * and Content-Length are all that is read), so that the load costs little beside what it measures. */
#ifndef OXE_TESTS_ORDER_POST_H
#define OXE_TESTS_ORDER_POST_H

#include <stddef.h>
#include <stdint.h>

enum { ORDER_POST_TOKEN_MAX = 2048, ORDER_POST_BODY_MAX = 256, ORDER_POST_REPLY_MAX = 32768 };

/* The socket, or a negative errno; waits 200 ms at most. */
int order_post_connect(uint16_t port);
/* 0, or -EPIPE when the request could not be written whole: nothing else may be in the socket's buffer. */
int order_post_send(int fd, const char *token, const char *key, const char *body);
/* Reads what is there behind the *received bytes of `reply`. The status of the reply once it is whole, 0
 * before, -ECONNRESET at the end of the connection. */
int order_post_read(int fd, char reply[static ORDER_POST_REPLY_MAX], size_t *received);
/* The text behind `member` (`"id":"`) in a reply up to its quote, "-" of length 1 when it has none. */
const char *order_post_text(const char *reply, const char *member, size_t *ret_length);

#endif
