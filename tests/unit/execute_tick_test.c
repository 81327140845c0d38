/* SPDX-License-Identifier: Apache-2.0 */
/* What time and people do to an order: the retry to the second, late reports, cancels, resolves.
 *
 * Long: the cases are tables; a table is read against the one decision that it tests. */
#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/core/execute.h"

enum { SECOND = 1000000 };

static const struct execute_policy policy = {.venue = "SIM",
                                             .actor = "executor",
                                             .attempts_max = 3,
                                             .refuses_known_ids = true,
                                             .answer_timeout_us = 5 * SECOND,
                                             .retry_delay_us = SECOND,
                                             .status_timeout_us = 30 * SECOND};
static const struct instant start = {INT64_C(1700000000000000)};

static struct execute_effect effect;

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

static struct instant after(int64_t seconds)
{
    return (struct instant){start.us + seconds * SECOND};
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
        .next_check_at = state == EXECUTION_STATE_SENT ? after(5) : (struct instant){0},
    };
    order.id.bytes[0] = 1;
    cr_assert_eq(execution_reservation(&order, &order.reserved), 0);
    return order;
}

static struct execution sent(void)
{
    return order_in(EXECUTION_STATE_SENT, ORDER_STATUS_PENDING, 0);
}

static void hear(struct execution *order, enum venue_event_type type, int64_t cum, int64_t at)
{
    struct venue_event report = {.type = type,
                                 .known = true,
                                 .cum_quantity = whole(cum),
                                 .venue_status = cum == 100 ? ORDER_STATUS_FILLED : ORDER_STATUS_PENDING,
                                 .symbol = "AAPL"};
    execute_report(order, &report, NULL, execute_begin(&effect, &policy, after(at)));
}

/* Ticks at the time, which must be the one that the order waits for. */
static void tick(struct execution *order, bool line_ready, int64_t at)
{
    cr_assert_eq(order->next_check_at.us, after(at).us, "due after %lld s, not %lld",
                 (long long)(order->next_check_at.us - start.us) / SECOND, (long long)at);
    struct execution before = *order;
    execute_tick(order, line_ready, execute_begin(&effect, &policy, (struct instant){after(at).us - 1}));
    cr_assert_eq(memcmp(order, &before, sizeof(before)), 0, "before its time nothing happens");
    cr_assert_not(effect.changed || effect.query || effect.cancel || effect.resend);
    execute_tick(order, line_ready, execute_begin(&effect, &policy, after(at)));
    if (effect.query)
        execution_asked(&order->questions);
}

static void expect_event(enum audit_action action)
{
    cr_assert_eq(effect.event_count, 1);
    cr_expect_eq(effect.events[0].action, action, "%s", audit_action_text(effect.events[0].action));
}

Test(execute_tick, an_order_without_answer_is_asked_about_after_1_2_and_4_seconds)
{
    struct execution order = sent();
    tick(&order, true, 5);
    cr_expect(effect.retry_needed && effect.changed && !effect.query);
    tick(&order, true, 6);
    cr_expect(effect.query && !effect.retry_needed);
    hear(&order, VENUE_UNKNOWN_ORDER, 0, 6);
    cr_expect(effect.resend);
    expect_event(AUDIT_ACTION_RETRIED);
    execution_sent(&order.questions, order.quantity);

    tick(&order, true, 11);
    cr_expect(effect.retry_needed);
    tick(&order, true, 13);
    hear(&order, VENUE_UNKNOWN_ORDER, 0, 13);
    cr_expect(effect.resend);
    execution_sent(&order.questions, order.quantity);

    tick(&order, true, 18);
    tick(&order, true, 22);
    cr_expect(effect.query);
    hear(&order, VENUE_UNKNOWN_ORDER, 0, 22);
    cr_expect_not(effect.resend, "the last check only decides");
    struct venue_event report = {
        .type = VENUE_CANCEL_REJECTED, .known = true, .not_known = true, .symbol = "AAPL"};
    cr_expect(effect.cancel, "and asks for a second witness");
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, after(22)));
    expect_event(AUDIT_ACTION_REJECTED);
    cr_expect_eq(order.attempts, 3);
    cr_expect_str_eq(order.reason, "EXCHANGE_UNAVAILABLE");
    cr_expect_eq(order.next_check_at.us, 0);
}

