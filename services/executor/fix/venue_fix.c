/* SPDX-License-Identifier: Apache-2.0 */
/* The FIX 4.4 adapter: venue_ops on top of the QuickFIX shim, the event queue and the mapping. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/fix/fix_text.h"
#include "services/executor/fix/quickfix_shim.h"
#include "services/executor/fix/venue_fix_map.h"
#include "services/executor/fix/venue_fix_queue.h"
#include "services/executor/venue.h"

enum { FIELDS_MAX = 16 };

struct venue {
    struct quickfix_shim *shim;
    struct venue_fix_queue *queue;
    struct venue_ops ops; /* with the configured name and capabilities */
    char name[VENUE_MAX];
};

static_assert((int)QUICKFIX_LANES_MAX == (int)VENUE_LANES_MAX, "the shim serves every lane");

/* ---------------------------------------------------------------- what the engine says, on its thread */

struct pushing {
    struct venue *venue;
    int error;
};

static void push_event(void *context, const struct venue_event *event)
{
    struct pushing *pushing = context;
    int r = venue_fix_queue_push(pushing->venue->queue, event);

    if (r < 0)
        pushing->error = r;
}

static int on_message(void *context, int lane, const char *bytes, size_t length,
                      const struct quickfix_reference *reference)
{
    struct pushing pushing = {.venue = context};
    struct venue_fix_reference about = {.request = (enum venue_fix_request)reference->kind};

    static_assert(sizeof about.order_id.bytes == sizeof reference->id, "a reference holds an order id");
    memcpy(about.order_id.bytes, reference->id, sizeof about.order_id.bytes);
    (void)venue_fix_map(lane, bytes, length, &about, clock_now(), push_event, &pushing);
    return pushing.error;
}

static int on_session(void *context, int lane, enum quickfix_event event, uint64_t in_seq, const char *text,
                      const struct quickfix_numbers *numbers)
{
    static const enum venue_event_type types[] = {
        [QUICKFIX_READY] = VENUE_READY,
        [QUICKFIX_DOWN] = VENUE_DOWN,
        [QUICKFIX_RESET] = VENUE_SEQUENCE_RESET,
        [QUICKFIX_ANEW] = VENUE_BEGAN_ANEW,
        [QUICKFIX_UNREACHABLE] = VENUE_UNREACHABLE,
        [QUICKFIX_REFUSED] = VENUE_UNEXPECTED,
    };
    struct venue *venue = context;
    struct venue_event told = {
        .type = types[event],
        .lane = lane,
        .in_seq = in_seq,
        .transact_time = clock_now(),
        .numbers = {.in_expected = numbers->in_expected,
                    .in_received = numbers->in_received,
                    .out_next = numbers->out_next,
                    .out_expected = numbers->out_expected},
        .logout_at =
            event == QUICKFIX_DOWN && numbers->by_logout ? (uint8_t)strlen(QUICKFIX_LOGOUT) : (uint8_t)0,
    };

    fix_text_copy((struct fix_frame_span){text, strlen(text)}, told.text, sizeof told.text);
    return venue_fix_queue_push(venue->queue, &told);
}

static void on_sequence(void *context, int lane, uint64_t in_seq)
{
    struct venue *venue = context;

    venue_fix_queue_sequence(venue->queue, lane, in_seq);
}

static bool on_full(void *context)
{
    struct venue *venue = context;

    return venue_fix_queue_is_full(venue->queue);
}

static void on_piece(void *context, bool begins)
{
    struct venue *venue = context;

    venue_fix_queue_hold(venue->queue, begins);
}

/* ---------------------------------------------------------------- messages to the exchange */

/* The fields of one message; texts that must be formatted live here. */
struct message {
    struct quickfix_field fields[FIELDS_MAX];
    size_t count;
    char id[UUID_TEXT_MAX], original_id[UUID_TEXT_MAX];
    char quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    char time[FIX_TEXT_TIME_MAX];
};

