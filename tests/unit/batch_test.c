/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of requests decided one after the other, without a database. */
#include "services/risk-manager/batch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static const struct instant now = {INT64_C(1800000000000000)};
static const struct instant day_end = {INT64_C(1800000050000000)};

static struct uuid make_id(uint8_t kind, size_t number)
{
    return (struct uuid){.bytes = {kind, (uint8_t)(number >> 8), (uint8_t)number}};
}

static struct batch *new_batch(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));

    cr_assert_not_null(batch);
    return batch;
}

/* Request `number` of a trader: BUY LIMIT 10 at 100. */
static struct order_request *add_request(struct batch *batch, size_t number, size_t trader, const char *key)
{
    struct batch_slot *slot = &batch->slots[batch->count++];
    struct order_request *order = &slot->checked.request;

    slot->envelope = (struct envelope){.id = make_id(9, number)};
    slot->checked.faults_count = 0;
    *order = (struct order_request){.order_id = make_id(1, number),
                                    .trader_id = make_id(2, trader),
                                    .actor = "somebody",
                                    .symbol = "AAPL",
                                    .side = SIDE_BUY,
                                    .quantity = {10 * DECIMAL_ONE},
                                    .order_type = ORDER_TYPE_LIMIT,
                                    .time_in_force = TIME_IN_FORCE_DAY,
                                    .has_price = true,
                                    .price = {100 * DECIMAL_ONE}};
    (void)snprintf(order->idempotent_key, sizeof(order->idempotent_key), "%s", key);
    return order;
}

/* What the database would say: every trader known, with cash for `orders` requests. */
static void fill_in(struct batch *batch, int64_t orders)
{
    batch_index(batch);
    batch->day_end = day_end;
    batch->market_collar_pct = decimal_from_units(5 * DECIMAL_ONE);
    for (size_t i = 0; i < batch->trader_count; i++) {
        batch->traders[i].is_known = true;
        batch->traders[i].account =
            (struct risk_account){.status = ACCOUNT_ACTIVE,
                                  .cash = {orders * 1000 * DECIMAL_ONE},
                                  .limits = {.daily_loss = {DECIMAL_ONE},
                                             .max_position_quantity = {100000 * DECIMAL_ONE},
                                             .max_order_quantity = {100000 * DECIMAL_ONE},
                                             .max_order_notional = {100000 * DECIMAL_ONE},
                                             .price_collar_pct = {10 * DECIMAL_ONE},
                                             .max_open_orders = 1000}};
    }
    for (size_t i = 0; i < batch->symbol_count; i++) {
        batch->symbols[i].has_last_price = true;
        batch->symbols[i].last_price = decimal_from_units(100 * DECIMAL_ONE);
    }
}

Test(batch, each_decision_sees_the_reservations_before_it)
{
    CLEANUP_FREE struct batch *batch = new_batch();
    char key[8];

    for (size_t i = 0; i < BATCH_MAX; i++) {
        (void)snprintf(key, sizeof(key), "k%zu", i);
        (void)add_request(batch, i, i % 2, key);
    }
    fill_in(batch, 7);
    cr_assert_eq(batch->trader_count, 2);
    cr_assert_eq(batch->symbol_count, 1);
    cr_assert_eq(batch->position_count, 2);
    batch_decide(batch, now);
    for (size_t i = 0; i < BATCH_MAX; i++)
        cr_expect_eq(batch->slots[i].outcome, i < 14 ? SLOT_ADMITTED : SLOT_REFUSED, "request %zu", i);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(batch->traders[i].added_reserved.units, 7000 * DECIMAL_ONE);
        cr_expect_eq(batch->traders[i].added_open_orders, 7);
        cr_expect_eq(batch->positions[i].added_buy.units, 70 * DECIMAL_ONE);
        cr_expect_eq(batch->positions[i].added_sell.units, 0);
    }
}

