/* SPDX-License-Identifier: Apache-2.0 */
#include "common/pipe_guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/cleanup.h"
#include "common/thread.h"

enum { KEY_BYTES = 32, FRAME_MAX = 256, FRAMES_MAX = 16 };

/* The frames of a request (RFC 27): version, request id, domain, address, identity, mechanism, credentials.
 */
enum { FRAME_VERSION, FRAME_REQUEST_ID, FRAME_MECHANISM = 5, FRAME_CREDENTIALS = 6 };

struct pipe_guard {
    void *socket;
    pthread_t thread;
    size_t count;
    uint8_t keys[][KEY_BYTES];
};

struct zap_request {
    size_t frames;
    size_t lengths[FRAMES_MAX];
    uint8_t bytes[FRAMES_MAX][FRAME_MAX];
};

/* False: the context is being terminated. */
static bool receive_request(void *socket, struct zap_request *request)
{
    int more = 1;
    size_t size = sizeof(more);

    request->frames = 0;
    while (more != 0) {
        uint8_t surplus[FRAME_MAX];
        bool kept = request->frames < FRAMES_MAX;
        int got = zmq_recv(socket, kept ? request->bytes[request->frames] : surplus, FRAME_MAX, 0);
        if (got < 0 && zmq_errno() == EINTR)
            continue;
        if (got < 0)
            return false;
        if (kept)
            request->lengths[request->frames++] = (size_t)got < FRAME_MAX ? (size_t)got : FRAME_MAX;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) < 0)
            return false;
    }
    return true;
}

static bool is_allowed(const struct pipe_guard *guard, const struct zap_request *request)
{
    if (request->frames <= FRAME_CREDENTIALS || request->lengths[FRAME_MECHANISM] != 5 ||
        memcmp(request->bytes[FRAME_MECHANISM], "CURVE", 5) != 0 ||
        request->lengths[FRAME_CREDENTIALS] != KEY_BYTES)
        return false;
    for (size_t i = 0; i < guard->count; i++) {
        if (memcmp(guard->keys[i], request->bytes[FRAME_CREDENTIALS], KEY_BYTES) == 0)
            return true;
    }
    return false;
}

static bool answer(void *socket, const struct zap_request *request, bool allowed)
{
    const char *status = allowed ? "200" : "400", *text = allowed ? "" : "This key is not allowed";
    const struct {
        const void *bytes;
        size_t length;
    } frames[] = {
        {"1.0", 3},
        {request->bytes[FRAME_REQUEST_ID],
         request->frames > FRAME_REQUEST_ID ? request->lengths[FRAME_REQUEST_ID] : 0},
        {status, 3},
        {text, strlen(text)},
        {"", 0}, /* user id */
        {"", 0}, /* metadata */
    };

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        int flags = i + 1 < ARRAY_LEN(frames) ? ZMQ_SNDMORE : 0;
        while (zmq_send(socket, frames[i].bytes, frames[i].length, flags) < 0) {
            if (zmq_errno() != EINTR)
                return false;
        }
    }
    return true;
}

static void *run(void *argument)
{
    struct pipe_guard *guard = argument;
    static _Thread_local struct zap_request request;

    while (receive_request(guard->socket, &request) &&
           answer(guard->socket, &request, is_allowed(guard, &request)))
        ;
    (void)zmq_close(guard->socket);
    return NULL;
}

int pipe_guard_start(void *zmq, const char (*keys)[41], size_t count, struct pipe_guard **ret_guard)
{
    CLEANUP_FREE struct pipe_guard *guard = calloc(1, sizeof(*guard) + count * sizeof(guard->keys[0]));

    if (guard == NULL)
        return -ENOMEM;
    guard->count = count;
    for (size_t i = 0; i < count; i++) {
        if (strlen(keys[i]) != 40 || zmq_z85_decode(guard->keys[i], keys[i]) == NULL)
            return -EINVAL;
    }
    guard->socket = zmq_socket(zmq, ZMQ_REP);
    if (guard->socket == NULL)
        return -zmq_errno();
    int r = zmq_bind(guard->socket, "inproc://zeromq.zap.01") < 0 ? -zmq_errno()
                                                                  : thread_start(&guard->thread, run, guard);
    if (r < 0) {
        (void)zmq_close(guard->socket);
        return r;
    }
    *ret_guard = guard;
    guard = NULL;
    return 0;
}

void pipe_guard_join(struct pipe_guard **guard)
{
    if (*guard == NULL)
        return;
    (void)pthread_join((*guard)->thread, NULL);
    free(*guard);
    *guard = NULL;
}
