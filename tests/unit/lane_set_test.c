/* SPDX-License-Identifier: Apache-2.0 */
/* Which lanes to take and to hand over; the rate of a lane; the queue and the table of its orders. */
#include "services/executor/core/lane_set.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/core/id_queue.h"
#include "services/executor/core/order_table.h"
#include "services/executor/core/rate.h"

struct plan_case {
    const char *name;
    int lanes;
    uint64_t held;
    int live;
    uint64_t first;
    int take;
    int first_candidate; /* -1: none */
    uint64_t hand_over;
};

Test(lane_set, each_executor_holds_its_share_and_no_more)
{
    static const struct plan_case cases[] = {
        {"alone, new", 8, 0x00, 1, 0, 8, 0, 0},
        {"alone, whole", 8, 0xff, 1, 0, 0, -1, 0},
        {"two, new", 8, 0x00, 2, 3, 4, 3, 0},
        {"two, the first has all", 8, 0xff, 2, 0, 0, -1, 0xf0},
        {"two, even", 8, 0x0f, 2, 0, 0, -1, 0},
        {"three share eight as 3, 3, 2", 8, 0x0f, 3, 0, 0, -1, 0x08},
        {"three, short of one", 8, 0x03, 3, 0, 1, 2, 0},
        {"more executors than lanes", 2, 0x00, 5, 0, 1, 0, 0},
        {"gone one: the others take", 8, 0x0f, 1, 2, 4, 4, 0},
        {"one lane", 1, 0x00, 1, 7, 1, 0, 0},
        {"all 64", 64, 0, 1, 63, 64, 63, 0},
        {"all 64, two", 64, UINT64_MAX, 2, 0, 0, -1, UINT64_C(0xffffffff00000000)},
        {"no heartbeat seen yet counts as alone", 4, 0, 0, 0, 4, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct plan_case *c = &cases[i];
        struct lane_plan plan;
        lane_set_plan(c->lanes, c->held, c->live, c->first, &plan);
        cr_expect_eq(plan.take_count, c->take, "%s: takes %d", c->name, plan.take_count);
        cr_expect_eq(plan.hand_over, c->hand_over, "%s: hands over %llx", c->name,
                     (unsigned long long)plan.hand_over);
        cr_expect_eq(plan.candidate_count > 0 ? plan.candidates[0] : -1, c->first_candidate, "%s: first %d",
                     c->name, plan.candidate_count > 0 ? plan.candidates[0] : -1);
        for (int k = 0; k < plan.candidate_count; k++)
            cr_expect_eq(c->held & lane_bit(plan.candidates[k]), 0, "%s: tries a lane that it holds",
                         c->name);
    }
}

Test(lane_set, executors_that_come_and_go_settle_on_every_lane_once)
{
    enum { LANES = 8, EXECUTORS_MAX = 10 };
    for (int live = 1; live <= EXECUTORS_MAX; live++) {
        uint64_t held[EXECUTORS_MAX] = {UINT64_C(0xff)}; /* the first one was alone */
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < live; i++) {
                struct lane_plan plan;
                lane_set_plan(LANES, held[i], live, (uint64_t)i * 3, &plan);
                held[i] &= ~plan.hand_over;
                for (int k = 0; k < plan.candidate_count && plan.take_count > 0; k++) {
                    uint64_t bit = lane_bit(plan.candidates[k]), taken = 0;
                    for (int other = 0; other < live; other++)
                        taken |= held[other];
                    if ((taken & bit) != 0)
                        continue;
                    held[i] |= bit;
                    plan.take_count--;
                }
            }
        }
        uint64_t all = 0;
        for (int i = 0; i < live; i++) {
            cr_expect_eq(all & held[i], 0, "%d executors: a lane has two owners", live);
            cr_expect_leq(__builtin_popcountll(held[i]), (LANES + live - 1) / live, "%d executors", live);
            all |= held[i];
        }
        cr_expect_eq(all, UINT64_C(0xff), "%d executors: a lane has no owner", live);
    }
}

struct rate_case {
    int64_t limit;
    int lanes;
};

Test(lane_set, no_minute_sees_more_messages_than_the_share)
{
    static const struct rate_case cases[] = {{100, 8}, {100, 1}, {8000, 8}, {16, 8}, {60000, 64}};
    enum { STEP_US = 10000, MINUTE = 60 * 1000000 / STEP_US, MINUTES = 4 };
    static int sent[MINUTE * MINUTES];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rate rate;
        rate_init(&rate, cases[i].limit, cases[i].lanes, 0);
        int64_t in_window = 0, most = 0, total = 0;
        for (int t = 0; t < MINUTE * MINUTES; t++) {
            sent[t] = rate_available(&rate, 1000, (int64_t)t * STEP_US);
            rate_take(&rate, sent[t]);
            total += sent[t];
            in_window += sent[t] - (t >= MINUTE ? sent[t - MINUTE] : 0);
            most = in_window > most ? in_window : most;
        }
        int64_t share = cases[i].limit / cases[i].lanes;
        cr_expect_leq(most, share + 1, "%lld of %lld in a minute", (long long)most, (long long)share);
        cr_expect_geq(total, share * MINUTES / 2, "the share is used: %lld", (long long)total);
    }
}