Test(execute_tick, without_a_line_the_checks_pass_and_leave_doubt)
{
    struct execution order = sent();
    execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(0)));
    cr_expect(effect.retry_needed && effect.changed);
    tick(&order, false, 1);
    tick(&order, false, 3);
    cr_expect_eq(order.state, EXECUTION_STATE_SENT);
    tick(&order, false, 7);
    cr_expect_eq(order.state, EXECUTION_STATE_IN_DOUBT);
    expect_event(AUDIT_ACTION_IN_DOUBT);
    cr_expect_str_eq(order.reason, "EXCHANGE_UNAVAILABLE");
    cr_expect_eq(order.reserved.units, whole(1000).units, "the reservation stays");
    cr_expect_eq(order.attempts, 1);
    tick(&order, true, 37);
    cr_expect(effect.query, "the asking goes on");
    tick(&order, true, 67);
}

Test(execute_tick, a_question_without_answer_is_a_check_like_another)
{
    struct execution order = sent();
    tick(&order, true, 5);
    tick(&order, true, 6);
    tick(&order, true, 11);
    cr_expect_not(effect.query, "its time comes 2 s later");
    tick(&order, true, 13);
    tick(&order, true, 18);
    tick(&order, true, 22);
    tick(&order, true, 27);
    cr_expect_eq(order.state, EXECUTION_STATE_IN_DOUBT);
}

Test(execute_tick, a_lost_line_is_told_once_and_takes_the_question_with_it)
{
    struct execution order = sent();
    execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(1)));
    execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(1)));
    cr_expect_not(effect.changed || effect.retry_needed);
    execute_tick_line_ready(&order, execute_begin(&effect, &policy, after(1)));
    cr_expect_not(effect.query, "its time comes");
    tick(&order, true, 2);
    cr_expect(effect.query);
    execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(3)));
    tick(&order, true, 5);
    cr_expect(effect.query, "again, 2 s after the question was lost");
}

Test(execute_tick, a_new_owner_asks_at_once)
{
    struct execution order = sent();
    order.attempts = 2;
    execute_tick_line_ready(&order, execute_begin(&effect, &policy, after(1)));
    cr_expect(effect.query && effect.retry_needed);
    execution_asked(&order.questions);
    hear(&order, VENUE_UNKNOWN_ORDER, 0, 1);
    cr_expect(effect.resend);
    cr_expect_eq(order.attempts, 3);
}

Test(execute_tick, what_the_exchange_says_after_all_is_told_as_recovered)
{
    struct execution order = sent();
    execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(0)));
    hear(&order, VENUE_ACKNOWLEDGED, 0, 1);
    expect_event(AUDIT_ACTION_RECOVERED);
    cr_expect_eq(order.state, EXECUTION_STATE_WORKING);
    cr_expect_eq(order.next_check_at.us, 0);

    order = sent();
    hear(&order, VENUE_ACKNOWLEDGED, 0, 1);
    cr_expect_eq(effect.event_count, 0, "in time");
}

Test(execute_tick, executions_that_are_held_back_are_waited_for_once)
{
    struct execution order = sent();
    tick(&order, true, 5);
    tick(&order, true, 6);
    hear(&order, VENUE_STATUS, 100, 6);
    expect_event(AUDIT_ACTION_RECOVERED);
    cr_expect_eq(order.state, EXECUTION_STATE_WORKING);
    tick(&order, true, 11);
    cr_expect(effect.query);
    hear(&order, VENUE_STATUS, 100, 11);
    expect_event(AUDIT_ACTION_IN_DOUBT);
    cr_expect_str_eq(order.reason, "QUANTITY_DIFFERS");
}

struct late_case {
    enum order_type order_type;
    enum time_in_force time_in_force;
    bool asked;
};

Test(execute_tick, a_report_that_is_owed_is_asked_for)
{
    static const struct late_case cases[] = {
        {ORDER_TYPE_MARKET, TIME_IN_FORCE_DAY, true}, {ORDER_TYPE_LIMIT, TIME_IN_FORCE_IOC, true},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_FOK, true},  {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false},
        {ORDER_TYPE_STOP, TIME_IN_FORCE_GTC, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = sent();
        order.order_type = cases[i].order_type;
        order.time_in_force = cases[i].time_in_force;
        hear(&order, VENUE_ACKNOWLEDGED, 0, 0);
        cr_assert_eq(order.next_check_at.us != 0, cases[i].asked, "case %zu", i);
        if (!cases[i].asked)
            continue;
        tick(&order, true, 30);
        cr_expect(effect.query);
        tick(&order, true, 60);
        cr_expect(effect.query, "as long as it is owed");
    }
}