static void put(struct message *message, int tag, const char *value)
{
    assert(message->count < FIELDS_MAX);
    message->fields[message->count++] = (struct quickfix_field){tag, value};
}

static void put_id(struct message *message, int tag, struct uuid id, char text[static UUID_TEXT_MAX])
{
    uuid_format(id, text);
    put(message, tag, text);
}

static const char *side_code(enum side side)
{
    return side == SIDE_BUY ? "1" : "2";
}

static const char *order_type_code(enum order_type type)
{
    switch (type) {
    case ORDER_TYPE_MARKET:
        return "1";
    case ORDER_TYPE_LIMIT:
        return "2";
    case ORDER_TYPE_STOP:
        return "3";
    }
    assert(false);
    return "";
}

static const char *time_in_force_code(enum time_in_force time_in_force)
{
    switch (time_in_force) {
    case TIME_IN_FORCE_DAY:
        return "0";
    case TIME_IN_FORCE_GTC:
        return "1";
    case TIME_IN_FORCE_IOC:
        return "3";
    case TIME_IN_FORCE_FOK:
        return "4";
    }
    assert(false);
    return "";
}

static void put_instrument(struct message *message, const struct venue_order *order)
{
    put(message, 55, order->symbol);
    put(message, 54, side_code(order->side));
}

static void put_now(struct message *message)
{
    fix_text_format_time(clock_now(), message->time);
    put(message, 60, message->time);
}

static void put_quantity(struct message *message, struct decimal quantity)
{
    (void)decimal_format(quantity, message->quantity);
    put(message, 38, message->quantity);
}

/* What NewOrderSingle and OrderCancelReplaceRequest share. */
static void put_terms(struct message *message, const struct venue_order *order)
{
    put(message, 21, "1"); /* no intervention by the broker's people */
    put(message, 40, order_type_code(order->order_type));
    put(message, 59, time_in_force_code(order->time_in_force));
    (void)decimal_format(order->price, message->price);
    if (order->order_type == ORDER_TYPE_LIMIT)
        put(message, 44, message->price);
    else if (order->order_type == ORDER_TYPE_STOP)
        put(message, 99, message->price);
}

static int send_message(struct venue *venue, int lane, const char *type, const struct message *message,
                        enum venue_fix_request request, struct uuid order_id)
{
    struct quickfix_reference reference = {.kind = (int)request};

    memcpy(reference.id, order_id.bytes, sizeof reference.id);
    return quickfix_shim_send(venue->shim, lane, type, message->fields, message->count, &reference);
}

static int fix_submit(struct venue *venue, int lane, const struct venue_order *order)
{
    struct message message = {.count = 0};

    put_id(&message, 11, order->order_id, message.id);
    put_instrument(&message, order);
    put_quantity(&message, order->quantity);
    put_terms(&message, order);
    put_now(&message);
    if (order->possible_resend)
        put(&message, 97, "Y");
    return send_message(venue, lane, "D", &message, VENUE_FIX_SUBMIT, order->order_id);
}

static int fix_cancel(struct venue *venue, int lane, const struct venue_order *order, struct uuid cancel_id)
{
    struct message message = {.count = 0};

    put_id(&message, 11, cancel_id, message.id);
    put_id(&message, 41, order->order_id, message.original_id);
    put_instrument(&message, order);
    put_quantity(&message, order->quantity);
    put_now(&message);
    return send_message(venue, lane, "F", &message, VENUE_FIX_CANCEL, order->order_id);
}

static int fix_replace(struct venue *venue, int lane, const struct venue_order *order, struct uuid replace_id,
                       struct decimal new_quantity)
{
    struct message message = {.count = 0};

    put_id(&message, 11, replace_id, message.id);
    put_id(&message, 41, order->order_id, message.original_id);
    put_instrument(&message, order);
    put_quantity(&message, new_quantity);
    put_terms(&message, order);
    put_now(&message);
    return send_message(venue, lane, "G", &message, VENUE_FIX_REPLACE, order->order_id);
}

