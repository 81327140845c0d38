/* SPDX-License-Identifier: Apache-2.0 */
#include "services/status-broadcaster/fanout.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/event_frame.h"

static struct uuid id_of(uint32_t number)
{
    struct uuid id = {{0}};

    memcpy(id.bytes, &number, sizeof(number));
    id.bytes[15] = 1;
    return id;
}

static struct logged_event event_of(uint32_t trader, uint64_t seq)
{
    return (struct logged_event){
        .log_seq = 1000 + seq,
        .has_trader_seq = true,
        .trader_seq = seq,
        .event = {.event_id = id_of(1),
                  .has_order_id = true,
                  .order_id = id_of(2),
                  .has_trader_id = true,
                  .trader_id = id_of(trader),
                  .action = AUDIT_ACTION_APPROVED,
                  .actor = "risk-manager",
                  .message = "two\nlines",
                  .occurred_at = {.us = 5}},
    };
}

static void append_frame(struct buffer *out, const struct logged_event *logged)
{
    cr_assert_eq(event_frame_render(&logged->event, logged->trader_seq, out), 0);
}

Test(fanout, each_trader_gets_its_frames_in_order_on_lines_of_their_own)
{
    CLEANUP_FREE struct logged_events *message = calloc(1, sizeof(*message));
    CLEANUP_FREE struct fanout *fanout = calloc(1, sizeof(*fanout));
    CLEANUP(buffer_release) struct buffer payload = BUFFER_INIT(0), expected = BUFFER_INIT(0);
    static const uint32_t traders[] = {1, 2, 1, 3, 1, 2};

    for (size_t i = 0; i < ARRAY_LEN(traders); i++)
        message->events[message->events_count++] = event_of(traders[i], 10 + i);
    fanout_group(fanout, message);
    cr_assert_eq(fanout->trader_count, 3);
    cr_expect_eq(fanout->event_count, 6);
    for (size_t trader = 0; trader < 3; trader++) {
        int frames = 0;
        buffer_clear(&expected);
        for (size_t i = 0; i < ARRAY_LEN(traders); i++) {
            if (traders[i] != trader + 1)
                continue;
            if (frames++ > 0)
                buffer_append_char(&expected, '\n');
            append_frame(&expected, &message->events[i]);
        }
        cr_expect_eq(fanout_render(fanout, message, trader, &payload), frames);
        cr_expect_str_eq(payload.data, expected.data);
    }
}

Test(fanout, what_no_trader_is_told_goes_to_nobody)
{
    CLEANUP_FREE struct logged_events *message = calloc(1, sizeof(*message));
    CLEANUP_FREE struct fanout *fanout = calloc(1, sizeof(*fanout));
    CLEANUP(buffer_release) struct buffer payload = BUFFER_INIT(0), expected = BUFFER_INIT(0);

    for (size_t i = 0; i < 4; i++)
        message->events[message->events_count++] = event_of(1, 10 + i);
    message->events[0].has_trader_seq = false;
    message->events[2].event.action = AUDIT_ACTION_HALTED;
    fanout_group(fanout, message);
    cr_assert_eq(fanout->trader_count, 1);
    append_frame(&expected, &message->events[1]);
    buffer_append_char(&expected, '\n');
    append_frame(&expected, &message->events[3]);
    cr_expect_eq(fanout_render(fanout, message, 0, &payload), 2);
    cr_expect_str_eq(payload.data, expected.data);
}

Test(fanout, a_full_message_of_different_traders_is_told_apart)
{
    CLEANUP_FREE struct logged_events *message = calloc(1, sizeof(*message));
    CLEANUP_FREE struct fanout *fanout = calloc(1, sizeof(*fanout));
    CLEANUP(buffer_release) struct buffer payload = BUFFER_INIT(0);

    for (uint32_t i = 0; i < FANOUT_EVENTS_MAX; i++)
        message->events[message->events_count++] = event_of(i, i + 1);
    for (int round = 0; round < 2; round++) {
        fanout_group(fanout, message);
        cr_assert_eq(fanout->trader_count, FANOUT_EVENTS_MAX);
    }
    for (size_t i = 0; i < FANOUT_EVENTS_MAX; i++)
        cr_assert_eq(fanout_render(fanout, message, i, &payload), 1);
}
