/* SPDX-License-Identifier: Apache-2.0 */
/* Against a queue of known pace: what is refused, and how long those wait that are not. */
#include <criterion/criterion.h>

#include "services/gateway/operations/shed.h"

enum { WAIT_MAX_US = 100 * 1000, QUEUE_MAX = 1 << 16 };

/* A server that answers one order after the other, each for service_us; orders come every gap_us. */
struct queue {
    struct shed shed;
    int64_t now_us, free_us; /* when the server has answered all */
    int64_t came_us[QUEUE_MAX];
    int64_t done_us[QUEUE_MAX];
    size_t first, count; /* under way */
    size_t refused, answered;
    int64_t worst_us; /* of those answered */
    int64_t idle_us;  /* of the server */
};

static struct queue queue;

static void answer_until(int64_t now_us)
{
    while (queue.first < queue.count && queue.done_us[queue.first] <= now_us) {
        int64_t waited_us = queue.done_us[queue.first] - queue.came_us[queue.first];
        queue.shed.under_way--;
        queue.answered++;
        if (waited_us > queue.worst_us)
            queue.worst_us = waited_us;
        shed_answered(&queue.shed, queue.done_us[queue.first], waited_us);
        queue.first++;
    }
    queue.now_us = now_us;
}

static void come(int64_t service_us)
{
    if (!shed_takes(&queue.shed, queue.now_us)) {
        queue.refused++;
        return;
    }
    cr_assert_lt(queue.count, QUEUE_MAX);
    if (queue.free_us < queue.now_us) {
        queue.idle_us += queue.now_us - queue.free_us;
        queue.free_us = queue.now_us;
    }
    queue.free_us += service_us;
    queue.came_us[queue.count] = queue.now_us;
    queue.done_us[queue.count++] = queue.free_us;
    queue.shed.under_way++;
}

/* Forgets what it measured, not its state. */
static void measure(void)
{
    queue.refused = queue.answered = 0;
    queue.worst_us = queue.idle_us = 0;
}

static void load(int64_t gap_us, int64_t service_us, int64_t for_us)
{
    int64_t end_us = queue.now_us + for_us;

    for (int64_t at_us = queue.now_us; at_us < end_us; at_us += gap_us) {
        answer_until(at_us);
        come(service_us);
    }
}

static void begin(int64_t wait_max_us)
{
    queue = (struct queue){.shed = {.wait_max_us = wait_max_us}, .now_us = 1000000, .free_us = 1000000};
}

TestSuite(shed, .timeout = 30);

Test(shed, nothing_is_refused_below_the_capacity)
{
    begin(WAIT_MAX_US);
    load(400, 300, 5000000);
    cr_expect_eq(queue.refused, 0);
}

Test(shed, a_stall_that_catches_up_refuses_nothing)
{
    begin(WAIT_MAX_US);
    load(1000, 300, 2000000);
    queue.free_us += 250000;
    load(1000, 300, 2000000);
    cr_expect_eq(queue.refused, 0);
    cr_expect_gt(queue.worst_us, WAIT_MAX_US, "it was a stall");
}

Test(shed, at_three_times_the_capacity_those_taken_keep_their_latency_and_none_of_it_is_wasted)
{
    begin(WAIT_MAX_US);
    load(100, 300, 2000000);
    cr_expect_lt(queue.worst_us, 700000, "%lld us until it is noticed", (long long)queue.worst_us);
    answer_until(queue.now_us + 1);
    load(100, 300, 2000000); /* what had gathered before */
    measure();
    load(100, 300, 10000000);
    cr_expect_lt(queue.worst_us, 2 * WAIT_MAX_US, "%lld us", (long long)queue.worst_us);
    cr_expect_eq(queue.idle_us, 0);
    cr_expect_geq(queue.answered, 33000);
    cr_expect_gt(queue.refused, 60000);
}

Test(shed, it_follows_a_capacity_that_changes)
{
    begin(WAIT_MAX_US);
    load(200, 300, 4000000);
    load(200, 600, 4000000);
    measure();
    load(200, 600, 4000000);
    cr_expect_lt(queue.worst_us, 2 * WAIT_MAX_US, "slower: %lld us", (long long)queue.worst_us);
    load(200, 300, 4000000);
    measure();
    load(200, 300, 4000000);
    cr_expect_lt(queue.idle_us, 40000, "faster: the server was idle for %lld us", (long long)queue.idle_us);
}

Test(shed, when_the_load_is_gone_nothing_is_refused_any_more)
{
    begin(WAIT_MAX_US);
    load(100, 300, 3000000);
    cr_assert(queue.shed.overloaded);
    load(400, 300, 2000000);
    measure();
    load(400, 300, 2000000);
    cr_expect_not(queue.shed.overloaded);
    cr_expect_eq(queue.refused, 0);
}

Test(shed, a_window_in_which_one_is_answered_soon_is_no_overload)
{
    begin(WAIT_MAX_US);
    for (int i = 0; i < 1000; i++) {
        queue.now_us += SHED_WINDOW_US / 10;
        shed_answered(&queue.shed, queue.now_us, i % 10 == 5 ? WAIT_MAX_US / 2 : 10 * WAIT_MAX_US);
    }
    cr_expect_not(queue.shed.overloaded);
}

Test(shed, an_answer_after_a_pause_says_nothing_of_the_pace)
{
    begin(WAIT_MAX_US);
    for (int i = 0; i < 5; i++) {
        queue.now_us += SHED_SILENCE_US;
        shed_answered(&queue.shed, queue.now_us, 10 * WAIT_MAX_US);
    }
    cr_expect_not(queue.shed.overloaded);
}

Test(shed, an_empty_queue_takes_all)
{
    begin(WAIT_MAX_US);
    load(100, 300, 3000000);
    cr_assert(queue.shed.overloaded);
    answer_until(queue.now_us + 10000000);
    cr_expect(shed_takes(&queue.shed, queue.now_us));
    cr_expect_not(queue.shed.overloaded);
}

/* A process died with all that was under way. */
Test(shed, where_no_answer_comes_others_find_out)
{
    begin(WAIT_MAX_US);
    load(100, 300, 3000000);
    cr_assert(queue.shed.overloaded);
    queue.first = queue.count;
    measure();
    size_t lost = queue.shed.under_way;
    for (int i = 0; i < 20000; i++) {
        queue.now_us += SHED_SILENCE_US / 2000;
        if (shed_takes(&queue.shed, queue.now_us))
            queue.shed.under_way++;
    }
    cr_expect_geq(queue.shed.under_way, lost + 9 * SHED_UNDER_WAY_MIN, "100 in each half of a second");
    cr_expect_leq(queue.shed.under_way, lost + 11 * SHED_UNDER_WAY_MIN);
}

Test(shed, two_batches_are_taken_however_slow_it_is)
{
    begin(WAIT_MAX_US);
    load(1000, 20000, 10000000);
    cr_expect_geq(queue.shed.under_way, SHED_UNDER_WAY_MIN);
    cr_expect_leq(queue.shed.under_way, SHED_UNDER_WAY_MIN + 1);
}

Test(shed, without_a_bound_nothing_is_refused)
{
    begin(0);
    load(100, 300, 3000000);
    cr_expect_eq(queue.refused, 0);
}