Test(execute_tick, while_the_line_is_down_a_late_report_waits_for_it)
{
    struct execution order = sent();
    order.order_type = ORDER_TYPE_MARKET;
    hear(&order, VENUE_ACKNOWLEDGED, 0, 0);
    tick(&order, false, 30);
    cr_expect_not(effect.query, "nobody could be asked");
    tick(&order, true, 60);
    cr_expect(effect.query);
}

Test(execute_tick, what_is_known_at_the_exchange_is_asked_about_when_the_line_stands_again)
{
    static const struct {
        enum execution_state state;
        enum order_status status;
        bool asked;
        int64_t again; /* seconds later, when nothing is heard; 0: never */
    } cases[] = {
        {EXECUTION_STATE_ADMITTED, ORDER_STATUS_PENDING, false, 0},
        {EXECUTION_STATE_WORKING, ORDER_STATUS_PENDING, true, 0},
        {EXECUTION_STATE_IN_DOUBT, ORDER_STATUS_PENDING, true, 30},
        {EXECUTION_STATE_DONE, ORDER_STATUS_CANCELLED, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(cases[i].state, cases[i].status, 0), before = order;
        execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(1)));
        cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0, "case %zu: nothing is lost with the line", i);
        cr_expect_not(effect.retry_needed, "case %zu", i);
        execute_tick_line_ready(&order, execute_begin(&effect, &policy, after(1)));
        cr_expect_eq(effect.query, cases[i].asked, "case %zu", i);
        cr_expect_eq(order.state, cases[i].state);
        cr_expect_eq(order.next_check_at.us, cases[i].again > 0 ? after(1 + cases[i].again).us : 0,
                     "case %zu", i);
    }
}

Test(execute_tick, an_order_that_has_ended_is_not_asked_about)
{
    struct execution order = order_in(EXECUTION_STATE_DONE, ORDER_STATUS_FILLED, 100), before;
    order.next_check_at = after(1); /* its time had been set before it ended */
    before = order;
    execute_tick(&order, true, execute_begin(&effect, &policy, after(2)));
    cr_expect_not(effect.query || effect.cancel || effect.resend || effect.changed);
    cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0);
}

/* As execute_test tells of reports: a row that somebody has edited. */
Test(execute_tick, no_cancel_is_repeated_that_the_record_cannot_hold)
{
    struct execution order = order_in(EXECUTION_STATE_WORKING, ORDER_STATUS_PENDING, 0);
    order.cancel_requested_at = order.next_check_at = start;
    order.reserve_price = decimal_from_units(INT64_MAX);
    execute_tick(&order, true, execute_begin(&effect, &policy, start));
    cr_expect_not(effect.query || effect.cancel || effect.changed);
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_OUT_OF_RANGE);
    cr_expect(effect.alarm);
}

/* ---- cancels ---- */

static struct execution cancelled_in(enum execution_state state, enum order_status status, int64_t filled)
{
    struct execution order = order_in(state, status, filled);
    order.cancel_requested_at = start;
    return order;
}

struct cancel_case {
    const char *name;
    enum execution_state state;
    enum order_status status, to_status;
    bool asks_exchange, moot;
};

