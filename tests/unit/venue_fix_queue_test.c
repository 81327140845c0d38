/* SPDX-License-Identifier: Apache-2.0 */
/* Events reach the executor in order, each once; numbers without a message are told when all before them is.
 */
#include "services/executor/fix/venue_fix_queue.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>

enum { TAKEN_MAX = 256 };

struct taken {
    struct venue_event events[TAKEN_MAX];
    int count;
};

static void take_one(void *context, const struct venue_event *event)
{
    struct taken *taken = context;

    cr_assert_lt(taken->count, TAKEN_MAX);
    taken->events[taken->count++] = *event;
}

static struct venue_fix_queue *create(size_t bound)
{
    struct venue_fix_queue *queue;

    cr_assert_eq(venue_fix_queue_create(bound, &queue), 0);
    return queue;
}

static void push(struct venue_fix_queue *queue, int lane, enum venue_event_type type, uint64_t in_seq)
{
    struct venue_event event = {.type = type, .lane = lane, .in_seq = in_seq};

    cr_assert_eq(venue_fix_queue_push(queue, &event), 0);
}

static bool readable(const struct venue_fix_queue *queue)
{
    struct pollfd fd = {.fd = venue_fix_queue_fd(queue), .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static struct taken take(struct venue_fix_queue *queue, int max)
{
    struct taken taken = {.count = 0};
    bool resume;

    cr_assert_eq(venue_fix_queue_take(queue, max, take_one, &taken, &resume), taken.count);
    return taken;
}

Test(venue_fix_queue, is_readable_exactly_while_something_waits)
{
    struct venue_fix_queue *queue = create(10);

    cr_expect_not(readable(queue));
    for (int i = 1; i <= 3; i++)
        push(queue, 0, VENUE_FILL, (uint64_t)i);
    cr_expect(readable(queue));
    cr_expect_eq(take(queue, 2).count, 2);
    cr_expect(readable(queue));
    cr_expect_eq(take(queue, 2).count, 1);
    cr_expect_not(readable(queue));
    venue_fix_queue_sequence(queue, 0, 4);
    cr_expect(readable(queue));
    cr_expect_eq(take(queue, 2).count, 1);
    cr_expect_not(readable(queue));
    venue_fix_queue_destroy(&queue);
}

Test(venue_fix_queue, grows_and_wraps_without_losing_the_order)
{
    struct venue_fix_queue *queue = create(1000);
    uint64_t in = 0, out = 0;

    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 37; i++)
            push(queue, 0, VENUE_FILL, ++in);
        struct taken taken = take(queue, 20);

        for (int i = 0; i < taken.count; i++)
            cr_assert_eq(taken.events[i].in_seq, ++out);
    }
    while (out < in)
        cr_assert_eq(take(queue, 1).events[0].in_seq, ++out);
    venue_fix_queue_destroy(&queue);
}

Test(venue_fix_queue, a_number_is_told_behind_all_messages_and_only_the_last)
{
    struct venue_fix_queue *queue = create(10);
    struct taken taken;

    push(queue, 1, VENUE_FILL, 5);
    venue_fix_queue_sequence(queue, 1, 5); /* says nothing new */
    venue_fix_queue_sequence(queue, 1, 6);
    venue_fix_queue_sequence(queue, 1, 7);
    push(queue, 2, VENUE_FILL, 1);
    taken = take(queue, 10);
    cr_assert_eq(taken.count, 3);
    cr_expect_eq(taken.events[0].in_seq, 5);
    cr_expect_eq(taken.events[1].lane, 2);
    cr_expect_eq(taken.events[2].type, VENUE_SEQUENCE);
    cr_expect_eq(taken.events[2].lane, 1);
    cr_expect_eq(taken.events[2].in_seq, 7);
    venue_fix_queue_destroy(&queue);
}