static int fix_query(struct venue *venue, int lane, const struct venue_order *order)
{
    struct message message = {.count = 0};

    put_id(&message, 11, order->order_id, message.id);
    put_instrument(&message, order);
    return send_message(venue, lane, "H", &message, VENUE_FIX_QUERY, order->order_id);
}

/* ---------------------------------------------------------------- the rest of the table */

static int fix_open(struct venue *venue, int lane, uint64_t next_in, uint64_t next_out)
{
    return quickfix_shim_open(venue->shim, lane, next_in, next_out);
}

static void fix_close(struct venue *venue, int lane)
{
    quickfix_shim_close(venue->shim, lane);
    venue_fix_queue_forget(venue->queue, lane);
}

static int fix_subscribe_prices(struct venue *venue, int lane, const char *const *symbols,
                                size_t symbol_count)
{
    return quickfix_shim_subscribe(venue->shim, lane, symbols, symbol_count);
}

static int fix_event_fd(const struct venue *venue)
{
    return venue_fix_queue_fd(venue->queue);
}

static int fix_drain(struct venue *venue, int max, venue_event_handler *handler, void *context)
{
    bool resume;
    int taken = venue_fix_queue_take(venue->queue, max, handler, context, &resume);

    if (resume)
        quickfix_shim_resume(venue->shim);
    return taken;
}

static uint64_t fix_next_out(const struct venue *venue, int lane)
{
    return quickfix_shim_next_out(venue->shim, lane);
}

static void fix_destroy(struct venue **venue)
{
    if (!*venue)
        return;
    if ((*venue)->shim)
        quickfix_shim_destroy(&(*venue)->shim);
    if ((*venue)->queue)
        venue_fix_queue_destroy(&(*venue)->queue);
    free(*venue);
    *venue = NULL;
}

static const struct venue_ops fix_ops = {
    .name = "",
    .open = fix_open,
    .close = fix_close,
    .submit = fix_submit,
    .cancel = fix_cancel,
    .replace = fix_replace,
    .query = fix_query,
    .subscribe_prices = fix_subscribe_prices,
    .event_fd = fix_event_fd,
    .drain = fix_drain,
    .next_out = fix_next_out,
    .destroy = fix_destroy,
};

static bool config_is_valid(const struct venue_fix_config *config)
{
    return config->host && config->port > 0 && config->port <= 65535 && config->sender_prefix &&
           config->target_comp_id && config->heartbeat_seconds > 0 && config->reconnect_seconds > 0 &&
           config->name && strlen(config->name) < VENUE_MAX;
}

int venue_fix_create(const struct venue_fix_config *config, const struct venue_ops **ret_ops,
                     struct venue **ret_venue)
{
    CLEANUP(fix_destroy) struct venue *venue = NULL;
    struct quickfix_config engine;
    struct quickfix_sink sink;
    int r;

    if (!config_is_valid(config))
        return -EINVAL;
    venue = calloc(1, sizeof *venue);
    if (!venue)
        return -ENOMEM;
    (void)strcpy(venue->name, config->name);
    venue->ops = fix_ops;
    venue->ops.name = venue->name;
    venue->ops.capabilities = config->capabilities;
    r = venue_fix_queue_create(VENUE_EVENT_QUEUE_MAX, &venue->queue);
    if (r < 0)
        return r;
    engine = (struct quickfix_config){
        .host = config->host,
        .port = config->port,
        .sender_prefix = config->sender_prefix,
        .target_comp_id = config->target_comp_id,
        .heartbeat_seconds = config->heartbeat_seconds,
        .reconnect_seconds = config->reconnect_seconds,
    };
    sink = (struct quickfix_sink){
        .context = venue,
        .message = on_message,
        .session = on_session,
        .sequence = on_sequence,
        .full = on_full,
        .piece = on_piece,
    };
    r = quickfix_shim_create(&engine, &sink, &venue->shim);
    if (r < 0)
        return r;
    *ret_ops = &venue->ops;
    *ret_venue = venue;
    venue = NULL;
    return 0;
}