Test(batch, each_sale_sees_the_sales_before_it)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    for (size_t i = 0; i < 4; i++)
        add_request(batch, i, 0, (const char *[]){"a", "b", "c", "d"}[i])->side = SIDE_SELL;
    fill_in(batch, 0);
    batch->positions[0].now.quantity.units = 30 * DECIMAL_ONE;
    batch_decide(batch, now);
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(batch->slots[i].outcome, i < 3 ? SLOT_ADMITTED : SLOT_REFUSED,
                     "sale %zu of what is held", i);
    cr_expect_eq(batch->positions[0].added_sell.units, 30 * DECIMAL_ONE);
    cr_expect_eq(batch->positions[0].added_reducing_sell.units, 30 * DECIMAL_ONE);
    cr_expect_eq(batch->positions[0].added_buy.units, 0);
    cr_expect_eq(batch->traders[0].added_reserved.units, 0, "what only reduces reserves nothing");
}

/* 1,000 each, of 5,500 a day of which 2,500 is used up. */
Test(batch, each_decision_sees_the_days_orders_before_it)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    for (size_t i = 0; i < 6; i++)
        (void)add_request(batch, i, 0, (const char *[]){"a", "b", "c", "d", "e", "a"}[i]);
    batch->slots[0].checked.request.preview = true;
    add_request(batch, 6, 1, "f")->quantity.units = 5 * DECIMAL_ONE;
    fill_in(batch, 100);
    batch->traders[0].account.daily_notional.units = 2500 * DECIMAL_ONE;
    batch->traders[0].account.limits.max_daily_notional.units = 5500 * DECIMAL_ONE;
    batch_decide(batch, now);
    static const enum slot_outcome wanted[] = {SLOT_PREVIEWED, SLOT_ADMITTED, SLOT_ADMITTED, SLOT_ADMITTED,
                                               SLOT_REFUSED,   SLOT_REFUSED,  SLOT_ADMITTED};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        cr_expect_eq(batch->slots[i].outcome, wanted[i], "request %zu", i);
    cr_expect_eq(batch->slots[0].answer.faults_count, 0);
    cr_expect_eq(batch->slots[4].answer.faults[0].code, REJECT_MAX_DAILY_NOTIONAL);
    cr_expect_eq(batch->traders[0].added_notional.units, 3000 * DECIMAL_ONE);
    cr_expect_eq(batch->traders[1].added_notional.units, 500 * DECIMAL_ONE);
}

Test(batch, a_preview_sees_the_day_and_does_not_count)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    (void)add_request(batch, 0, 0, "a");
    add_request(batch, 1, 0, "b")->preview = true;
    (void)add_request(batch, 2, 0, "c");
    fill_in(batch, 100);
    batch->traders[0].account.limits.max_daily_notional.units = 1999 * DECIMAL_ONE;
    batch_decide(batch, now);
    cr_expect_eq(batch->slots[1].outcome, SLOT_PREVIEWED);
    cr_assert_eq(batch->slots[1].answer.faults_count, 1);
    cr_expect_eq(batch->slots[1].answer.faults[0].code, REJECT_MAX_DAILY_NOTIONAL);
    cr_expect_str_eq(batch->slots[1].answer.faults[0].actual, batch->slots[2].answer.faults[0].actual);
    cr_expect_eq(batch->traders[0].added_notional.units, 1000 * DECIMAL_ONE);
}

/* Without a limit the sum still ends where it can be counted, and the row with it. */
Test(batch, a_days_orders_are_counted_to_the_end_of_what_can_be)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    for (size_t i = 0; i < 3; i++)
        (void)add_request(batch, i, 0, (const char *[]){"a", "b", "c"}[i]);
    fill_in(batch, 100);
    batch->traders[0].account.daily_notional.units = INT64_C(89999998500) * DECIMAL_ONE;
    batch_decide(batch, now);
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(batch->slots[i].outcome, SLOT_ADMITTED, "request %zu", i);
    cr_expect_eq(batch->traders[0].added_notional.units, 1500 * DECIMAL_ONE);
    cr_expect_eq(batch->traders[0].account.daily_notional.units, RISK_DAILY_NOTIONAL_MAX.units);
}

