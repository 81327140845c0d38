/* SPDX-License-Identifier: Apache-2.0 */
/* What a report proves about an order at the exchange, and what is kept of it: evidence, executions that are
 * taken back, acknowledgements.
 *
 * Long: the table of what proves what is one piece. */
#include "services/executor/core/execute.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

static const struct execute_policy policy = {.venue = "SIM",
                                             .actor = "executor",
                                             .attempts_max = 3,
                                             .refuses_known_ids = true,
                                             .answer_timeout_us = 5000000,
                                             .retry_delay_us = 1000000,
                                             .status_timeout_us = 30000000};
static const struct instant now = {INT64_C(1700000000000000)};

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

/* BUY 100 LIMIT 10, with `filled` of it filled at 10. */
static struct execution order_in(enum execution_state state, enum order_status status, int64_t filled)
{
    struct execution order = {
        .symbol = "AAPL",
        .side = SIDE_BUY,
        .order_type = ORDER_TYPE_LIMIT,
        .time_in_force = TIME_IN_FORCE_DAY,
        .quantity = whole(100),
        .price = whole(10),
        .status = status,
        .state = state,
        .attempts = state == EXECUTION_STATE_ADMITTED ? 0 : 1,
        .venue_known = state == EXECUTION_STATE_WORKING || filled > 0,
        .filled = whole(filled),
        .notional = whole(filled * 10),
        .average = filled > 0 ? whole(10) : decimal_zero(),
        .reserve_price = whole(10),
        .reserve_quantity = whole(100),
    };
    order.id.bytes[0] = 1;
    order.trader_id.bytes[0] = 2;
    cr_assert_eq(execution_reservation(&order, &order.reserved), 0);
    return order;
}

static struct venue_event report_of(enum venue_event_type type, int64_t cum)
{
    struct venue_event report = {.type = type, .known = true, .cum_quantity = whole(cum), .symbol = "AAPL"};
    report.order_id.bytes[0] = 1;
    return report;
}

static struct venue_event fill_of(int64_t quantity, int64_t cum)
{
    struct venue_event report = report_of(VENUE_FILL, cum);
    report.last_quantity = whole(quantity);
    report.last_price = whole(10);
    report.transact_time = now;
    memcpy(report.exec_id, "E1", 3);
    return report;
}

#define S(name)  EXECUTION_STATE_##name
#define ST(name) ORDER_STATUS_##name
#define A(name)  AUDIT_ACTION_##name

static struct execute_effect effect;

static void answer_not_known(struct execution *order)
{
    struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0);
    execution_asked(&order->questions);
    execute_report(order, &report, NULL, execute_begin(&effect, &policy, now));
}

/* ---- what is proved ---- */

struct proof_case {
    const char *name;
    struct venue_event report;
    bool proves;
};

/* Whatever state the report has left the order in, a conclusive 'unknown' follows. */
Test(execute_proof, after_any_proof_that_the_exchange_has_the_order_its_unknown_leads_to_doubt_only)
{
    static const struct proof_case cases[] = {
        {"acknowledged", {.type = VENUE_ACKNOWLEDGED}, true},
        {"pending", {.type = VENUE_PENDING}, true},
        {"duplicate id", {.type = VENUE_DUPLICATE}, true},
        {"replaced", {.type = VENUE_REPLACED}, true},
        {"status new", {.type = VENUE_STATUS, .venue_status = ORDER_STATUS_PENDING}, true},
        {"status rejected", {.type = VENUE_STATUS, .venue_status = ORDER_STATUS_REJECTED}, false},
        {"cancel rejected while it works",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_PENDING},
         true},
        {"cancel rejected after it was filled",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_FILLED},
         true},
        {"cancel rejected: no such order",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_PENDING, .not_known = true},
         false},
        {"cancel rejected: status rejected",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_REJECTED},
         false},
        {"cancel message refused", {.type = VENUE_CANCEL_REJECTED}, false},
        {"replace rejected while it works",
         {.type = VENUE_CANCEL_REJECTED, .of_replace = true, .venue_status = ORDER_STATUS_PARTIAL},
         true},
        {"execution taken back", {.type = VENUE_TRADE_CHANGED}, true},
        {"a report that is not understood", {.type = VENUE_UNEXPECTED, .of_order = true}, true},
        {"the question refused", {.type = VENUE_UNEXPECTED}, false},
        {"unknown, which nobody asked", {.type = VENUE_UNKNOWN_ORDER}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int cancels = 0; cancels < 2; cancels++) {
            struct execution order = order_in(S(SENT), ST(PENDING), 0);
            order.cancel_requested_at = cancels ? now : (struct instant){0};
            struct venue_event report = cases[i].report;
            memcpy(report.symbol, "AAPL", 5);
            execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
            cr_expect_eq(order.venue_known, cases[i].proves, "%s", cases[i].name);
            cr_expect(!cases[i].proves || effect.changed, "%s: it is kept", cases[i].name);
            if (order.state == S(DONE))
                continue; /* the exchange rejected it */
            answer_not_known(&order);
            cr_expect_eq(order.state == S(IN_DOUBT), cases[i].proves, "%s, cancel %d: %s", cases[i].name,
                         cancels, execution_state_text(order.state));
            cr_expect_eq(effect.resend, !cases[i].proves && !cancels, "%s, cancel %d", cases[i].name,
                         cancels);
            answer_not_known(&order);
            cr_expect(!cases[i].proves || order.state == S(IN_DOUBT), "%s: again", cases[i].name);
        }
    }
}