Test(lane_set, a_limit_of_zero_is_none_and_an_overdraft_is_paid_back)
{
    struct rate rate;
    rate_init(&rate, 0, 8, 0);
    cr_expect_eq(rate_available(&rate, 12345, 0), 12345);
    rate_take(&rate, 12345);
    cr_expect_eq(rate_available(&rate, 12345, 0), 12345);

    rate_init(&rate, 60, 1, 0); /* 12 at once, then 48 a minute */
    cr_expect_eq(rate_available(&rate, 100, 0), 12);
    rate_take(&rate, 14);
    cr_expect_eq(rate_available(&rate, 100, 0), 0);
    cr_expect_eq(rate_available(&rate, 100, 3000000), 0, "two are owed, 0.8 of a message a second come in");
    cr_expect_eq(rate_available(&rate, 100, 4000000), 1);
    cr_expect_eq(rate_available(&rate, 100, INT64_C(3600000000)), 12, "an hour's silence saves up no more");
}

static struct uuid id_of(uint32_t number)
{
    struct uuid id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

Test(lane_set, the_queue_keeps_its_order_while_it_grows)
{
    struct id_queue queue = {0};
    struct uuid id;
    uint32_t in = 0, out = 0;
    for (int round = 0; round < 2000; round++) {
        for (int i = 0; i < 3; i++)
            cr_assert_eq(id_queue_push(&queue, id_of(in++)), 0);
        cr_assert(id_queue_pop(&queue, &id));
        cr_assert_eq(uuid_compare(id, id_of(out++)), 0);
    }
    while (id_queue_pop(&queue, &id))
        cr_assert_eq(uuid_compare(id, id_of(out++)), 0);
    cr_expect_eq(out, in);
    id_queue_release(&queue);
}

static struct execution order_of(uint32_t number, int lane)
{
    return (struct execution){.id = id_of(number), .lane = lane, .state = EXECUTION_STATE_SENT};
}

/* Against a plain array, through thousands of random puts and removals. */
Test(lane_set, the_table_finds_what_was_put_and_nothing_else)
{
    enum { IDS = 5000, OPERATIONS = 60000 };
    static bool there[IDS];
    struct order_table *table = NULL;
    uint64_t random = 88172645463325252u;
    size_t count = 0;
    cr_assert_eq(order_table_create(ORDER_TABLE_MAX, &table), 0);
    for (int i = 0; i < OPERATIONS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint32_t number = (uint32_t)(random % IDS);
        if ((random >> 40) % 5 < 3) {
            struct execution order = order_of(number, (int)(number % 8));
            cr_assert_eq(order_table_put(table, &order), 0);
            count += !there[number];
            there[number] = true;
        } else {
            order_table_remove(table, id_of(number));
            count -= there[number];
            there[number] = false;
        }
        cr_assert_eq(order_table_count(table), count);
    }
    order_table_remove_lane(table, 3);
    size_t walked = 0;
    for (const struct open_order *open = NULL; (open = order_table_next(table, open)) != NULL;)
        walked++;
    cr_expect_eq(walked, order_table_count(table));
    for (uint32_t number = 0; number < IDS; number++) {
        const struct open_order *open = order_table_find(table, id_of(number));
        cr_assert_eq(open != NULL, there[number] && number % 8 != 3, "id %u", number);
        cr_assert(open == NULL || open->lane == (int)(number % 8));
    }
    order_table_destroy(&table);
}

Test(lane_set, a_waiting_order_is_taken_in_once)
{
    struct order_table *table = NULL;
    struct execution order = order_of(1, 2);
    cr_assert_eq(order_table_create(ORDER_TABLE_MAX, &table), 0);
    cr_expect_eq(order_table_put_waiting(table, order.id, 2), 0);
    cr_expect_eq(order_table_put_waiting(table, order.id, 2), -EEXIST);
    cr_expect(order_table_find(table, order.id)->waiting);
    cr_expect_eq(order_table_put(table, &order), 0);
    cr_expect_not(order_table_find(table, order.id)->waiting);
    cr_expect(order_table_find(table, order.id)->unanswered);
    cr_expect_eq(order_table_put_waiting(table, order.id, 2), -EEXIST,
                 "a late message about a claimed order");
    cr_expect_eq(order_table_count(table), 1);
    order_table_destroy(&table);
}

Test(lane_set, orders_that_wait_leave_room_for_those_at_the_exchange)
{
    enum { MAX = 16 };
    struct order_table *table = NULL;
    cr_assert_eq(order_table_create(MAX, &table), 0);
    for (uint32_t number = 0; number < MAX; number++)
        cr_expect_eq(order_table_put_waiting(table, id_of(number), 2), number < 12 ? 0 : -ENOSPC, "%u",
                     number);
    cr_expect_not(order_table_is_half_empty(table));
    cr_expect_eq(order_table_put_waiting(table, id_of(0), 2), -EEXIST);
    for (uint32_t number = 12; number <= MAX; number++) {
        struct execution order = order_of(number, 2);
        cr_expect_eq(order_table_put(table, &order), number < MAX ? 0 : -ENOSPC, "%u", number);
    }
    struct execution known = order_of(3, 2);
    cr_expect_eq(order_table_put(table, &known), 0, "one that is there needs no room");
    cr_expect_eq(order_table_count(table), MAX);
    for (uint32_t number = 0; number < MAX / 2; number++)
        order_table_remove(table, id_of(number));
    cr_expect(order_table_is_half_empty(table));
    order_table_destroy(&table);
}
