/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/feed.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"

/* A frame whose text is its seq. */
static void publish(struct feed *feed, uint64_t seq)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)seq);
    struct ws_frame *frame = ws_frame_text(text, (size_t)length + 1);

    cr_assert_not_null(frame);
    feed_publish(feed, seq, (struct instant){(int64_t)seq * 10}, frame);
    ws_frame_unref(&frame);
}

static struct feed_session live_at(struct feed *feed, uint64_t last)
{
    struct feed_session session = {0};

    feed_open(&session, 0);
    cr_assert_eq(feed_next(feed, &session, 0, 0).action, FEED_READ_LAST);
    cr_assert_eq(feed_join(feed, &session, last, 1).action, FEED_READY);
    return session;
}

/* What the session is sent until it waits: "4 5", or "R3" where the log is read after 3. */
static void drain(struct feed *feed, struct feed_session *session, struct buffer *out)
{
    for (;;) {
        struct feed_step step = feed_next(feed, session, 0, 0);
        if (step.action == FEED_WAIT)
            return;
        if (step.action == FEED_SEND) {
            cr_expect_eq(step.occurred_at.us, (int64_t)step.seq * 10);
            cr_expect_eq(atoll(step.frame->bytes + 2), (long long)step.seq, "the frame is the seq's");
        }
        buffer_append_format(out, "%s%s%llu", out->length == 0 ? "" : " ",
                             step.action == FEED_READ ? "R" : "", (unsigned long long)step.seq);
    }
}

Test(feed, a_published_frame_is_sent_once_and_in_order_or_the_log_is_read)
{
    static const struct {
        const char *name, *published, *sent;
    } cases[] = {
        {"all", "1 2 3", "1 2 3"},   {"repeated", "1 1 2 2 1 3", "1 2 3"},
        {"nothing", "", ""},         {"the first is missing", "2", "R0"},
        {"a gap", "1 3", "1 R1"},    {"backwards: the log is under way when the rest comes", "3 2 1", "R0"},
        {"0 is no seq", "0 1", "1"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer sent = BUFFER_INIT(0);
        CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
        struct feed_session session = live_at(&feed, 0);
        char *end;

        for (const char *at = cases[i].published; *at != '\0'; at = end) {
            publish(&feed, strtoull(at, &end, 10));
            drain(&feed, &session, &sent);
        }
        buffer_append_text(&sent, "");
        cr_expect_str_eq(sent.data, cases[i].sent, "%s: %s", cases[i].name, sent.data);
    }
}

Test(feed, a_session_joins_where_its_client_was)
{
    static const struct {
        const char *name;
        bool has_last_seq;
        uint64_t last_seq, last, first; /* the client's; of the log */
        enum ws_code code;              /* 0: it joins */
        uint64_t position;
    } cases[] = {
        {"new", false, 0, 9, 1, 0, 9},
        {"new, all archived", false, 0, 9, 0, 0, 9},
        {"from the beginning", true, 0, 9, 1, 0, 0},
        {"from the middle", true, 4, 9, 1, 0, 4},
        {"at the end", true, 9, 9, 1, 0, 9},
        {"at the end, all archived", true, 9, 9, 0, 0, 9},
        {"the first that the log has", true, 4, 9, 5, 0, 4},
        {"above the log", true, 10, 9, 1, WS_SEQ_UNKNOWN, 0},
        {"archived", true, 3, 9, 5, WS_SEQ_UNKNOWN, 0},
        {"all archived", true, 8, 9, 0, WS_SEQ_UNKNOWN, 0},
        {"an empty log", true, 0, 0, 0, 0, 0},
        {"above an empty log", true, 1, 0, 0, WS_SEQ_UNKNOWN, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct feed feed = {0};
        struct feed_session session = {.has_last_seq = cases[i].has_last_seq, .last_seq = cases[i].last_seq};

        cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_WAIT, "%s: not open yet", cases[i].name);
        feed_open(&session, 0);
        cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_READ_LAST, "%s", cases[i].name);
        cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_WAIT, "%s: asked once", cases[i].name);
        struct feed_step step = feed_join(&feed, &session, cases[i].last, cases[i].first);
        cr_expect_eq(step.code, cases[i].code, "%s: %d", cases[i].name, (int)step.code);
        if (cases[i].code != 0) {
            cr_expect_eq(step.action, FEED_CLOSE, "%s", cases[i].name);
            cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_WAIT, "%s: ended", cases[i].name);
            continue;
        }
        cr_expect_eq(step.action, FEED_READY, "%s", cases[i].name);
        cr_expect_eq(step.seq, cases[i].last, "%s", cases[i].name);
        cr_expect_eq(session.position, cases[i].position, "%s", cases[i].name);
        step = feed_next(&feed, &session, 0, 0);
        cr_expect_eq(step.action, cases[i].position < cases[i].last ? FEED_READ : FEED_WAIT, "%s",
                     cases[i].name);
    }
}