Test(execute_proof, a_fill_proves_the_order_and_so_does_its_end)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    struct venue_event report = fill_of(40, 40);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect(order.venue_known);
    answer_not_known(&order);
    cr_expect_eq(order.state, S(IN_DOUBT));

    order = order_in(S(ADMITTED), ST(PENDING), 0);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(order.venue_known, "it was never sent");
}

Test(execute_proof, where_known_ids_are_not_refused_no_order_is_sent_twice)
{
    struct execute_policy careful = policy;
    careful.refuses_known_ids = false;
    for (int max = 1; max <= 3; max++) {
        struct execution order = order_in(S(SENT), ST(PENDING), 0);
        struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0);
        careful.attempts_max = max;
        execution_asked(&order.questions);
        execute_report(&order, &report, NULL, execute_begin(&effect, &careful, now));
        cr_expect_eq(order.state, S(IN_DOUBT), "of %d attempts", max);
        cr_expect_str_eq(order.reason, EXECUTE_REASON_UNKNOWN_AT_EXCHANGE);
        cr_expect_not(effect.resend);
        cr_expect_eq(order.attempts, 1);

        struct execute_resolve retry = {.action = RESOLVE_ACTION_RETRY};
        execute_command_resolve(&order, &retry, NULL, execute_begin(&effect, &careful, now));
        cr_expect_eq(effect.aside, EXECUTE_ASIDE_NOT_RESOLVED);
        cr_expect_not(effect.resend);
    }
}

/* Many exchanges refuse a second send by another reason than 103=6, or by a BusinessMessageReject. */
Test(execute_proof, a_refusal_after_a_second_send_ends_nothing_that_has_shown_life)
{
    static const int64_t fills[] = {0, 40};
    for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
        struct execution order = order_in(S(WORKING), fills[i] > 0 ? ST(PARTIAL) : ST(PENDING), fills[i]);
        struct venue_event refusal = report_of(VENUE_REJECTED, 0);
        order.attempts = 2;
        execute_report(&order, &refusal, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(order.state, S(WORKING), "%zu", i);
        cr_expect(effect.query && effect.aside == EXECUTE_ASIDE_NONE, "%zu", i);
    }
    struct execution order = order_in(S(WORKING), ST(PENDING), 0);
    struct venue_event refusal = report_of(VENUE_REJECTED, 0);
    execute_report(&order, &refusal, NULL, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.status, ST(REJECTED), "there was one send only: it is that which is refused");
}

/* After a renumbering the exchange tells everything again,
 * also how it once refused to cancel what has ended since. */
Test(execute_proof, what_is_repeated_about_an_order_that_has_ended_shows_no_life)
{
    static const enum venue_event_type types[] = {VENUE_ACKNOWLEDGED, VENUE_REPLACED, VENUE_STATUS,
                                                  VENUE_CANCEL_REJECTED, VENUE_CANCELLED};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct execution order = order_in(S(DONE), ST(CANCELLED), 0);
        struct venue_event report = report_of(types[i], 0);
        order.venue_known = true;
        order.parent_id.bytes[0] = types[i] == VENUE_REPLACED; /* nothing else is replaced */
        report.venue_status = ST(PENDING);
        report.possible_duplicate = true;
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect(!effect.alarm && !effect.cancel && !order.recalled, "type %d, repeated", types[i]);
        report.possible_duplicate = false;
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(order.recalled, types[i] != VENUE_CANCELLED, "type %d, new", types[i]);
    }
}

/* ---- what people ask for ---- */