Test(execute_command, a_cancel_acts_where_it_can)
{
    static const struct cancel_case cases[] = {
        {"never sent", EXECUTION_STATE_ADMITTED, ORDER_STATUS_PENDING, ORDER_STATUS_CANCELLED, false, false},
        {"sent", EXECUTION_STATE_SENT, ORDER_STATUS_PENDING, ORDER_STATUS_PENDING, false, false},
        {"in doubt", EXECUTION_STATE_IN_DOUBT, ORDER_STATUS_PENDING, ORDER_STATUS_PENDING, false, false},
        {"working", EXECUTION_STATE_WORKING, ORDER_STATUS_PENDING, ORDER_STATUS_PENDING, true, false},
        {"done", EXECUTION_STATE_DONE, ORDER_STATUS_FILLED, ORDER_STATUS_FILLED, false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct cancel_case *c = &cases[i];
        struct execution order = cancelled_in(c->state, c->status, c->moot ? 100 : 0);
        execute_command_cancel(&order, execute_begin(&effect, &policy, start));
        cr_expect_eq(order.status, c->to_status, "%s: %s", c->name, order_status_text(order.status));
        cr_expect_eq(effect.cancel, c->asks_exchange, "%s", c->name);
        cr_expect_eq(effect.moot, c->moot, "%s", c->name);
        cr_expect_not(effect.resend, "%s", c->name);
    }
}

Test(execute_command, a_cancel_that_waited_goes_out_when_the_exchange_has_the_order)
{
    struct execution order = cancelled_in(EXECUTION_STATE_SENT, ORDER_STATUS_PENDING, 0);
    hear(&order, VENUE_ACKNOWLEDGED, 0, 0);
    cr_expect(effect.cancel);
    tick(&order, true, 5);
    cr_expect(effect.cancel && effect.query, "without answer it is repeated");
    hear(&order, VENUE_CANCELLED, 0, 6);
    cr_expect_eq(order.status, ORDER_STATUS_CANCELLED);
}

Test(execute_command, a_refused_cancel_is_told_and_over)
{
    struct execution order = cancelled_in(EXECUTION_STATE_WORKING, ORDER_STATUS_PENDING, 0);
    hear(&order, VENUE_CANCEL_REJECTED, 0, 0);
    expect_event(AUDIT_ACTION_CANCEL_REJECTED);
    cr_expect_eq(order.cancel_requested_at.us, 0);
    hear(&order, VENUE_CANCEL_REJECTED, 0, 0);
    cr_expect_eq(effect.event_count, 0, "once");
}

Test(execute_command, a_cancel_whose_request_was_refused_meanwhile_is_moot)
{
    struct execution order = order_in(EXECUTION_STATE_WORKING, ORDER_STATUS_PENDING, 0);
    execute_command_cancel(&order, execute_begin(&effect, &policy, start));
    cr_expect(effect.moot);
    cr_expect_not(effect.cancel || effect.changed);
}

Test(execute_command, a_cancel_refused_because_the_order_has_ended_asks_how)
{
    struct execution order = cancelled_in(EXECUTION_STATE_WORKING, ORDER_STATUS_PENDING, 0);
    hear(&order, VENUE_CANCEL_REJECTED, 100, 0);
    cr_expect(effect.query);
    cr_expect_eq(effect.event_count, 0);
    cr_expect_neq(order.cancel_requested_at.us, 0);
}

/* ---- resolves ---- */

struct resolve_case {
    const char *name;
    enum resolve_action action;
    int64_t filled;
    bool cancels;
    int64_t quantity, price; /* of a FILL */
    enum execution_state to_state;
    enum order_status to_status;
    enum audit_action events[3];
    bool put_aside;
};

Test(execute_command, operations_resolve_a_doubt)
{
#define S(name)  EXECUTION_STATE_##name
#define ST(name) ORDER_STATUS_##name
#define A(name)  AUDIT_ACTION_##name
#define R(name)  RESOLVE_ACTION_##name
    /* clang-format off */
    static const struct resolve_case cases[] = {
        {"retry", R(RETRY), 0, false, 0, 0, S(SENT), ST(PENDING), {A(RETRIED)}, false},
        {"retry, filled in part", R(RETRY), 40, false, 0, 0, S(IN_DOUBT), ST(PARTIAL), {0}, true},
        {"retry, cancel requested", R(RETRY), 0, true, 0, 0, S(IN_DOUBT), ST(PENDING), {0}, true},
        {"reject", R(REJECT), 0, false, 0, 0, S(DONE), ST(REJECTED), {A(REJECTED)}, false},
        {"reject, filled in part", R(REJECT), 40, false, 0, 0, S(IN_DOUBT), ST(PARTIAL), {0}, true},
        {"cancel", R(CANCEL), 0, false, 0, 0, S(DONE), ST(CANCELLED), {A(CANCELLED)}, false},
        {"cancel of the rest", R(CANCEL), 40, true, 0, 0, S(DONE), ST(CANCELLED), {A(CANCELLED)}, false},
        {"a part filled", R(FILL), 0, false, 40, 10, S(IN_DOUBT), ST(PARTIAL), {A(FILLED)}, false},
        {"all filled", R(FILL), 40, false, 60, 10, S(DONE), ST(FILLED), {A(FILLED)}, false},
        {"all filled, cancel requested", R(FILL), 0, true, 100, 10, S(DONE), ST(FILLED),
         {A(FILLED), A(CANCEL_REJECTED)}, false},
        {"nothing filled", R(FILL), 0, false, 0, 10, S(IN_DOUBT), ST(PENDING), {0}, true},
        {"filled for nothing", R(FILL), 0, false, 40, 0, S(IN_DOUBT), ST(PENDING), {0}, true},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct resolve_case *c = &cases[i];
        struct execution order = order_in(S(IN_DOUBT), c->filled > 0 ? ST(PARTIAL) : ST(PENDING), c->filled);
        struct execute_resolve command = {.action = c->action,
                                          .quantity = whole(c->quantity),
                                          .price = whole(c->price),
                                          .venue_exec_id = "E9",
                                          .actor = "operator"};
        order.cancel_requested_at = c->cancels ? start : (struct instant){0};
        execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, start));
        cr_expect_eq(order.state, c->to_state, "%s: %s", c->name, execution_state_text(order.state));
        cr_expect_eq(order.status, c->to_status, "%s: %s", c->name, order_status_text(order.status));
        cr_expect_eq(effect.aside == EXECUTE_ASIDE_NOT_RESOLVED, c->put_aside, "%s", c->name);
        cr_expect_eq(effect.resend, c->action == R(RETRY) && !c->put_aside, "%s", c->name);
        bool ends = order.state == S(DONE);
        cr_expect_eq(effect.cancel, ends, "%s: what the exchange may have is cancelled there", c->name);
        cr_expect_eq(order.recalled, ends, "%s", c->name);
        cr_expect(!ends || order.next_check_at.us == after(5).us, "%s", c->name);
        cr_expect_eq(effect.filled, c->action == R(FILL) && !c->put_aside, "%s", c->name);
        for (size_t k = 0; k < ARRAY_LEN(c->events); k++)
            cr_expect_eq(k < effect.event_count ? effect.events[k].action : 0, c->events[k], "%s: event %zu",
                         c->name, k);
    }
}