Test(batch, a_key_twice_in_a_batch_is_one_order)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    (void)add_request(batch, 1, 0, "same");
    (void)add_request(batch, 2, 0, "same");
    add_request(batch, 3, 0, "same")->fingerprint[0] = 1;
    (void)add_request(batch, 4, 1, "same");
    (void)add_request(batch, 1, 0, "same"); /* the very same message again */
    fill_in(batch, 100);
    batch_decide(batch, now);
    static const struct {
        enum slot_outcome outcome;
        enum answer_outcome answer;
        size_t order;
    } wanted[] = {
        {SLOT_ADMITTED, ANSWER_CREATED, 1}, {SLOT_FOUND, ANSWER_REPLAYED, 1},
        {SLOT_FOUND, ANSWER_KEY_REUSED, 0}, {SLOT_ADMITTED, ANSWER_CREATED, 4},
        {SLOT_FOUND, ANSWER_CREATED, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const struct batch_slot *slot = &batch->slots[i];
        cr_expect_eq(slot->outcome, wanted[i].outcome, "request %zu", i);
        cr_expect_eq(slot->answer.outcome, wanted[i].answer, "request %zu", i);
        cr_expect_eq(slot->answer.has_order, wanted[i].order != 0, "request %zu", i);
        if (wanted[i].order != 0)
            cr_expect_eq(uuid_compare(slot->answer.order.id, make_id(1, wanted[i].order)), 0, "request %zu",
                         i);
    }
    cr_expect_eq(batch->traders[0].added_open_orders, 1);
}

Test(batch, a_refusal_is_repeated_within_a_batch)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    (void)add_request(batch, 1, 0, "same");
    (void)add_request(batch, 2, 0, "same");
    fill_in(batch, 0);
    batch_decide(batch, now);
    cr_expect_eq(batch->slots[0].outcome, SLOT_REFUSED);
    cr_expect_eq(batch->slots[1].outcome, SLOT_FOUND);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(batch->slots[i].answer.outcome, ANSWER_REJECTED);
        cr_assert_eq(batch->slots[i].answer.faults_count, 1);
        cr_expect_eq(batch->slots[i].answer.faults[0].code, REJECT_INSUFFICIENT_BUYING_POWER);
        cr_expect_str_eq(batch->slots[i].answer.order.reason, "INSUFFICIENT_BUYING_POWER");
        cr_expect_eq(uuid_compare(batch->slots[i].answer.order.id, make_id(1, 1)), 0);
    }
}

Test(batch, what_is_found_is_told_before_any_verdict)
{
    CLEANUP_FREE struct batch *batch = new_batch();
    enum { OWN, EARLIER, OTHER_ORDER, REFUSED, COUNT };

    for (size_t i = 0; i < COUNT; i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "k%zu", i);
        (void)add_request(batch, i, 0, key);
        batch->slots[i].envelope.deadline = (struct instant){now.us - 1};
    }
    fill_in(batch, 0); /* no money: every verdict would be a refusal */
    batch->audit_is_behind = true;
    for (size_t i = 0; i < COUNT; i++) {
        batch->slots[i].is_found = true;
        batch->slots[i].found = (struct order_view){.id = make_id(1, i == OWN ? OWN : 77),
                                                    .status = ORDER_STATUS_PENDING,
                                                    .execution_state = EXECUTION_STATE_ADMITTED};
        memset(batch->slots[i].found_fingerprint, 0, sizeof(batch->slots[i].found_fingerprint));
    }
    batch->slots[OTHER_ORDER].found_fingerprint[31] = 1;
    batch->slots[REFUSED].found_is_refusal = true;
    batch->slots[REFUSED].answer.faults_count = 1;
    batch->slots[REFUSED].answer.faults[0].code = REJECT_TICK_SIZE;
    batch_decide(batch, now);
    static const enum answer_outcome wanted[] = {[OWN] = ANSWER_CREATED,
                                                 [EARLIER] = ANSWER_REPLAYED,
                                                 [OTHER_ORDER] = ANSWER_KEY_REUSED,
                                                 [REFUSED] = ANSWER_REJECTED};
    for (size_t i = 0; i < COUNT; i++) {
        cr_expect_eq(batch->slots[i].outcome, SLOT_FOUND, "request %zu", i);
        cr_expect_eq(batch->slots[i].answer.outcome, wanted[i], "request %zu", i);
        cr_expect_eq(batch->slots[i].wake_lane, i == OWN, "the lane may not have heard of it: %zu", i);
    }
    cr_expect_eq(batch->slots[REFUSED].answer.faults[0].code, REJECT_TICK_SIZE);
    cr_expect_eq(batch->traders[0].added_open_orders, 0);
}