Test(execute_command, a_retry_that_something_forbids_sends_nothing)
{
    enum { DAY_OVER, HELD, TAKES_TWO, HINDRANCES };
    for (int hindrance = 0; hindrance < HINDRANCES; hindrance++) {
        struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
        struct execute_resolve command = {.action = RESOLVE_ACTION_RETRY};
        struct execute_policy other = policy;
        order.expires_at.us = now.us + (hindrance == DAY_OVER ? 0 : 1);
        order.held_by = hindrance == HELD ? REJECT_TRADING_HALTED : 0;
        other.refuses_known_ids = hindrance != TAKES_TWO;
        execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &other, now));
        cr_expect_eq(effect.aside, EXECUTE_ASIDE_NOT_RESOLVED, "%d", hindrance);
        cr_expect(effect.alarm && !effect.resend && order.state == S(IN_DOUBT), "%d", hindrance);
    }
}

Test(execute_command, what_was_never_sent_is_not_cancelled_there)
{
    static const enum resolve_action actions[] = {RESOLVE_ACTION_REJECT, RESOLVE_ACTION_CANCEL,
                                                  RESOLVE_ACTION_FILL};
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
        struct execute_resolve command = {
            .action = actions[i], .quantity = whole(100), .price = whole(10), .venue_exec_id = "E9"};
        order.attempts = 0;
        execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(order.state, S(DONE), "%zu", i);
        cr_expect(!effect.cancel && !order.recalled && !order.venue_known, "%zu", i);
    }
}

/* People may be wrong about an execution: the exchange is asked to cancel what it works, and counts itself.
 */
Test(execute_command, what_people_have_filled_is_cancelled_there_until_the_exchange_says_that_it_is_gone)
{
    static const struct {
        const char *name;
        struct venue_event report;
        bool gone;
    } cases[] = {
        {"acknowledged", {.type = VENUE_ACKNOWLEDGED}, false},
        {"pending cancel", {.type = VENUE_PENDING}, false},
        {"status new", {.type = VENUE_STATUS, .venue_status = ORDER_STATUS_PENDING}, false},
        {"too late, still new", {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_PENDING}, false},
        {"status filled", {.type = VENUE_STATUS, .venue_status = ORDER_STATUS_FILLED}, true},
        {"cancelled", {.type = VENUE_CANCELLED}, true},
        {"filled in part", {.type = VENUE_FILL}, false},
        {"filled", {.type = VENUE_FILL}, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
        struct execute_resolve command = {
            .action = RESOLVE_ACTION_FILL, .quantity = whole(100), .price = whole(10), .venue_exec_id = "E9"};
        execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, now));
        cr_expect(order.recalled && effect.cancel && order.next_check_at.us != 0);
        struct venue_event report = cases[i].report;
        if (report.type == VENUE_FILL)
            report = cases[i].gone ? fill_of(100, 100) : fill_of(40, 40);
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(order.status, ST(FILLED), "%s", cases[i].name);
        cr_expect_eq(order.recalled, !cases[i].gone, "%s", cases[i].name);
        if (report.type == VENUE_CANCELLED)
            cr_expect(effect.alarm && effect.aside == EXECUTE_ASIDE_STATUS_DIFFERS, "it counts nothing");
    }
}

Test(execute_command, what_people_have_filled_in_part_is_cancelled_there_when_the_rest_is_filled)
{
    static const int64_t counts[] = {60, 100};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
        struct execute_resolve command = {
            .action = RESOLVE_ACTION_FILL, .quantity = whole(40), .price = whole(10), .venue_exec_id = "E9"};
        struct venue_event report = fill_of(60, counts[i]);
        execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, now));
        cr_expect(order.state == S(IN_DOUBT) && !order.recalled);
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(order.status, ST(FILLED));
        cr_expect_eq(order.recalled, counts[i] < 100, "it counts %lld", (long long)counts[i]);
        cr_expect_eq(effect.cancel, counts[i] < 100);
    }
}