Test(execute_command, an_execution_entered_twice_counts_once)
{
    struct execution order = order_in(S(IN_DOUBT), ST(PARTIAL), 40), before = order;
    struct execute_resolve command = {
        .action = R(FILL), .quantity = whole(40), .price = whole(10), .venue_exec_id = "E1"};
    struct execute_fill recorded = {.quantity = whole(40), .price = whole(10), .exec_id = "E1"};
    execute_command_resolve(&order, &command, &recorded, execute_begin(&effect, &policy, start));
    cr_expect(effect.moot && !effect.filled);
    cr_expect_eq(effect.event_count, 0);
    cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0);
    command.price = whole(11);
    execute_command_resolve(&order, &command, &recorded, execute_begin(&effect, &policy, start));
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_DUPLICATE_DIFFERS);
    cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0);
}

Test(execute_command, what_is_not_in_doubt_is_not_resolved)
{
    static const enum execution_state states[] = {S(ADMITTED), S(SENT), S(WORKING)};
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct execution order = order_in(states[i], ST(PENDING), 0);
        struct execute_resolve command = {.action = R(REJECT)};
        execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, start));
        cr_expect(effect.moot);
        cr_expect_eq(order.state, states[i]);
    }
}

Test(execute_command, what_the_exchange_has_shown_to_have_is_not_sent_again)
{
    struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
    struct execute_resolve command = {.action = R(RETRY)};
    order.venue_known = true;
    execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, start));
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_NOT_RESOLVED);
    cr_expect_eq(order.state, S(IN_DOUBT));
    cr_expect_not(effect.resend);
}

/* ---- DONE here, perhaps alive there ---- */

static struct execution resolved(bool known)
{
    struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
    struct execute_resolve command = {.action = R(CANCEL)};
    order.venue_known = known;
    execute_command_resolve(&order, &command, NULL, execute_begin(&effect, &policy, start));
    cr_assert(order.recalled && order.state == S(DONE) && order.reserved.units == 0);
    return order;
}