Test(batch, what_cannot_be_taken_leaves_the_others_alone)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    (void)add_request(batch, 0, 0, "a");
    batch->slots[0].envelope.deadline = now; /* reached */
    (void)add_request(batch, 1, 0, "b");
    batch->slots[1].envelope.deadline = (struct instant){now.us + 1};
    (void)add_request(batch, 2, 1, "of an unknown trader");
    (void)add_request(batch, 3, 1, "c");
    add_request(batch, 4, 0, "d")->quantity.units = 0;
    add_request(batch, 5, 0, "e")->price.units = -1;
    (void)add_request(batch, 6, 0, "");
    (void)add_request(batch, 7, 0, "\x7f");
    add_request(batch, 8, 0, "f")->stop_loss.units = -1; /* absent: no matter */
    add_request(batch, 9, 0, "g")->has_stop_loss = true; /* 0 */
    add_request(batch, 10, 0, "h")->has_take_profit = true;
    add_request(batch, 11, 0, "i")->symbol[0] = '\0';
    fill_in(batch, 100);
    batch->traders[1].is_known = false;
    batch_decide(batch, now);
    static const enum slot_outcome wanted[] = {SLOT_EXPIRED,     SLOT_ADMITTED,    SLOT_UNAVAILABLE,
                                               SLOT_UNAVAILABLE, SLOT_UNAVAILABLE, SLOT_UNAVAILABLE,
                                               SLOT_UNAVAILABLE, SLOT_UNAVAILABLE, SLOT_ADMITTED,
                                               SLOT_UNAVAILABLE, SLOT_UNAVAILABLE, SLOT_UNAVAILABLE};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        cr_expect_eq(batch->slots[i].outcome, wanted[i], "request %zu", i);
        if (wanted[i] == SLOT_UNAVAILABLE)
            cr_expect_gt(strlen(batch->slots[i].answer.detail), 20, "request %zu", i);
    }
}

Test(batch, no_new_order_while_the_audit_log_is_behind)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    (void)add_request(batch, 0, 0, "a");
    fill_in(batch, 100);
    batch->audit_is_behind = true;
    batch_decide(batch, now);
    cr_expect_eq(batch->slots[0].outcome, SLOT_UNAVAILABLE);
    cr_expect_eq(batch->slots[0].answer.outcome, ANSWER_UNAVAILABLE);
}

Test(batch, a_preview_decides_and_leaves_nothing)
{
    CLEANUP_FREE struct batch *batch = new_batch();

    add_request(batch, 1, 0, "k1")->preview = true;
    (void)add_request(batch, 2, 0, "k1");
    add_request(batch, 3, 0, "k2")->preview = true;
    add_request(batch, 4, 1, "k1")->preview = true;
    batch->slots[3].checked.request.side = SIDE_SELL;
    fill_in(batch, 1);
    batch->slots[3].is_found = true; /* whoever has the key: it is none of a preview's */
    batch->positions[batch->slots[3].position].now.quantity = decimal_from_units(25 * DECIMAL_ONE);
    batch_decide(batch, now);

    const struct preview_view *view = &batch->slots[0].answer.preview;
    cr_expect_eq(batch->slots[0].outcome, SLOT_PREVIEWED);
    cr_expect_eq(batch->slots[0].answer.outcome, ANSWER_PREVIEWED);
    cr_expect(batch->slots[0].answer.has_preview && !batch->slots[0].answer.has_order);
    cr_expect_eq(batch->slots[0].answer.faults_count, 0);
    cr_expect(view->has_estimated_price && view->estimated_price.units == 100 * DECIMAL_ONE);
    cr_expect(view->has_estimated_cost && view->estimated_cost.units == 1000 * DECIMAL_ONE);
    cr_expect(view->has_buying_power_after && view->buying_power_after.units == 0);
    cr_expect(view->has_position_after && view->position_after.units == 10 * DECIMAL_ONE);

    cr_expect_eq(batch->slots[1].outcome, SLOT_ADMITTED, "a preview takes nothing away");
    cr_expect_not(batch->slots[1].answer.has_preview);

    view = &batch->slots[2].answer.preview;
    cr_expect_eq(batch->slots[2].answer.faults[0].code, REJECT_INSUFFICIENT_BUYING_POWER);
    cr_expect(view->has_estimated_cost && view->estimated_cost.units == 1000 * DECIMAL_ONE);
    cr_expect_not(view->has_buying_power_after || view->has_position_after, "nothing comes after a refusal");

    view = &batch->slots[3].answer.preview;
    cr_expect_eq(batch->slots[3].answer.faults_count, 0);
    cr_expect(view->has_estimated_cost && view->estimated_cost.units == 0,
              "a sale of what is held costs nothing");
    cr_expect_eq(view->buying_power_after.units, 1000 * DECIMAL_ONE);
    cr_expect_eq(view->position_after.units, 15 * DECIMAL_ONE);
    cr_expect_eq(batch->traders[0].added_open_orders, 1);
    cr_expect_eq(batch->traders[1].added_open_orders, 0);
}