Test(execute_command, a_cancel_with_nothing_left_to_cancel_is_moot)
{
    static const struct {
        const char *name;
        enum execution_state state;
        bool asked, recalled, moot;
    } cases[] = {
        {"works, asked", S(WORKING), true, false, false},
        {"works, not asked", S(WORKING), false, false, true},
        {"done", S(DONE), true, false, true},
        {"done, lives there", S(DONE), true, true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order =
            order_in(cases[i].state, cases[i].state == S(DONE) ? ST(CANCELLED) : ST(PENDING), 0);
        order.cancel_requested_at = cases[i].asked ? now : (struct instant){0};
        order.recalled = cases[i].recalled;
        execute_command_cancel(&order, execute_begin(&effect, &policy, now));
        cr_expect_eq(effect.moot, cases[i].moot, "%s", cases[i].name);
        cr_expect_eq(effect.cancel, !cases[i].moot, "%s", cases[i].name);
    }
}

/* ---- executions that are taken back ---- */

Test(execute_proof, a_changed_execution_is_for_people_and_nothing_but_they_or_the_end_settles_it)
{
    struct execution order = order_in(S(WORKING), ST(PARTIAL), 40);
    struct venue_event report = report_of(VENUE_TRADE_CHANGED, 0), later;
    memcpy(report.ref_exec_id, "E1", 3);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.state, S(IN_DOUBT));
    cr_expect_str_eq(order.reason, EXECUTE_REASON_TRADE_CHANGED);
    cr_expect(effect.alarm && effect.changed);
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_TRADE_CHANGED);
    later = report_of(VENUE_STATUS, 40);
    later.venue_status = ST(PARTIAL);
    execute_report(&order, &later, NULL, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.state, S(IN_DOUBT), "the sums agree, the price may not");
    later = fill_of(10, 50);
    memcpy(later.exec_id, "E2", 3);
    execute_report(&order, &later, NULL, execute_begin(&effect, &policy, now));
    cr_expect(effect.filled && order.state == S(IN_DOUBT));
    later = report_of(VENUE_CANCELLED, 50);
    execute_report(&order, &later, NULL, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.status, ST(CANCELLED));

    struct execution done = order_in(S(DONE), ST(FILLED), 100);
    execute_report(&done, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect(effect.alarm && effect.aside == EXECUTE_ASIDE_TRADE_CHANGED && effect.event_count == 0);
    cr_expect_eq(done.status, ST(FILLED));

    struct execution doubted = order_in(S(IN_DOUBT), ST(PARTIAL), 40);
    memcpy(doubted.reason, "EXCHANGE_UNAVAILABLE", sizeof("EXCHANGE_UNAVAILABLE"));
    execute_report(&doubted, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_str_eq(doubted.reason, EXECUTE_REASON_TRADE_CHANGED);
    cr_expect(effect.changed);
}

Test(execute_proof, a_report_of_no_order_of_ours_alarms_when_it_tells_of_money_or_of_life)
{
    static const struct {
        struct venue_event report;
        bool alarms;
    } cases[] = {
        {{.type = VENUE_FILL}, true},
        {{.type = VENUE_UNEXPECTED}, false},
        {{.type = VENUE_UNEXPECTED, .has_money = true}, true},
        {{.type = VENUE_TRADE_CHANGED, .has_money = true}, true},
        {{.type = VENUE_ACKNOWLEDGED}, true},
        {{.type = VENUE_STATUS, .venue_status = ORDER_STATUS_PENDING}, true},
        {{.type = VENUE_STATUS, .venue_status = ORDER_STATUS_CANCELLED}, false},
        {{.type = VENUE_CANCELLED}, false},
        {{.type = VENUE_CANCELLED, .cum_quantity = {DECIMAL_ONE}}, true},
        {{.type = VENUE_REJECTED}, false},
        {{.type = VENUE_UNKNOWN_ORDER}, false},
        {{.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_REJECTED}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(execute_stray_alarms(&cases[i].report), cases[i].alarms, "case %zu", i);
}

Test(execute_proof, an_acknowledgement_is_told_unless_more_has_come_of_the_order)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    struct venue_event report = report_of(VENUE_ACKNOWLEDGED, 0), fill = fill_of(40, 40);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect(effect.acknowledged);
    cr_expect_eq(effect.event_count, 0, "the turn is not over");
    execute_acknowledged(&order, execute_begin(&effect, &policy, now));
    cr_assert_eq(effect.event_count, 1);
    cr_expect_eq(effect.events[0].action, AUDIT_ACTION_ACKNOWLEDGED);
    cr_expect_eq(effect.events[0].execution_state, S(WORKING));
    execute_report(&order, &fill, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.acknowledged);
    execute_acknowledged(&order, execute_begin(&effect, &policy, now));
    cr_expect_eq(effect.event_count, 0, "filled in the same turn");

    order = order_in(S(IN_DOUBT), ST(PENDING), 0);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.acknowledged, "it is RECOVERED");
    cr_expect_eq(effect.events[0].action, AUDIT_ACTION_RECOVERED);
}

Test(execute_proof, an_answer_to_an_older_question_proves_nothing)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0);
    execution_asked(&order.questions);
    execution_asked(&order.questions);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_assert(effect.resend);
    execution_sent(&order.questions, order.quantity);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.resend, "the second answer is older than the second send");
    cr_expect_eq(order.attempts, 2);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.resend, "nobody asked");
    execution_asked(&order.questions);
    report.possible_duplicate = true;
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.resend, "a repeated answer may be older than the session");
    report.possible_duplicate = false;
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect(effect.resend);
    execution_asked(&order.questions);
    execution_session_lost(&order.questions);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.changed, "asked on a session that is gone");
}