Test(feed, a_log_that_cannot_be_asked_ends_the_join)
{
    struct feed feed = {0};
    struct feed_session session = {0};

    feed_open(&session, 0);
    cr_assert_eq(feed_next(&feed, &session, 0, 0).action, FEED_READ_LAST);
    struct feed_step step = feed_fail_join(&session);
    cr_expect_eq(step.action, FEED_CLOSE);
    cr_expect_eq(step.code, WS_TRY_LATER);
    cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_WAIT);
}

Test(feed, a_session_joins_behind_the_subscription_but_does_not_wait_for_ever)
{
    static const struct {
        enum feed_line line;
        int64_t after_us;
        enum feed_action action;
    } cases[] = {
        {FEED_LINE_UP, 0, FEED_READ_LAST},
        {FEED_LINE_DOWN, 0, FEED_READ_LAST},
        {FEED_LINE_ASKED, 0, FEED_WAIT},
        {FEED_LINE_ASKED, FEED_SUBSCRIBE_TIMEOUT_US - 1, FEED_WAIT},
        {FEED_LINE_ASKED, FEED_SUBSCRIBE_TIMEOUT_US, FEED_READ_LAST},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct feed feed = {.line = cases[i].line};
        struct feed_session session = {0};

        feed_open(&session, 1000);
        cr_expect_eq(feed_next(&feed, &session, 0, 1000 + cases[i].after_us).action, cases[i].action, "%zu",
                     i);
    }
}

/* Between the subscription and the answer of the log. */
Test(feed, what_is_published_during_the_join_is_sent_after_it)
{
    CLEANUP(buffer_release) struct buffer sent = BUFFER_INIT(0);
    CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
    struct feed_session session = {0};

    feed_open(&session, 0);
    cr_assert_eq(feed_next(&feed, &session, 0, 0).action, FEED_READ_LAST);
    for (uint64_t seq = 4; seq <= 7; seq++)
        publish(&feed, seq);
    cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_WAIT);
    cr_assert_eq(feed_join(&feed, &session, 5, 1).action, FEED_READY);
    drain(&feed, &session, &sent);
    cr_expect_str_eq(sent.data, "6 7");
}