Test(batch, all_but_good_till_cancelled_end_with_the_day)
{
    CLEANUP_FREE struct batch *batch = new_batch();
    static const struct {
        enum time_in_force time_in_force;
        int64_t expires_us;
    } cases[] = {{TIME_IN_FORCE_DAY, 1800000050000000},
                 {TIME_IN_FORCE_GTC, 0},
                 {TIME_IN_FORCE_IOC, 1800000050000000},
                 {TIME_IN_FORCE_FOK, 1800000050000000}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "k%zu", i);
        add_request(batch, i, 0, key)->time_in_force = cases[i].time_in_force;
    }
    fill_in(batch, 100);
    batch_decide(batch, now);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(batch->slots[i].expires_at.us, cases[i].expires_us, "case %zu", i);
}

Test(batch, events_tell_what_was_recorded_and_nothing_else)
{
    CLEANUP_FREE struct batch *batch = new_batch();
    CLEANUP_FREE struct event_batch *events = calloc(1, sizeof(*events));
    struct uuid_source ids = {0};

    (void)add_request(batch, 0, 0, "a");
    memset(batch->slots[0].envelope.trace_id, 7, TRACE_ID_BYTES);
    (void)add_request(batch, 1, 0, "a"); /* found */
    add_request(batch, 2, 0, "b")->quantity.units = 200000 * DECIMAL_ONE;
    fill_in(batch, 1);
    batch_decide(batch, now);
    batch_events(batch, now, &ids, events);
    static const struct {
        enum audit_action action;
        size_t order;
        enum execution_state state;
        const char *actor;
        const char *reason;
        bool has_trace;
    } wanted[] = {
        {AUDIT_ACTION_SUBMITTED, 0, EXECUTION_STATE_ADMITTED, "somebody", "", true},
        {AUDIT_ACTION_APPROVED, 0, EXECUTION_STATE_ADMITTED, "risk-manager", "", true},
        {AUDIT_ACTION_SUBMITTED, 2, EXECUTION_STATE_ADMITTED, "somebody", "", false},
        {AUDIT_ACTION_REJECTED, 2, EXECUTION_STATE_DONE, "risk-manager", "MAX_ORDER_QUANTITY", false},
    };
    cr_assert_eq(events->events_count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const struct event *event = &events->events[i];
        cr_expect_eq(event->action, wanted[i].action, "event %zu", i);
        cr_expect_eq(uuid_compare(event->order_id, make_id(1, wanted[i].order)), 0, "event %zu", i);
        cr_expect_eq(event->execution_state, wanted[i].state, "event %zu", i);
        cr_expect_eq(event->status,
                     wanted[i].state == EXECUTION_STATE_DONE ? ORDER_STATUS_REJECTED : ORDER_STATUS_PENDING,
                     "event %zu", i);
        cr_expect_str_eq(event->actor, wanted[i].actor, "event %zu", i);
        cr_expect_str_eq(event->reason, wanted[i].reason, "event %zu", i);
        cr_expect_eq(event->has_trace_id, wanted[i].has_trace, "event %zu", i);
        cr_expect_eq(event->occurred_at.us, now.us);
        if (i > 0)
            cr_expect_lt(uuid_compare(events->events[i - 1].event_id, event->event_id), 0, "ids ascend");
    }
    cr_expect_not_null(strstr(events->events[3].message, "over the limit"));
}
