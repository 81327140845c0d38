/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/ws.h"

#include <errno.h>
#include <h2o/http1.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <wslay/wslay.h>

#include "common/buffer.h"
#include "common/clock.h"

enum {
    WRITE_FRAMES_MAX = 64,   /* in one write */
    CONTROL_MAX = 4096,      /* bytes of control frames that wslay makes at once */
    CONTROL_QUEUE_MAX = 256, /* frames beyond WS_QUEUE_MAX: pongs for a client that pings and does not read */
};

struct queued {
    TAILQ_ENTRY(queued) link;
    struct ws_frame *frame;
};

struct ws {
    struct ws_set *set;
    LIST_ENTRY(ws) in_set;
    SLIST_ENTRY(ws) in_dead;
    h2o_socket_t *socket; /* NULL until the 101 is written */
    wslay_event_context_ptr wslay;
    const struct ws_events *events;
    void *owner;
    TAILQ_HEAD(queue, queued) queue;
    size_t queued;
    size_t writing; /* how many of the first ones are under way */
    struct buffer control;
    int64_t heard_us;
    int64_t ping_us;
    int64_t cut_us; /* 0: not closing */
    bool slow;
    bool ending; /* what more comes is thrown away */
    bool dead;
    bool was_high;
};

struct ws_set {
    LIST_HEAD(, ws) all;
    SLIST_HEAD(, ws) dead;
    size_t count;
    int64_t ping_us;
};

static void die(struct ws *ws)
{
    if (ws->dead)
        return;
    ws->dead = true;
    if (ws->socket != NULL)
        h2o_socket_read_stop(ws->socket);
    SLIST_INSERT_HEAD(&ws->set->dead, ws, in_dead);
}

static void drop(struct ws *ws, struct queued *queued)
{
    TAILQ_REMOVE(&ws->queue, queued, link);
    ws->queued--;
    ws_frame_unref(&queued->frame);
    free(queued);
}

static void begin_closing(struct ws *ws)
{
    if (ws->cut_us == 0)
        ws->cut_us = clock_monotonic_us() + WS_CLOSE_TIMEOUT_MS * INT64_C(1000);
}

/* The last frame is out. The client sees the end of the stream behind it; were the socket closed with bytes
 * of the client unread, it might see a reset instead of our close. */
static void end_stream(struct ws *ws)
{
    if (shutdown(h2o_socket_get_fd(ws->socket), SHUT_WR) < 0)
        die(ws);
}

static void write_more(struct ws *ws);

static void on_written(h2o_socket_t *socket, const char *error)
{
    struct ws *ws = socket->data;

    for (; ws->writing > 0; ws->writing--)
        drop(ws, TAILQ_FIRST(&ws->queue));
    if (error != NULL) {
        die(ws);
        return;
    }
    write_more(ws);
    if (ws->dead)
        return;
    if (ws->queued == 0 && ws->ending) {
        end_stream(ws);
        return;
    }
    if (ws->was_high && ws->queued <= WS_QUEUE_LOW) {
        ws->was_high = false;
        ws->events->drained(ws->owner);
    }
}

static void write_more(struct ws *ws)
{
    h2o_iovec_t buffers[WRITE_FRAMES_MAX];
    size_t count = 0;

    if (ws->dead || ws->socket == NULL || ws->queued == 0 || h2o_socket_is_writing(ws->socket))
        return;
    for (const struct queued *queued = TAILQ_FIRST(&ws->queue); queued != NULL && count < WRITE_FRAMES_MAX;
         queued = TAILQ_NEXT(queued, link))
        buffers[count++] = h2o_iovec_init(queued->frame->bytes, queued->frame->length);
    ws->writing = count;
    h2o_socket_write(ws->socket, buffers, count, on_written);
}

static void push(struct ws *ws, struct ws_frame *frame)
{
    struct queued *queued = malloc(sizeof(*queued));

    if (queued == NULL) {
        die(ws);
        return;
    }
    queued->frame = ws_frame_ref(frame);
    TAILQ_INSERT_TAIL(&ws->queue, queued, link);
    ws->queued++;
    if (ws->queued > WS_QUEUE_LOW)
        ws->was_high = true;
}

static void push_raw(struct ws *ws, const void *bytes, size_t length)
{
    struct ws_frame *frame = ws_frame_raw(bytes, length);

    if (frame == NULL) {
        die(ws);
        return;
    }
    push(ws, frame);
    ws_frame_unref(&frame);
    write_more(ws);
}

