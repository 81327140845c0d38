/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket frames, letter for letter. */
#include "proto/event_frame.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/sample.h"

static void expect_frame(const struct event *event, uint64_t seq, const char *expected)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    cr_assert_eq(event_frame_render(event, seq, &out), 0);
    cr_expect_str_eq(out.data, expected);
}

Test(event_frame, a_fill_names_its_own_figures_and_the_orders)
{
    struct event event = sample_event();

    expect_frame(
        &event, 42,
        "{\"event\":\"order.filled\",\"seq\":42,\"order_id\":\"0199f0a5-7d0c-7000-8000-000000000001\","
        "\"symbol\":\"AAPL\",\"side\":\"BUY\",\"quantity_filled\":50,\"price_at_fill\":150.45,\"total_"
        "filled\":50,"
        "\"average_price\":150.45,\"status\":\"PARTIAL\",\"execution_state\":\"WORKING\","
        "\"reason\":\"LATE\",\"message\":\"50 at 150.45 – \\\"späte\\\" Ausführung\","
        "\"timestamp\":\"2025-10-17T12:01:05.000000Z\"}");
}

Test(event_frame, other_actions_name_what_the_order_is_for)
{
    struct event event = sample_event();

    event.action = AUDIT_ACTION_CANCEL_REQUESTED;
    event.side = SIDE_SELL;
    event.total_filled = decimal_zero();
    event.has_average_price = false;
    event.status = ORDER_STATUS_PENDING;
    event.reason[0] = event.message[0] = '\0';
    expect_frame(
        &event, INT64_MAX,
        "{\"event\":\"order.cancel_requested\",\"seq\":9223372036854775807,"
        "\"order_id\":\"0199f0a5-7d0c-7000-8000-000000000001\",\"symbol\":\"AAPL\",\"side\":\"SELL\","
        "\"quantity\":50,\"price\":150.45,\"total_filled\":0,"
        "\"average_price\":null,\"status\":\"PENDING\",\"execution_state\":\"WORKING\",\"reason\":null,"
        "\"message\":null,\"timestamp\":\"2025-10-17T12:01:05.000000Z\"}");
}

Test(event_frame, an_order_without_a_price_says_so)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct event event = sample_event();

    event.action = AUDIT_ACTION_SUBMITTED;
    event.has_price = false;
    cr_assert_eq(event_frame_render(&event, 1, &out), 0);
    cr_expect_neq(strstr(out.data, "\"quantity\":50,\"price\":null,\"total_filled\""), NULL, "%s", out.data);
}

Test(event_frame, what_the_log_does_not_give_the_frame_does_not_change_it)
{
    CLEANUP(buffer_release) struct buffer first = BUFFER_INIT(0), second = BUFFER_INIT(0);
    struct event event = sample_event();

    cr_assert_eq(event_frame_render(&event, 7, &first), 0);
    memset(&event.event_id, 0xee, sizeof(event.event_id));
    event.has_trace_id = false;
    event.venue[0] = event.venue_exec_id[0] = '\0';
    memcpy(event.actor, "other", 6);
    cr_assert_eq(event_frame_render(&event, 7, &second), 0);
    cr_expect_str_eq(first.data, second.data);
}

Test(event_frame, every_action_of_an_order_has_the_contracts_name)
{
    static const struct {
        enum audit_action action;
        const char *begin; /* NULL: no frame */
    } cases[] = {
        {AUDIT_ACTION_SUBMITTED, "{\"event\":\"order.submitted\","},
        {AUDIT_ACTION_APPROVED, "{\"event\":\"order.approved\","},
        {AUDIT_ACTION_EXECUTED, "{\"event\":\"order.executed\","},
        {AUDIT_ACTION_RETRIED, "{\"event\":\"order.retried\","},
        {AUDIT_ACTION_FILLED, "{\"event\":\"order.filled\","},
        {AUDIT_ACTION_REJECTED, "{\"event\":\"order.rejected\","},
        {AUDIT_ACTION_CANCEL_REQUESTED, "{\"event\":\"order.cancel_requested\","},
        {AUDIT_ACTION_CANCEL_REJECTED, "{\"event\":\"order.cancel_rejected\","},
        {AUDIT_ACTION_CANCELLED, "{\"event\":\"order.cancelled\","},
        {AUDIT_ACTION_EXPIRED, "{\"event\":\"order.expired\","},
        {AUDIT_ACTION_RECOVERED, "{\"event\":\"order.recovered\","},
        {AUDIT_ACTION_IN_DOUBT, "{\"event\":\"order.in_doubt\","},
        {AUDIT_ACTION_RESOLVED, "{\"event\":\"order.resolved\","},
        {AUDIT_ACTION_HALTED, NULL},
        {AUDIT_ACTION_RESUMED, NULL},
        {AUDIT_ACTION_ACCOUNT_OPENED, NULL},
        {AUDIT_ACTION_ACCOUNT_CHANGED, NULL},
        {AUDIT_ACTION_LIMITS_CHANGED, NULL},
        {AUDIT_ACTION_FLAG_CHANGED, NULL},
        {AUDIT_ACTION_INSTRUMENT_CHANGED, NULL},
        {AUDIT_ACTION_MONTH_ARCHIVED, NULL},
        {AUDIT_ACTION_KEY_CHANGED, NULL},
        {AUDIT_ACTION_LANE_RESYNCED, NULL},
        {(enum audit_action)0, NULL},
        {(enum audit_action)25, NULL},
        {AUDIT_ACTION_ACKNOWLEDGED, "{\"event\":\"order.acknowledged\","},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
        struct event event = sample_event();

        event.action = cases[i].action;
        cr_expect_eq(event_frame_render(&event, 1, &out), cases[i].begin == NULL ? -EINVAL : 0, "%zu", i);
        if (cases[i].begin == NULL)
            cr_expect_eq(out.length, 0, "%zu", i);
        else
            cr_expect_eq(strncmp(out.data, cases[i].begin, strlen(cases[i].begin)), 0, "%s", out.data);
    }
}

