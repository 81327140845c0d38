/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's side of a FIX connection: framing, parser, session and exchange, fed with whatever comes
 * over the wire.
 *
 * The first byte picks how: as a raw stream (framing and recovery), or as the fields of messages that get a
 * right BodyLength, CheckSum and number around them, so that the session and the exchange behind the parser
 * are reached. Bars stand for separators. Checked: no fault of memory or arithmetic (the sanitizers see to
 * it), progress in every step, that actions and answers stay within their bounds, and that whatever the
 * exchange answers can be parsed. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/exchange-sim/core/exchange.h"
#include "services/exchange-sim/session/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct instant now = {INT64_C(1767323045000000)};

static const struct instrument instruments[] = {
    {"AAPL", "Apple", {DECIMAL_ONE / 100}, {DECIMAL_ONE}, true, {150 * DECIMAL_ONE}},
    {"BTC-USD", "Bitcoin", {DECIMAL_ONE / 100}, {DECIMAL_ONE / 10000}, true, {60000 * DECIMAL_ONE}},
};
static const struct exchange_config config = {.levels = 2,
                                              .level_quantity = {1000 * DECIMAL_ONE},
                                              .spread_ticks = 2,
                                              .volatility_bp = 100,
                                              .orders_expected = 16};

struct peer {
    struct session session;
    struct exchange *exchange;
    struct fix_message message;
    struct session_actions actions;
    int64_t now_us;
};

/* What is sent is built and parsed again. */
static void check_sent(void *context, uint32_t session, const char *type, const struct fix_body *body,
                       enum sink_way way)
{
    static struct fix_message parsed;
    char bytes[FIX_BODY_MAX + FIX_HEADER_MAX];
    struct peer *peer = context;
    struct fix_header header = {.type = type, .sender = "SIM", .target = "A", .sending_time = now};
    (void)session;
    (void)way;
    assert(!body->overflow);
    header.seq = session_take_out(&peer->session, peer->now_us);
    size_t length = fix_build(&header, body->bytes, body->length, bytes);
    struct fix_fault fault = fix_parse(bytes, length, &parsed);
    assert(fault.kind == FIX_VALID);
}

static void receive(struct peer *peer, const char *bytes, size_t length)
{
    struct fix_fault fault = fix_parse(bytes, length, &peer->message);
    peer->now_us += 1000000;
    if (peer->session.state == SESSION_DISCONNECTED) {
        if (fault.kind == FIX_GARBLED || !fix_text_equals(peer->message.type, "A"))
            return;
        assert(session_logon(&peer->session, &peer->message, &fault, peer->now_us, &peer->actions) == 0);
    } else {
        assert(session_receive(&peer->session, "SIM", &peer->message, &fault, peer->now_us, &peer->actions) ==
               0);
    }
    for (size_t i = 0; i < peer->actions.count; i++) {
        const struct session_action *action = &peer->actions.items[i];
        struct session_resend step;
        if (action->type == SESSION_SEND)
            (void)session_take_out(&peer->session, peer->now_us);
        else if (action->type == SESSION_DELIVER)
            exchange_receive(peer->exchange, 0, &peer->message, now);
        else if (action->type == SESSION_RESEND)
            for (uint64_t next = action->begin; session_resend_next(&peer->session, next, action->end, &step);
                 next = step.end)
                assert(step.end > next);
        else if (action->type == SESSION_DISCONNECT)
            session_disconnect(&peer->session);
    }
    char *held = NULL;
    size_t held_length = 0;
    while (peer->session.state != SESSION_DISCONNECTED &&
           session_next_held(&peer->session, &held, &held_length)) {
        receive(peer, held, held_length);
        free(held);
    }
}

static void feed_stream(struct peer *peer, const char *bytes, size_t size)
{
    size_t length = 0;
    for (size_t at = 0; at < size; at += length) {
        enum fix_frame frame = fix_frame(bytes + at, size - at, &length);
        if (frame == FIX_FRAME_MORE)
            return;
        assert(length > 0 && length <= size - at);
        if (frame == FIX_FRAME_MESSAGE)
            receive(peer, bytes + at, length);
    }
}

/* One message for each line: its fields after the header. */
static void feed_fields(struct peer *peer, const char *bytes, size_t size)
{
    enum { LINE_MAX_HERE = 4096 };
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(bytes + at, '\n', size - at);
        size_t length = newline != NULL ? (size_t)(newline - bytes) - at : size - at;
        char text[LINE_MAX_HERE + 128], head[64];
        if (length > LINE_MAX_HERE)
            return;
        int middle = snprintf(text, sizeof(text),
                              "35=%c\x01"
                              "49=A\x01"
                              "56=SIM\x01"
                              "34=%llu\x01"
                              "52=20260102-03:04:05\x01",
                              length > 0 && bytes[at] > ' ' ? bytes[at] : 'D',
                              (unsigned long long)peer->session.next_in);
        for (size_t i = 1; i < length; i++)
            text[middle++] = bytes[at + i] == '|' ? '\x01' : bytes[at + i];
        char message[LINE_MAX_HERE + 256];
        int head_length = snprintf(head, sizeof(head),
                                   "8=FIX.4.4\x01"
                                   "9=%d\x01",
                                   middle);
        memcpy(message, head, (size_t)head_length);
        memcpy(message + head_length, text, (size_t)middle);
        unsigned sum = 0;
        for (int i = 0; i < head_length + middle; i++)
            sum += (unsigned char)message[i];
        int tail = snprintf(message + head_length + middle, 8, "10=%03u\x01", sum & 0xff);
        receive(peer, message, (size_t)(head_length + middle + tail));
        at += length + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct peer peer;
    if (size == 0)
        return 0;
    memset(&peer, 0, sizeof(peer));
    struct sink sink = {.context = &peer, .send = check_sent};
    assert(session_init(&peer.session, "A") == 0);
    assert(exchange_create(&config, instruments, 2, &sink, &peer.exchange) == 0);
    assert(exchange_load_end(peer.exchange, NULL) == 0);
    if (data[0] == 's')
        feed_stream(&peer, (const char *)data + 1, size - 1);
    else
        feed_fields(&peer, (const char *)data + 1, size - 1);
    for (int i = 0; i < 3; i++) {
        exchange_step(peer.exchange);
        (void)exchange_settle(peer.exchange, now);
        exchange_publish(peer.exchange, now);
    }
    (void)exchange_end_day(peer.exchange, (struct instant){INT64_MAX}, now, 1000);
    exchange_destroy(&peer.exchange);
    session_release(&peer.session);
    return 0;
}