Test(feed, what_only_the_log_has_is_read_when_its_frame_had_time_to_come)
{
    static const struct {
        enum feed_line line;
        int64_t wait_us;
    } cases[] = {{FEED_LINE_UP, FEED_SUSPECT_US}, {FEED_LINE_ASKED, FEED_SUSPECT_US}, {FEED_LINE_DOWN, 0}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(feed_release) struct feed feed = {0};
        struct feed_session session = live_at(&feed, 3);
        int64_t due_us = 1000 + cases[i].wait_us;

        feed.line = cases[i].line;
        cr_expect_eq(feed_see(&feed, 3, 1000), due_us);
        cr_expect_eq(feed_next(&feed, &session, 0, due_us).action, FEED_WAIT, "%zu: it has all", i);
        (void)feed_see(&feed, 5, 1000);
        cr_expect_eq(feed_next(&feed, &session, 0, due_us - 1).action, FEED_WAIT, "%zu", i);
        struct feed_step step = feed_next(&feed, &session, 0, due_us);
        cr_expect_eq(step.action, FEED_READ, "%zu", i);
        cr_expect_eq(step.seq, 3, "%zu", i);
        cr_expect_not(feed_is_told(&feed, &session), "%zu", i);
        cr_expect_eq(feed_next(&feed, &session, 0, due_us).action, FEED_WAIT, "%zu: one read at a time", i);
        cr_expect(feed_take(&feed, &session, 4), "%zu", i);
        cr_expect_not(feed_take(&feed, &session, 4), "%zu: twice", i);
        cr_expect_not(feed_take(&feed, &session, 6), "%zu: one left out", i);
        cr_expect(feed_take(&feed, &session, 5), "%zu", i);
        feed_end_read(&session);
        cr_expect_eq(feed_next(&feed, &session, 0, due_us).action, FEED_WAIT, "%zu", i);
        cr_expect(feed_is_told(&feed, &session), "%zu", i);
    }
}

Test(feed, a_read_that_brought_nothing_is_tried_again)
{
    CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
    struct feed_session session = live_at(&feed, 0);

    publish(&feed, 2);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_READ);
        feed_end_read(&session);
    }
}

Test(feed, a_frame_that_comes_while_the_log_is_read_is_not_sent_before_it)
{
    CLEANUP(buffer_release) struct buffer sent = BUFFER_INIT(0);
    CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
    struct feed_session session = live_at(&feed, 0);

    publish(&feed, 2);
    cr_assert_eq(feed_next(&feed, &session, 0, 0).action, FEED_READ);
    publish(&feed, 1);
    cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_WAIT);
    cr_expect(feed_take(&feed, &session, 1));
    feed_end_read(&session);
    drain(&feed, &session, &sent);
    cr_expect_str_eq(sent.data, "2");
}

Test(feed, a_full_session_reads_no_more_of_the_log_but_takes_what_is_kept)
{
    CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
    struct feed_session session = live_at(&feed, 0);

    publish(&feed, 2);
    cr_expect_eq(feed_next(&feed, &session, FEED_QUEUE_HIGH, 0).action, FEED_WAIT);
    cr_expect_not(session.reading);
    publish(&feed, 1);
    cr_expect_eq(feed_next(&feed, &session, FEED_QUEUE_HIGH, 0).action, FEED_SEND);
    publish(&feed, 4);
    cr_expect_eq(feed_next(&feed, &session, FEED_QUEUE_HIGH, 0).seq, 2);
    cr_expect_eq(feed_next(&feed, &session, FEED_QUEUE_HIGH, 0).action, FEED_WAIT);
    cr_expect_eq(feed_next(&feed, &session, FEED_QUEUE_HIGH - 1, 0).action, FEED_READ);
}

Test(feed, so_many_frames_are_kept_and_no_more)
{
    for (uint64_t published = FEED_RECENT_MAX; published <= FEED_RECENT_MAX + 1; published++) {
        CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
        struct feed_session session = live_at(&feed, 0);

        for (uint64_t seq = 1; seq <= published; seq++)
            publish(&feed, seq);
        cr_expect_eq(feed_next(&feed, &session, 0, 0).action,
                     published == FEED_RECENT_MAX ? FEED_SEND : FEED_READ, "%d", (int)published);
    }
}

Test(feed, an_old_frame_does_not_push_out_a_newer_one)
{
    CLEANUP(feed_release) struct feed feed = {.line = FEED_LINE_UP};
    struct feed_session session = live_at(&feed, FEED_RECENT_MAX);

    publish(&feed, FEED_RECENT_MAX + 1);
    publish(&feed, 1);
    cr_expect_eq(feed_next(&feed, &session, 0, 0).action, FEED_SEND);
}