Test(execute_proof, questions_that_nobody_answers_never_count_as_none)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    for (int i = 0; i < UINT16_MAX; i++)
        execution_asked(&order.questions);
    answer_not_known(&order);
    cr_expect(effect.resend, "the answer is to one of them, and one more was asked");
}

Test(execute_proof, a_doubt_that_the_exchange_forgot_is_left_to_people)
{
    struct execution order = order_in(S(WORKING), ST(PENDING), 0);
    answer_not_known(&order);
    cr_assert_eq(order.state, EXECUTION_STATE_IN_DOUBT);
    cr_assert_str_eq(order.reason, EXECUTE_REASON_UNKNOWN_AT_EXCHANGE);
    answer_not_known(&order);
    cr_expect_eq(order.state, EXECUTION_STATE_IN_DOUBT);
    cr_expect_not(effect.resend);

    order = order_in(S(SENT), ST(PENDING), 0);
    order.questions.renumbered = true;
    answer_not_known(&order);
    cr_expect_eq(order.state, EXECUTION_STATE_IN_DOUBT,
                 "it may have lost the order, and what it did with it");
    cr_expect_not(effect.resend);

    order = order_in(S(SENT), ST(PENDING), 0);
    order.questions.renumbered = true;
    execution_sent(&order.questions, order.quantity);
    answer_not_known(&order);
    cr_expect(effect.resend, "sent since then");

    order = order_in(S(IN_DOUBT), ST(PENDING), 0);
    memcpy(order.reason, "EXCHANGE_UNAVAILABLE", sizeof("EXCHANGE_UNAVAILABLE"));
    answer_not_known(&order);
    struct venue_event report = report_of(VENUE_CANCEL_REJECTED, 0);
    report.not_known = true;
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.status, ORDER_STATUS_REJECTED, "asked at last, and not known: it never got there");
}

/* What it answers to the cancel of an order that it has called unknown, and what that makes of the order. */
Test(execute_proof, an_order_that_one_answer_calls_unknown_is_not_over)
{
    static const struct {
        const char *name;
        enum venue_event_type type;
        bool not_known;
        enum order_status venue_status;
        bool repeated;
        enum execution_state state;
        bool venue_known, query;
    } cases[] = {
        {"it does not know the order", VENUE_CANCEL_REJECTED, true, ST(REJECTED), false, S(DONE), false,
         false},
        {"the status alone says so", VENUE_CANCEL_REJECTED, false, ST(REJECTED), false, S(DONE), false,
         false},
        {"it has executed the order", VENUE_CANCEL_REJECTED, false, ST(FILLED), false, S(SENT), true, true},
        {"it works the order", VENUE_CANCEL_REJECTED, false, ST(PENDING), false, S(SENT), true, true},
        {"it cancels the order", VENUE_CANCELLED, false, ST(CANCELLED), false, S(DONE), true, false},
        {"it says neither", VENUE_CANCEL_REJECTED, false, 0, false, S(IN_DOUBT), false, false},
        {"an old answer", VENUE_CANCEL_REJECTED, true, ST(REJECTED), true, S(SENT), false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(S(SENT), ST(PENDING), 0);
        struct venue_event report = report_of(cases[i].type, 0);
        order.cancel_requested_at = now;
        answer_not_known(&order);
        cr_assert(effect.cancel && execution_cancels_there(&order), "%s", cases[i].name);
        report.not_known = cases[i].not_known;
        report.venue_status = cases[i].venue_status;
        report.possible_duplicate = cases[i].repeated;
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(order.state, cases[i].state, "%s: %s", cases[i].name, execution_state_text(order.state));
        cr_expect_eq(order.venue_known, cases[i].venue_known, "%s", cases[i].name);
        cr_expect_eq(effect.query, cases[i].query, "%s", cases[i].name);
        if (!cases[i].venue_known || cases[i].state == S(DONE))
            continue;
        answer_not_known(&order);
        cr_expect_eq(order.state, EXECUTION_STATE_IN_DOUBT, "%s, and is unknown again", cases[i].name);
    }
}