/* Closes without wslay, which has no code for this. */
static void fail(struct ws *ws)
{
    static const char bytes[] = {(char)0x88, 2, (char)(WS_PROTOCOL >> 8), (char)(WS_PROTOCOL & 0xff)};

    if (ws->cut_us != 0) { /* ours is out already */
        die(ws);
        return;
    }
    ws->ending = true;
    begin_closing(ws);
    push_raw(ws, bytes, sizeof(bytes));
}

/* Control frames that wslay has made go into our queue whole, between others. */
static void flush_control(struct ws *ws)
{
    if (ws->ending)
        return;
    buffer_clear(&ws->control);
    while (!ws->dead && wslay_event_want_write(ws->wslay)) {
        if (wslay_event_send(ws->wslay) != 0)
            die(ws);
    }
    if (ws->dead || ws->control.length == 0)
        return;
    if (ws->queued >= WS_QUEUE_MAX + CONTROL_QUEUE_MAX)
        die(ws);
    else
        push_raw(ws, ws->control.data, ws->control.length);
    buffer_release(&ws->control);
}

static ssize_t on_wslay_receive(wslay_event_context_ptr wslay, uint8_t *bytes, size_t max, int flags,
                                void *context)
{
    struct ws *ws = context;
    h2o_buffer_t **input = &ws->socket->input;

    (void)flags;
    if ((*input)->size == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    size_t length = (*input)->size < max ? (*input)->size : max;
    memcpy(bytes, (*input)->bytes, length);
    h2o_buffer_consume(input, length);
    return (ssize_t)length;
}

static ssize_t on_wslay_send(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t length, int flags,
                             void *context)
{
    struct ws *ws = context;

    (void)flags;
    buffer_append(&ws->control, bytes, length);
    if (buffer_failed(&ws->control)) {
        wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    return (ssize_t)length;
}

static void on_wslay_message(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *message,
                             void *context)
{
    struct ws *ws = context;

    (void)wslay;
    if (ws->cut_us != 0)
        return;
    if (message->opcode == WSLAY_CONNECTION_CLOSE && message->msg_length == 1) { /* half a code */
        fail(ws);
        return;
    }
    /* A ping that came before is answered before. */
    flush_control(ws);
    if (message->opcode == WSLAY_TEXT_FRAME)
        ws->events->text(ws->owner, (const char *)message->msg, message->msg_length);
    else if (message->opcode == WSLAY_BINARY_FRAME && ws->events->binary != NULL)
        ws->events->binary(ws->owner, (const char *)message->msg, message->msg_length);
    else if (message->opcode == WSLAY_BINARY_FRAME)
        ws_close(ws, WS_UNSUPPORTED, "only text is understood");
}

static void read_frames(struct ws *ws)
{
    while (!ws->dead && ws->socket->input->size > 0 && wslay_event_want_read(ws->wslay)) {
        int r = wslay_event_recv(ws->wslay);
        if (r == WSLAY_ERR_CALLBACK_FAILURE) /* not ours, which never fails: not a frame */
            fail(ws);
        else if (r != 0)
            die(ws);
    }
    flush_control(ws);
    if (ws->dead || wslay_event_want_read(ws->wslay))
        return;
    /* A close has come, or nonsense: what more comes is of no use. */
    begin_closing(ws);
    ws->ending = true;
    if (ws->queued == 0)
        end_stream(ws);
}

static void on_read(h2o_socket_t *socket, const char *error)
{
    struct ws *ws = socket->data;

    if (error != NULL) {
        die(ws);
        return;
    }
    ws->heard_us = clock_monotonic_us();
    if (!ws->ending)
        read_frames(ws);
    if (ws->ending)
        h2o_buffer_consume(&socket->input, socket->input->size);
}

static const struct wslay_event_callbacks wslay_callbacks = {
    .recv_callback = on_wslay_receive,
    .send_callback = on_wslay_send,
    .on_msg_recv_callback = on_wslay_message,
};

static void on_upgraded(void *context, h2o_socket_t *socket, size_t request_length)
{
    struct ws *ws = context;

    if (socket == NULL) {
        die(ws);
        return;
    }
    ws->socket = socket;
    socket->data = ws;
    h2o_buffer_consume(&socket->input, request_length);
    h2o_socket_read_start(socket, on_read);
    ws->events->opened(ws->owner);
    write_more(ws);
    if (!ws->dead && socket->input->size > 0)
        on_read(socket, NULL);
}

int ws_accept(struct ws_set *set, h2o_req_t *req, const struct ws_events *events, void *owner,
              struct ws **ret_ws)
{
    struct ws *ws = calloc(1, sizeof(*ws));
    int64_t now_us = clock_monotonic_us();

    if (ws == NULL)
        return -ENOMEM;
    *ws = (struct ws){
        .set = set,
        .events = events,
        .owner = owner,
        .control = BUFFER_INIT(CONTROL_MAX),
        .heard_us = now_us,
        .ping_us = now_us,
    };
    if (wslay_event_context_server_init(&ws->wslay, &wslay_callbacks, ws) != 0) {
        free(ws);
        return -ENOMEM;
    }
    wslay_event_config_set_max_recv_msg_length(ws->wslay, events->message_max);
    TAILQ_INIT(&ws->queue);
    LIST_INSERT_HEAD(&set->all, ws, in_set);
    set->count++;
    *ret_ws = ws;
    h2o_http1_upgrade(req, NULL, 0, on_upgraded, ws);
    return 0;
}

bool ws_send(struct ws *ws, struct ws_frame *frame)
{
    if (ws->dead || ws->cut_us != 0)
        return false;
    if (ws->queued >= WS_QUEUE_MAX) {
        /* It would not see the close behind what it does not read: drop that. */
        ws->slow = true;
        while (ws->queued > ws->writing)
            drop(ws, TAILQ_LAST(&ws->queue, queue));
        ws_close(ws, WS_TRY_LATER, "too slow; come back with last_seq");
        return false;
    }
    push(ws, frame);
    write_more(ws);
    return !ws->dead;
}

size_t ws_queued(const struct ws *ws)
{
    return ws->queued;
}

bool ws_is_closing(const struct ws *ws)
{
    return ws->dead || ws->cut_us != 0;
}

bool ws_is_slow(const struct ws *ws)
{
    return ws->slow;
}

void ws_close(struct ws *ws, enum ws_code code, const char *reason)
{
    if (ws->dead || ws->cut_us != 0)
        return;
    if (wslay_event_queue_close(ws->wslay, (uint16_t)code, (const uint8_t *)reason, strlen(reason)) != 0) {
        die(ws);
        return;
    }
    begin_closing(ws);
    flush_control(ws);
}

int ws_set_create(int64_t ping_ms, struct ws_set **ret_set)
{
    *ret_set = calloc(1, sizeof(**ret_set));
    if (*ret_set == NULL)
        return -ENOMEM;
    (*ret_set)->ping_us = ping_ms * 1000;
    return 0;
}

size_t ws_set_count(const struct ws_set *set)
{
    return set->count;
}

static void destroy(struct ws *ws)
{
    if (ws->socket != NULL)
        h2o_socket_close(ws->socket);
    while (ws->queued > 0)
        drop(ws, TAILQ_FIRST(&ws->queue));
    wslay_event_context_free(ws->wslay);
    buffer_release(&ws->control);
    LIST_REMOVE(ws, in_set);
    ws->set->count--;
    free(ws);
}

void ws_set_close(struct ws_set *set, enum ws_code code, const char *reason)
{
    for (struct ws *ws = LIST_FIRST(&set->all); ws != NULL; ws = LIST_NEXT(ws, in_set))
        ws_close(ws, code, reason);
}

void ws_set_reap(struct ws_set *set)
{
    struct ws *ws;

    while ((ws = SLIST_FIRST(&set->dead)) != NULL) {
        SLIST_REMOVE_HEAD(&set->dead, in_dead);
        ws->events->closed(ws->owner);
        destroy(ws);
    }
}

static void ping(struct ws *ws, int64_t now_us)
{
    static const char bytes[] = {(char)0x89, 0};
    struct ws_frame *frame = ws_frame_raw(bytes, sizeof(bytes));

    ws->ping_us = now_us;
    if (frame == NULL)
        return;
    (void)ws_send(ws, frame);
    ws_frame_unref(&frame);
}

void ws_set_tick(struct ws_set *set, int64_t now_us)
{
    for (struct ws *ws = LIST_FIRST(&set->all); ws != NULL; ws = LIST_NEXT(ws, in_set)) {
        if (ws->dead || ws->socket == NULL)
            continue;
        if ((ws->cut_us != 0 && ws->cut_us <= now_us) ||
            ws->heard_us + WS_DEAD_PINGS * set->ping_us <= now_us)
            die(ws);
        else if (ws->cut_us == 0 && ws->ping_us + set->ping_us <= now_us)
            ping(ws, now_us);
    }
}

void ws_set_destroy(struct ws_set **set)
{
    if (*set == NULL)
        return;
    for (struct ws *ws = LIST_FIRST(&(*set)->all); ws != NULL; ws = LIST_NEXT(ws, in_set)) {
        /* One whose 101 is still being written belongs to h2o, which ends it with its connection. */
        if (ws->socket != NULL)
            die(ws);
    }
    ws_set_reap(*set);
    if ((*set)->count == 0)
        free(*set);
    *set = NULL;
}