Test(venue_fix_queue, a_message_behind_a_number_speaks_for_it)
{
    struct venue_fix_queue *queue = create(10);
    struct taken taken;

    venue_fix_queue_sequence(queue, 0, 6);
    push(queue, 0, VENUE_FILL, 7);
    venue_fix_queue_sequence(queue, 0, 7);
    taken = take(queue, 10);
    cr_assert_eq(taken.count, 1);
    cr_expect_eq(taken.events[0].in_seq, 7);
    venue_fix_queue_destroy(&queue);
}

Test(venue_fix_queue, a_lost_line_hides_no_number)
{
    struct venue_fix_queue *queue = create(10);
    struct taken taken;

    venue_fix_queue_sequence(queue, 0, 6);
    push(queue, 0, VENUE_DOWN, 0);
    taken = take(queue, 10);
    cr_assert_eq(taken.count, 2);
    cr_expect_eq(taken.events[0].type, VENUE_DOWN);
    cr_expect_eq(taken.events[1].in_seq, 6);
    venue_fix_queue_destroy(&queue);
}

Test(venue_fix_queue, numbers_go_on_from_a_reset)
{
    struct venue_fix_queue *queue = create(10);
    struct taken taken;

    push(queue, 0, VENUE_FILL, 900);
    push(queue, 0, VENUE_SEQUENCE_RESET, 0);
    venue_fix_queue_sequence(queue, 0, 1);
    taken = take(queue, 10);
    cr_assert_eq(taken.count, 3);
    cr_expect_eq(taken.events[2].type, VENUE_SEQUENCE);
    cr_expect_eq(taken.events[2].in_seq, 1);
    venue_fix_queue_destroy(&queue);
}

Test(venue_fix_queue, forgetting_a_lane_leaves_the_others)
{
    struct venue_fix_queue *queue = create(10);
    struct taken taken;

    for (uint64_t i = 1; i <= 3; i++) {
        push(queue, 0, VENUE_FILL, i);
        push(queue, 1, VENUE_FILL, i);
    }
    venue_fix_queue_sequence(queue, 0, 9);
    venue_fix_queue_forget(queue, 0);
    venue_fix_queue_sequence(queue, 0, 2); /* opened anew, with lower numbers */
    taken = take(queue, 10);
    cr_assert_eq(taken.count, 4);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(taken.events[i].lane, 1);
        cr_expect_eq(taken.events[i].in_seq, (uint64_t)i + 1);
    }
    cr_expect_eq(taken.events[3].lane, 0);
    cr_expect_eq(taken.events[3].in_seq, 2);
    venue_fix_queue_destroy(&queue);
}

static struct venue_fix_queue *forgetful;

static void forget_own_lane(void *context, const struct venue_event *event)
{
    venue_fix_queue_forget(forgetful, event->lane);
    take_one(context, event);
}

Test(venue_fix_queue, a_lane_closed_while_its_events_are_handed_over_stays_silent)
{
    struct taken taken = {.count = 0};
    bool resume;

    forgetful = create(10);
    for (uint64_t i = 1; i <= 3; i++)
        push(forgetful, 4, VENUE_FILL, i);
    (void)venue_fix_queue_take(forgetful, 10, forget_own_lane, &taken, &resume);
    cr_expect_eq(taken.count, 1);
    venue_fix_queue_destroy(&forgetful);
}

Test(venue_fix_queue, a_full_queue_says_so_and_says_when_to_go_on)
{
    struct venue_fix_queue *queue = create(4);
    struct taken taken = {.count = 0};
    bool resume;

    for (uint64_t i = 1; i <= 6; i++) { /* a message begun before may go over the bound */
        cr_expect_eq(venue_fix_queue_is_full(queue), i > 4);
        push(queue, 0, VENUE_FILL, i);
    }
    (void)venue_fix_queue_take(queue, 3, take_one, &taken, &resume);
    cr_expect_not(resume);
    (void)venue_fix_queue_take(queue, 1, take_one, &taken, &resume);
    cr_expect(resume);
    (void)venue_fix_queue_take(queue, 1, take_one, &taken, &resume);
    cr_expect_not(resume, "told once");
    cr_expect_not(venue_fix_queue_is_full(queue));
    venue_fix_queue_destroy(&queue);
}