Test(execute_recall, a_done_order_is_cancelled_there_until_the_exchange_says_that_it_is_gone)
{
    static const struct {
        const char *name;
        struct venue_event report;
        bool known, asked, gone, renumbered;
    } cases[] = {
        {"cancelled", {.type = VENUE_CANCELLED}, true, false, true},
        {"expired", {.type = VENUE_EXPIRED}, true, false, true},
        {"refused", {.type = VENUE_REJECTED}, false, false, true},
        {"a second send refused", {.type = VENUE_REJECTED}, true, false, false},
        {"status cancelled",
         {.type = VENUE_STATUS, .venue_status = ORDER_STATUS_CANCELLED},
         true,
         true,
         true},
        {"status new", {.type = VENUE_STATUS, .venue_status = ORDER_STATUS_PENDING}, true, true, false},
        {"unknown", {.type = VENUE_UNKNOWN_ORDER}, false, true, true},
        {"unknown, asked before", {.type = VENUE_UNKNOWN_ORDER}, false, false, false},
        {"unknown, though it has shown it", {.type = VENUE_UNKNOWN_ORDER}, true, true, false},
        {"unknown, since it has lost its count", {.type = VENUE_UNKNOWN_ORDER}, false, true, false, true},
        {"no such order to replace",
         {.type = VENUE_CANCEL_REJECTED, .of_replace = true, .not_known = true},
         true,
         false,
         false},
        {"no such order to cancel", {.type = VENUE_CANCEL_REJECTED, .not_known = true}, true, false, true},
        {"too late: cancelled",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_CANCELLED},
         true,
         false,
         true},
        {"too late: filled",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_FILLED},
         true,
         false,
         false},
        {"not cancelled, it works",
         {.type = VENUE_CANCEL_REJECTED, .venue_status = ORDER_STATUS_PENDING},
         true,
         false,
         false},
        {"pending cancel", {.type = VENUE_PENDING}, true, false, false},
        {"acknowledged late", {.type = VENUE_ACKNOWLEDGED}, true, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = resolved(cases[i].known);
        if (cases[i].asked)
            execution_asked(&order.questions);
        order.questions.renumbered = cases[i].renumbered;
        execute_report(&order, &cases[i].report, NULL, execute_begin(&effect, &policy, after(1)));
        cr_expect_eq(order.recalled, !cases[i].gone, "%s", cases[i].name);
        cr_expect_eq(order.next_check_at.us, cases[i].gone ? 0 : after(5).us, "%s", cases[i].name);
        cr_expect_eq(order.state, S(DONE), "%s", cases[i].name);
        cr_expect_eq(order.status, ST(CANCELLED), "%s", cases[i].name);
        cr_expect_eq(effect.event_count, 0, "%s", cases[i].name);
        cr_expect_not(effect.alarm, "%s: it is being cancelled", cases[i].name);
        cr_expect_eq(effect.aside, EXECUTE_ASIDE_NONE, "%s: %s", cases[i].name, effect.aside_detail);
    }
}

Test(execute_recall, what_is_executed_meanwhile_counts_and_ends_it_when_it_is_all)
{
    struct execution order = resolved(false);
    struct venue_event report = {.type = VENUE_FILL,
                                 .last_quantity = whole(40),
                                 .last_price = whole(10),
                                 .cum_quantity = whole(40),
                                 .exec_id = "E1"};
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, after(1)));
    cr_expect(effect.filled && effect.alarm && order.recalled);
    cr_expect_str_eq(effect.fill.flag, "LATE");
    cr_expect_eq(order.next_check_at.us, after(5).us);
    report.last_quantity = whole(60);
    report.cum_quantity = whole(100);
    memcpy(report.exec_id, "E2", 3);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, after(2)));
    cr_expect_eq(order.status, ST(FILLED));
    cr_expect(!order.recalled && order.next_check_at.us == 0);
}

Test(execute_recall, it_is_asked_for_with_growing_waits_and_then_people_are_told)
{
    static const int64_t waits[] = {5, 10, 20};
    struct execution order = resolved(true);
    int64_t at = 0;
    for (size_t i = 0; i < 20; i++) {
        at += i < ARRAY_LEN(waits) ? waits[i] : 40;
        tick(&order, true, at);
        bool last = i + 1 == 20;
        cr_expect_eq(effect.cancel && effect.query, !last, "after %lld s", (long long)at);
        cr_expect_eq(effect.alarm, last);
    }
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_STILL_OPEN);
    cr_expect(order.recalled && order.next_check_at.us == 0);

    struct execution other = order;
    execute_tick_line_ready(&other, execute_begin(&effect, &policy, after(at)));
    cr_expect(effect.cancel && other.next_check_at.us != 0, "a new session tries once more");
    execute_command_cancel(&order, execute_begin(&effect, &policy, after(at)));
    cr_expect(effect.cancel && !effect.moot, "so does somebody's cancel");
    tick(&order, true, at + 5);
    cr_expect(effect.cancel);
}

