/* SPDX-License-Identifier: Apache-2.0 */
/* A WebSocket client (RFC 6455) for oxectl and the tests:
 * libcurl makes the connection and the TLS, wslay the frames.
 *
 * Text frames only go out; pings are answered while ws_client_next waits. One connection, used from one
 * thread. Errors: -ECONNREFUSED and the like from the connection, -EPROTO no valid handshake or frame,
 * -EACCES the server answered the handshake with another status than 101 (ws_client_status tells),
 * -ETIMEDOUT, -ECONNRESET the connection is gone without a close frame, -ESHUTDOWN the server closed
 * (ws_client_close_code tells), -EMSGSIZE. */
#ifndef OXE_COMMON_WS_CLIENT_H
#define OXE_COMMON_WS_CLIENT_H

#include <stddef.h>
#include <stdint.h>

enum { WS_CLIENT_MESSAGE_MAX = 1024 * 1024 };

struct ws_client;

/* url: ws://host:port/path or wss://…; headers: further request headers ("Name:
 * value"), closed by NULL; may be NULL. ret_status (may be NULL) receives the
 * HTTP status of the handshake, 0 where none came, also on failure. */
int ws_client_open(const char *url, const char *const *headers, int timeout_ms, struct ws_client **ret_client,
                   int *ret_status);
/* Drops the connection without a word, unless ws_client_close was called before. */
void ws_client_destroy(struct ws_client **client);

/* The next message, NUL-terminated; it holds until the next call. */
int ws_client_next(struct ws_client *client, int timeout_ms, const char **ret_text, size_t *ret_length);
int ws_client_send(struct ws_client *client, const char *text, size_t length, int timeout_ms);
/* Sends a close frame and waits for the answer. */
int ws_client_close(struct ws_client *client, uint16_t code, int timeout_ms);

/* After -ESHUTDOWN: the server's close code (1005 where it gave none). */
uint16_t ws_client_close_code(const struct ws_client *client);
/* The subprotocol that the server chose, "" for none. */
const char *ws_client_protocol(const struct ws_client *client);
/* The socket, to break it in a test. */
int ws_client_fd(const struct ws_client *client);

#endif