Test(event_frame, an_event_without_an_order_has_no_frame)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct event event = sample_event();

    event.has_order_id = false;
    cr_expect_eq(event_frame_render(&event, 1, &out), -EINVAL);
    cr_expect_eq(out.length, 0);
}

Test(event_frame, a_full_buffer_is_told)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(20);
    struct event event = sample_event();

    cr_expect_eq(event_frame_render(&event, 1, &out), -ENOBUFS);
}

Test(event_frame, a_session_begins_with_the_last_seq)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    cr_assert_eq(event_frame_ready(0, sample_event().occurred_at, &out), 0);
    cr_expect_str_eq(out.data,
                     "{\"event\":\"session.ready\",\"seq\":0,\"timestamp\":\"2025-10-17T12:01:05.000000Z\"}");
}

Test(event_frame, the_channel_names_the_trader)
{
    static const char text[] = "0199f0a5-7d0c-7000-8000-000000000001";
    static const char *const others[] = {"",
                                         "orders:",
                                         "orders",
                                         "oxe:gateway",
                                         "orders:0199f0a5-7d0c-7000-8000-00000000000",
                                         "order:0199f0a5-7d0c-7000-8000-000000000001",
                                         "orders:0199f0a5-7d0c-7000-8000-000000000001 "};
    char channel[EVENT_FRAME_CHANNEL_MAX];
    struct uuid id, read = {{0}};

    cr_assert_eq(uuid_parse(text, strlen(text), &id), 0);
    cr_expect_eq(event_frame_channel(id, channel), strlen("orders:") + strlen(text));
    cr_expect_str_eq(channel, "orders:0199f0a5-7d0c-7000-8000-000000000001");
    cr_expect_eq(event_frame_parse_channel(channel, &read), 0);
    cr_expect_eq(uuid_compare(id, read), 0);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        cr_expect_eq(event_frame_parse_channel(others[i], &read), -EINVAL, "%s", others[i]);
}

Test(event_frame, a_payload_is_read_as_it_was_written)
{
    static const uint64_t seqs[] = {1, 42, INT64_MAX};
    CLEANUP(buffer_release) struct buffer payload = BUFFER_INIT(0), frame = BUFFER_INIT(0);
    struct event event = sample_event();
    struct event_frame_line line;

    for (size_t i = 0; i < ARRAY_LEN(seqs); i++)
        cr_assert_eq(event_frame_add_line(&event, seqs[i], &payload), 0);
    event.has_order_id = false;
    cr_expect_eq(event_frame_add_line(&event, 43, &payload), -EINVAL);
    event.has_order_id = true;
    const char *at = payload.data, *end = at + payload.length;
    for (size_t i = 0; i < ARRAY_LEN(seqs); i++) {
        buffer_clear(&frame);
        cr_assert_eq(event_frame_render(&event, seqs[i], &frame), 0);
        cr_assert(event_frame_next_line(&at, end, &line));
        cr_expect_eq(line.length, frame.length);
        cr_expect_eq(memcmp(line.text, frame.data, frame.length), 0);
        cr_expect_eq(line.seq, seqs[i], "%llu", (unsigned long long)line.seq);
        cr_expect_eq(line.occurred_at.us, event.occurred_at.us);
    }
    cr_expect_not(event_frame_next_line(&at, end, &line));
}

Test(event_frame, a_line_that_is_no_frame_is_passed_over)
{
    static const struct {
        const char *payload;
        uint64_t seq; /* of the one frame; 0: none */
    } cases[] = {
        {"", 0},
        {"\n\n", 0},
        {"hello", 0},
        {"{\"what\":[}", 0},
        {"{\"event\":\"session.ready\",\"seq\":7}", 0},
        {"{\"event\":\"order.filled\"}", 0},
        {"{\"event\":\"order.filled\",\"seq\":", 0},
        {"{\"event\":\"order.filled\",\"seq\":0}", 0},
        {"{\"event\":\"order.filled\",\"message\":\"\",\"seq\":7}", 0},
        {" {\"event\":\"order.filled\",\"seq\":7}", 0},
        {"{\"event\":\"order.filled\",\"seq\":7}", 7},
        {"nonsense\n{\"event\":\"order.in_doubt\",\"seq\":8}\n\nnonsense", 8},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *at = cases[i].payload, *end = at + strlen(at);
        struct event_frame_line line;

        cr_expect_eq(event_frame_next_line(&at, end, &line), cases[i].seq != 0, "%s", cases[i].payload);
        if (cases[i].seq == 0)
            continue;
        cr_expect_eq(line.seq, cases[i].seq, "%s", cases[i].payload);
        cr_expect_eq(line.occurred_at.us, 0, "%s", cases[i].payload);
        cr_expect_not(event_frame_next_line(&at, end, &line), "%s", cases[i].payload);
    }
}