Test(execute_recall, without_a_line_it_waits_for_one)
{
    struct execution order = resolved(true);
    for (int64_t at = 5; at <= 100; at += 5) {
        tick(&order, false, at);
        cr_expect_not(effect.cancel || effect.alarm);
    }
    execute_tick_line_lost(&order, execute_begin(&effect, &policy, after(101)));
    cr_expect_not(effect.changed);
    execute_tick_line_ready(&order, execute_begin(&effect, &policy, after(101)));
    cr_expect(effect.cancel && effect.query);
}

Test(execute_recall, an_order_in_doubt_that_the_exchange_has_is_cancelled_there)
{
    struct execution order = cancelled_in(S(IN_DOUBT), ST(PENDING), 0);
    order.venue_known = true;
    execute_command_cancel(&order, execute_begin(&effect, &policy, start));
    cr_expect(effect.cancel);
    cr_expect_eq(order.state, S(IN_DOUBT));
    hear(&order, VENUE_CANCELLED, 0, 1);
    cr_expect_eq(order.status, ST(CANCELLED));
    expect_event(A(CANCELLED));
}

Test(execute_recall, an_order_never_sent_that_shows_up_is_cancelled_there)
{
    struct execution order = order_in(S(DONE), ST(CANCELLED), 0);
    struct venue_event report = {
        .type = VENUE_FILL, .last_quantity = whole(40), .last_price = whole(10), .exec_id = "E1"};
    order.attempts = 0;
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, start));
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_UNEXPECTED_REPORT);
    cr_expect(effect.alarm && effect.cancel && order.recalled && !effect.filled);
}

/* Sent just before the end of its day, an order reaches the exchange in the next one, which would work it. */
Test(execute_tick, a_day_order_that_outlives_its_day_is_cancelled)
{
    struct execution order = sent();
    order.expires_at = after(3);
    hear(&order, VENUE_ACKNOWLEDGED, 0, 4);
    cr_expect_eq(order.state, EXECUTION_STATE_WORKING);
    tick(&order, true, 8);
    expect_event(AUDIT_ACTION_CANCEL_REQUESTED);
    cr_expect_str_eq(effect.events[0].reason, "DAY_ENDED");
    cr_expect(effect.cancel && order.cancel_requested_at.us == after(8).us);
    hear(&order, VENUE_CANCELLED, 0, 9);
    cr_expect_eq(order.status, ORDER_STATUS_CANCELLED);
    expect_event(AUDIT_ACTION_CANCELLED);
}

/* While the line is down the exchange may have ended it: it is asked first. */
Test(execute_tick, a_day_that_ends_without_a_line_cancels_nothing_unasked)
{
    struct execution order = sent();
    order.expires_at = after(60);
    hear(&order, VENUE_ACKNOWLEDGED, 0, 1);
    tick(&order, false, 65);
    cr_expect_eq(effect.event_count, 0);
    execute_tick_line_ready(&order, execute_begin(&effect, &policy, after(67)));
    cr_expect(effect.query && !effect.cancel && effect.event_count == 0);

    struct execution other = order;
    hear(&other, VENUE_EXPIRED, 0, 68);
    expect_event(AUDIT_ACTION_EXPIRED);
    cr_expect_eq(other.next_check_at.us, 0);

    tick(&order, true, 72);
    expect_event(AUDIT_ACTION_CANCEL_REQUESTED);
}

Test(execute_tick, a_day_order_that_works_waits_for_its_day_a_gtc_for_nothing)
{
    struct execution day = sent(), gtc = sent();
    day.expires_at = after(1000);
    hear(&day, VENUE_ACKNOWLEDGED, 0, 1);
    cr_expect_eq(day.next_check_at.us, after(1005).us);
    hear(&gtc, VENUE_ACKNOWLEDGED, 0, 1);
    cr_expect_eq(gtc.next_check_at.us, 0);
}