enum { PRODUCED = 100000 };

static void *produce(void *context)
{
    for (uint64_t i = 1; i <= PRODUCED; i++) {
        if (i % 3 == 0)
            push(context, 0, VENUE_FILL, i);
        venue_fix_queue_sequence(context, 0, i);
    }
    return NULL;
}

struct progress {
    uint64_t last;
    size_t fills;
};

static void follow(void *context, const struct venue_event *event)
{
    struct progress *progress = context;

    cr_assert_gt(event->in_seq, progress->last);
    progress->last = event->in_seq;
    progress->fills += event->type == VENUE_FILL;
}

Test(venue_fix_queue, two_threads_lose_nothing_and_sleep_through_nothing, .timeout = 60)
{
    struct venue_fix_queue *queue = create(1000);
    struct progress progress = {0, 0};
    pthread_t producer;

    cr_assert_eq(pthread_create(&producer, NULL, produce, queue), 0);
    while (progress.last < PRODUCED) {
        struct pollfd fd = {.fd = venue_fix_queue_fd(queue), .events = POLLIN};
        bool resume;

        cr_assert_eq(poll(&fd, 1, 10000), 1, "asleep at %llu", (unsigned long long)progress.last);
        (void)venue_fix_queue_take(queue, 50, follow, &progress, &resume);
    }
    cr_assert_eq(pthread_join(producer, NULL), 0);
    cr_expect_eq(progress.fills, PRODUCED / 3);
    venue_fix_queue_destroy(&queue);
}

static void expect_message(void *context, const struct venue_event *event)
{
    cr_expect_eq(event->message_length, 5);
    cr_expect_eq(memcmp(event->message, "whole", 5), 0);
    ++*(int *)context;
}

Test(venue_fix_queue, an_event_keeps_its_message_until_it_is_handled)
{
    struct venue_fix_queue *queue = NULL;
    int handled = 0;
    bool resume;

    cr_assert_eq(venue_fix_queue_create(8, &queue), 0);
    for (int lane = 0; lane < 3; lane++) {
        char text[] = "whole";
        struct venue_event event = {
            .type = VENUE_FILL, .lane = lane, .in_seq = 1, .message = text, .message_length = 5};
        cr_assert_eq(venue_fix_queue_push(queue, &event), 0);
        memset(text, 'x', sizeof text);
    }
    venue_fix_queue_forget(queue, 1);
    cr_expect_eq(venue_fix_queue_take(queue, 1, expect_message, &handled, &resume), 1);
    cr_expect_eq(handled, 1);
    venue_fix_queue_destroy(&queue); /* with one event left in it */
}

Test(venue_fix_queue, what_came_in_one_piece_is_seen_at_once)
{
    struct venue_fix_queue *queue = create(10);

    push(queue, 0, VENUE_FILL, 1);
    venue_fix_queue_hold(queue, true);
    push(queue, 0, VENUE_FILL, 2);
    push(queue, 1, VENUE_FILL, 1);
    cr_expect_eq(take(queue, 10).count, 1, "what was there before");
    cr_expect_not(readable(queue));
    venue_fix_queue_sequence(queue, 0, 3);
    cr_expect_not(readable(queue));
    cr_expect_eq(take(queue, 10).count, 0);
    venue_fix_queue_forget(queue, 1);
    push(queue, 2, VENUE_FILL, 1);
    venue_fix_queue_hold(queue, false);
    cr_expect(readable(queue));
    cr_expect_eq(take(queue, 10).count, 3, "two events and a number");
    cr_expect_not(readable(queue));
    venue_fix_queue_destroy(&queue);
}
