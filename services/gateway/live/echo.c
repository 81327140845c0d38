/* SPDX-License-Identifier: Apache-2.0 */
/* /ws/echo, for conformance suites (the option ws_echo; never in a release): sends each message back, over
 * the frame code of order events, and without a token. */
#include <assert.h>
#include <stdlib.h>

#include "services/gateway/gateway.h"
#include "services/gateway/live/hub.h"
#include "services/gateway/live/ws.h"
#include "services/gateway/operations/operations.h"

enum { ECHO_MESSAGE_MAX = 32 * 1024 * 1024 };

struct echo {
    struct ws *ws;
};

static void send_back(struct echo *echo, struct ws_frame *frame)
{
    if (frame != NULL)
        (void)ws_send(echo->ws, frame);
    ws_frame_unref(&frame);
}

static void on_text(void *owner, const char *text, size_t length)
{
    send_back(owner, ws_frame_text(text, length));
}

static void on_binary(void *owner, const char *bytes, size_t length)
{
    send_back(owner, ws_frame_binary(bytes, length));
}

static void on_nothing(void *owner)
{
    (void)owner;
}

static const struct ws_events events = {
    .message_max = ECHO_MESSAGE_MAX,
    .opened = on_nothing,
    .text = on_text,
    .binary = on_binary,
    .drained = on_nothing,
    .closed = free,
};

void echo_run(struct request *request)
{
    struct handshake handshake;

    if (!handshake_read(request, &handshake))
        return;
    struct echo *echo = calloc(1, sizeof(*echo));
    if (echo == NULL || request->edge->draining) {
        free(echo);
        request_unavailable(request, "The gateway takes no WebSocket now; try again shortly.");
        return;
    }
    handshake_accept(request, &handshake);
    int r = ws_accept(hub_sockets(request->gateway->hub), request->req, &events, echo, &echo->ws);
    assert(r == 0); /* h2o, too, aborts without memory */
}
