/* SPDX-License-Identifier: Apache-2.0 */
/* The decision about one order: each fact in each state.
 *
 * Long: the table of each fact in each state is one piece. */
#include "services/executor/core/execute.h"
#include "services/executor/core/execute_step.h"

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

enum {
    FILLED = 1,
    HALTS = 2,
    ALARM = 4,
    QUERY = 8,
    RESEND = 16,
    CANCEL = 32,
};

struct fact_case {
    const char *name;
    enum execution_state state;
    enum order_status status;
    int64_t filled;
    enum venue_event_type type;
    int64_t last; /* of a fill */
    int64_t cum;
    enum order_status venue_status; /* of a status answer */
    enum execution_state to_state;
    enum order_status to_status;
    int64_t to_filled;
    int flags;
    enum audit_action events[2];
    enum execute_aside aside;
    const char *fill_flag;
};

#define S(name)  EXECUTION_STATE_##name
#define ST(name) ORDER_STATUS_##name
#define A(name)  AUDIT_ACTION_##name

static void check_effect(const struct fact_case *c, const struct execution *order,
                         const struct execute_effect *effect)
{
    cr_expect_eq(order->state, c->to_state, "%s: state %s", c->name, execution_state_text(order->state));
    cr_expect_eq(order->status, c->to_status, "%s: status %s", c->name, order_status_text(order->status));
    cr_expect_eq(order->filled.units, whole(c->to_filled).units, "%s: filled %lld", c->name,
                 (long long)order->filled.units);
    int flags = (effect->filled ? FILLED : 0) | (effect->halt_symbol ? HALTS : 0) |
                (effect->alarm ? ALARM : 0) | (effect->query ? QUERY : 0) | (effect->resend ? RESEND : 0) |
                (effect->cancel ? CANCEL : 0);
    cr_expect_eq(order->recalled, (c->flags & CANCEL) != 0, "%s: recalled", c->name);
    cr_expect_eq(flags, c->flags, "%s: flags %d", c->name, flags);
    cr_expect_eq(effect->aside, c->aside, "%s: put aside as '%s'", c->name,
                 execute_aside_texts[effect->aside]);
    size_t wanted = (size_t)(c->events[0] != 0) + (size_t)(c->events[1] != 0);
    cr_expect_eq(effect->event_count, wanted, "%s: %zu events", c->name, effect->event_count);
    for (size_t i = 0; i < wanted && i < effect->event_count; i++)
        cr_expect_eq(effect->events[i].action, c->events[i], "%s: event %s", c->name,
                     audit_action_text(effect->events[i].action));
    if (effect->filled)
        cr_expect(c->fill_flag == NULL
                      ? effect->fill.flag == NULL
                      : effect->fill.flag != NULL && strcmp(effect->fill.flag, c->fill_flag) == 0,
                  "%s: flag %s", c->name, effect->fill.flag == NULL ? "none" : effect->fill.flag);
}

static void run_cases(const struct fact_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct fact_case *c = &cases[i];
        struct execution order = order_in(c->state, c->status, c->filled);
        struct venue_event report =
            c->type == VENUE_FILL ? fill_of(c->last, c->cum) : report_of(c->type, c->cum);
        static struct execute_effect effect;
        report.venue_status = c->venue_status;
        execution_asked(&order.questions); /* so that an answer is conclusive */
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        check_effect(c, &order, &effect);
    }
}

Test(execute, a_fill_always_counts)
{
    /* clang-format off */
    static const struct fact_case cases[] = {
        {"first part", S(WORKING), ST(PENDING), 0, VENUE_FILL, 40, 40, 0, S(WORKING), ST(PARTIAL), 40,
         FILLED, {A(FILLED)}, 0, NULL},
        {"last part", S(WORKING), ST(PARTIAL), 60, VENUE_FILL, 40, 100, 0, S(DONE), ST(FILLED), 100, FILLED,
         {A(FILLED)}, 0, NULL},
        {"whole at once", S(WORKING), ST(PENDING), 0, VENUE_FILL, 100, 100, 0, S(DONE), ST(FILLED), 100,
         FILLED, {A(FILLED)}, 0, NULL},
        {"before the acknowledgement", S(SENT), ST(PENDING), 0, VENUE_FILL, 40, 40, 0, S(WORKING),
         ST(PARTIAL), 40, FILLED, {A(FILLED)}, 0, NULL},
        {"whole before the acknowledgement", S(SENT), ST(PENDING), 0, VENUE_FILL, 100, 100, 0, S(DONE),
         ST(FILLED), 100, FILLED, {A(FILLED)}, 0, NULL},
        {"after the cancel", S(DONE), ST(CANCELLED), 40, VENUE_FILL, 10, 50, 0, S(DONE), ST(CANCELLED), 50,
         FILLED | ALARM | CANCEL, {A(FILLED), A(CANCEL_REQUESTED)}, 0, "LATE"},
        {"after the cancel, complete", S(DONE), ST(CANCELLED), 40, VENUE_FILL, 60, 100, 0, S(DONE),
         ST(FILLED), 100, FILLED, {A(FILLED)}, 0, "LATE"},
        {"after it expired", S(DONE), ST(EXPIRED), 0, VENUE_FILL, 10, 10, 0, S(DONE), ST(EXPIRED), 10,
         FILLED | ALARM | CANCEL, {A(FILLED), A(CANCEL_REQUESTED)}, 0, "LATE"},
        {"after a rejection", S(DONE), ST(REJECTED), 0, VENUE_FILL, 100, 100, 0, S(DONE), ST(FILLED), 100,
         FILLED, {A(FILLED)}, 0, "LATE"},
        {"more than the order", S(WORKING), ST(PARTIAL), 60, VENUE_FILL, 41, 101, 0, S(DONE), ST(FILLED),
         101, FILLED | HALTS | ALARM, {A(FILLED)}, 0, "OVERFILL"},
        {"more after it was filled", S(DONE), ST(FILLED), 100, VENUE_FILL, 1, 101, 0, S(DONE), ST(FILLED),
         101, FILLED | HALTS | ALARM, {A(FILLED)}, 0, "OVERFILL"},
        {"in doubt, sums agree then", S(IN_DOUBT), ST(PARTIAL), 40, VENUE_FILL, 20, 60, 0, S(WORKING),
         ST(PARTIAL), 60, FILLED, {A(FILLED), A(RECOVERED)}, 0, NULL},
        {"in doubt, sums still differ", S(IN_DOUBT), ST(PENDING), 0, VENUE_FILL, 20, 60, 0, S(IN_DOUBT),
         ST(PARTIAL), 20, FILLED, {A(FILLED)}, 0, NULL},
        {"in doubt, complete", S(IN_DOUBT), ST(PARTIAL), 40, VENUE_FILL, 60, 100, 0, S(DONE), ST(FILLED),
         100, FILLED, {A(FILLED)}, 0, NULL},
        {"never sent", S(ADMITTED), ST(PENDING), 0, VENUE_FILL, 10, 10, 0, S(ADMITTED), ST(PENDING), 0,
         ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"of nothing", S(WORKING), ST(PENDING), 0, VENUE_FILL, 0, 0, 0, S(WORKING), ST(PENDING), 0, ALARM,
         {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"negative", S(WORKING), ST(PENDING), 0, VENUE_FILL, -5, 0, 0, S(WORKING), ST(PENDING), 0, ALARM,
         {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},

    };
    /* clang-format on */
    run_cases(cases, ARRAY_LEN(cases));
}

Test(execute, acknowledgements_rejections_and_ends_step_the_order)
{
    /* clang-format off */
    static const struct fact_case cases[] = {
        {"acknowledged", S(SENT), ST(PENDING), 0, VENUE_ACKNOWLEDGED, 0, 0, 0, S(WORKING), ST(PENDING), 0, 0,
         {0}, 0, NULL},
        {"acknowledged after a fill", S(WORKING), ST(PARTIAL), 40, VENUE_ACKNOWLEDGED, 0, 0, 0, S(WORKING),
         ST(PARTIAL), 40, 0, {0}, 0, NULL},
        {"acknowledged after the end", S(DONE), ST(FILLED), 100, VENUE_ACKNOWLEDGED, 0, 0, 0, S(DONE),
         ST(FILLED), 100, 0, {0}, 0, NULL},
        {"acknowledged after its cancel", S(DONE), ST(CANCELLED), 40, VENUE_ACKNOWLEDGED, 0, 40, 0, S(DONE),
         ST(CANCELLED), 40, ALARM | CANCEL, {A(CANCEL_REQUESTED)}, 0, NULL},
        {"acknowledged after it was called rejected", S(DONE), ST(REJECTED), 0, VENUE_ACKNOWLEDGED, 0, 0, 0,
         S(DONE), ST(REJECTED), 0, ALARM | CANCEL, {A(CANCEL_REQUESTED)}, 0, NULL},
        {"acknowledged in doubt", S(IN_DOUBT), ST(PENDING), 0, VENUE_ACKNOWLEDGED, 0, 0, 0, S(WORKING),
         ST(PENDING), 0, 0, {A(RECOVERED)}, 0, NULL},
        {"acknowledged, never sent", S(ADMITTED), ST(PENDING), 0, VENUE_ACKNOWLEDGED, 0, 0, 0, S(ADMITTED),
         ST(PENDING), 0, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"rejected", S(SENT), ST(PENDING), 0, VENUE_REJECTED, 0, 0, 0, S(DONE), ST(REJECTED), 0, 0,
         {A(REJECTED)}, 0, NULL},
        {"rejected after the acknowledgement", S(WORKING), ST(PENDING), 0, VENUE_REJECTED, 0, 0, 0, S(DONE),
         ST(REJECTED), 0, 0, {A(REJECTED)}, 0, NULL},
        {"rejected, never sent", S(ADMITTED), ST(PENDING), 0, VENUE_REJECTED, 0, 0, 0, S(ADMITTED),
         ST(PENDING), 0, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"rejected twice", S(DONE), ST(REJECTED), 0, VENUE_REJECTED, 0, 0, 0, S(DONE), ST(REJECTED), 0, 0,
         {0}, 0, NULL},
        {"rejected after a fill", S(WORKING), ST(PARTIAL), 40, VENUE_REJECTED, 0, 0, 0, S(WORKING),
         ST(PARTIAL), 40, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"rejected after the end", S(DONE), ST(FILLED), 100, VENUE_REJECTED, 0, 0, 0, S(DONE), ST(FILLED),
         100, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"known there already", S(SENT), ST(PENDING), 0, VENUE_DUPLICATE, 0, 0, 0, S(SENT), ST(PENDING), 0,
         QUERY, {0}, 0, NULL},
        {"known there, done here", S(DONE), ST(FILLED), 100, VENUE_DUPLICATE, 0, 0, 0, S(DONE), ST(FILLED),
         100, 0, {0}, 0, NULL},
        {"known there, called rejected here", S(DONE), ST(REJECTED), 0, VENUE_DUPLICATE, 0, 0, 0, S(DONE),
         ST(REJECTED), 0, ALARM | CANCEL, {A(CANCEL_REQUESTED)}, 0, NULL},
        {"known there as it was before it ended", S(DONE), ST(CANCELLED), 40, VENUE_DUPLICATE, 0, 0, 0,
         S(DONE), ST(CANCELLED), 40, 0, {0}, 0, NULL},
        {"pending", S(SENT), ST(PENDING), 0, VENUE_PENDING, 0, 0, 0, S(SENT), ST(PENDING), 0, 0, {0}, 0,
         NULL},
        {"cancelled", S(WORKING), ST(PENDING), 0, VENUE_CANCELLED, 0, 0, 0, S(DONE), ST(CANCELLED), 0, 0,
         {A(CANCELLED)}, 0, NULL},
        {"the rest cancelled", S(WORKING), ST(PARTIAL), 40, VENUE_CANCELLED, 0, 40, 0, S(DONE),
         ST(CANCELLED), 40, 0, {A(CANCELLED)}, 0, NULL},
        {"cancelled before the acknowledgement", S(SENT), ST(PENDING), 0, VENUE_CANCELLED, 0, 0, 0, S(DONE),
         ST(CANCELLED), 0, 0, {A(CANCELLED)}, 0, NULL},
        {"cancelled with more filled than told", S(WORKING), ST(PARTIAL), 40, VENUE_CANCELLED, 0, 70, 0,
         S(IN_DOUBT), ST(PARTIAL), 40, ALARM | QUERY, {A(IN_DOUBT)}, 0, "ENDED_WITH_MORE"},
        {"cancelled, never sent", S(ADMITTED), ST(PENDING), 0, VENUE_CANCELLED, 0, 0, 0, S(ADMITTED),
         ST(PENDING), 0, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"expired, never sent", S(ADMITTED), ST(PENDING), 0, VENUE_EXPIRED, 0, 0, 0, S(ADMITTED),
         ST(PENDING), 0, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"cancelled twice", S(DONE), ST(CANCELLED), 40, VENUE_CANCELLED, 0, 40, 0, S(DONE), ST(CANCELLED),
         40, 0, {0}, 0, NULL},
        {"cancelled after it was filled", S(DONE), ST(FILLED), 100, VENUE_CANCELLED, 0, 100, 0, S(DONE),
         ST(FILLED), 100, 0, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},
        {"expired", S(WORKING), ST(PARTIAL), 40, VENUE_EXPIRED, 0, 40, 0, S(DONE), ST(EXPIRED), 40, 0,
         {A(EXPIRED)}, 0, NULL},
        {"not understood", S(WORKING), ST(PENDING), 0, VENUE_UNEXPECTED, 0, 0, 0, S(WORKING), ST(PENDING), 0,
         0, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},

    };
    /* clang-format on */
    run_cases(cases, ARRAY_LEN(cases));
}

Test(execute, a_status_answer_is_a_snapshot_and_never_a_fill)
{
    /* clang-format off */
    static const struct fact_case cases[] = {
        {"works", S(SENT), ST(PENDING), 0, VENUE_STATUS, 0, 0, ST(PENDING), S(WORKING), ST(PENDING), 0, 0,
         {A(RECOVERED)}, 0, NULL},
        {"works as known", S(WORKING), ST(PARTIAL), 40, VENUE_STATUS, 0, 40, ST(PARTIAL), S(WORKING),
         ST(PARTIAL), 40, 0, {0}, 0, NULL},
        {"counts more", S(WORKING), ST(PARTIAL), 40, VENUE_STATUS, 0, 60, ST(PARTIAL), S(IN_DOUBT),
         ST(PARTIAL), 40, ALARM, {A(IN_DOUBT)}, 0, NULL},
        {"counts more, nothing here", S(SENT), ST(PENDING), 0, VENUE_STATUS, 0, 100, ST(FILLED), S(IN_DOUBT),
         ST(PENDING), 0, ALARM, {A(IN_DOUBT)}, 0, NULL},
        {"counts more, in doubt already", S(IN_DOUBT), ST(PARTIAL), 40, VENUE_STATUS, 0, 60, ST(PARTIAL),
         S(IN_DOUBT), ST(PARTIAL), 40, ALARM, {0}, 0, NULL},
        {"counts more, done here", S(DONE), ST(CANCELLED), 40, VENUE_STATUS, 0, 60, ST(CANCELLED), S(DONE),
         ST(CANCELLED), 40, ALARM, {0}, EXECUTE_ASIDE_STATUS_DIFFERS, NULL},
        {"works, done here", S(DONE), ST(CANCELLED), 40, VENUE_STATUS, 0, 40, ST(PARTIAL), S(DONE),
         ST(CANCELLED), 40, ALARM | CANCEL, {A(CANCEL_REQUESTED)}, 0, NULL},
        {"counts less", S(WORKING), ST(PARTIAL), 40, VENUE_STATUS, 0, 20, ST(PARTIAL), S(WORKING),
         ST(PARTIAL), 40, ALARM, {0}, EXECUTE_ASIDE_STATUS_DIFFERS, NULL},
        {"agrees again", S(IN_DOUBT), ST(PARTIAL), 40, VENUE_STATUS, 0, 40, ST(PARTIAL), S(WORKING),
         ST(PARTIAL), 40, 0, {A(RECOVERED)}, 0, NULL},
        {"cancelled there", S(WORKING), ST(PARTIAL), 40, VENUE_STATUS, 0, 40, ST(CANCELLED), S(DONE),
         ST(CANCELLED), 40, 0, {A(CANCELLED)}, 0, NULL},
        {"expired there", S(SENT), ST(PENDING), 0, VENUE_STATUS, 0, 0, ST(EXPIRED), S(DONE), ST(EXPIRED), 0,
         0, {A(EXPIRED)}, 0, NULL},
        {"rejected there", S(SENT), ST(PENDING), 0, VENUE_STATUS, 0, 0, ST(REJECTED), S(DONE), ST(REJECTED),
         0, 0, {A(REJECTED)}, 0, NULL},
        {"filled there with less than the order", S(WORKING), ST(PARTIAL), 40, VENUE_STATUS, 0, 40,
         ST(FILLED), S(WORKING), ST(PARTIAL), 40, ALARM, {0}, EXECUTE_ASIDE_STATUS_DIFFERS, NULL},
        {"of one never sent", S(ADMITTED), ST(PENDING), 0, VENUE_STATUS, 0, 0, ST(PENDING), S(ADMITTED),
         ST(PENDING), 0, ALARM, {0}, EXECUTE_ASIDE_UNEXPECTED_REPORT, NULL},

    };
    /* clang-format on */
    run_cases(cases, ARRAY_LEN(cases));
}

Test(execute, not_known_sends_again_only_what_was_never_seen_there)
{
    /* clang-format off */
    static const struct fact_case cases[] = {
        {"sent", S(SENT), ST(PENDING), 0, VENUE_UNKNOWN_ORDER, 0, 0, 0, S(SENT), ST(PENDING), 0, RESEND,
         {A(RETRIED)}, 0, NULL},
        {"working", S(WORKING), ST(PENDING), 0, VENUE_UNKNOWN_ORDER, 0, 0, 0, S(IN_DOUBT), ST(PENDING), 0,
         ALARM, {A(IN_DOUBT)}, 0, NULL},
        {"filled in part", S(WORKING), ST(PARTIAL), 40, VENUE_UNKNOWN_ORDER, 0, 0, 0, S(IN_DOUBT),
         ST(PARTIAL), 40, ALARM, {A(IN_DOUBT)}, 0, NULL},
        {"not sent yet", S(ADMITTED), ST(PENDING), 0, VENUE_UNKNOWN_ORDER, 0, 0, 0, S(ADMITTED), ST(PENDING), 0,
         0, {0}, 0, NULL},
        {"done", S(DONE), ST(FILLED), 100, VENUE_UNKNOWN_ORDER, 0, 0, 0, S(DONE), ST(FILLED), 100, 0, {0}, 0,
         NULL},

    };
    /* clang-format on */
    run_cases(cases, ARRAY_LEN(cases));
}

static struct execute_effect effect;

static void answer_not_known(struct execution *order)
{
    struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0);
    execution_asked(&order->questions);
    execute_report(order, &report, NULL, execute_begin(&effect, &policy, now));
}

/* The second witness: it is asked to cancel the order as well, and does not know it then either. */
static void answer_cancel_not_known(struct execution *order)
{
    struct venue_event report = report_of(VENUE_CANCEL_REJECTED, 0);
    report.not_known = true;
    cr_expect(effect.cancel);
    cr_expect_neq(order->state, EXECUTION_STATE_DONE, "one answer is not enough");
    execute_report(order, &report, NULL, execute_begin(&effect, &policy, now));
}

Test(execute, an_order_is_sent_at_most_as_often_as_the_policy_says)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    for (int attempt = 2; attempt <= policy.attempts_max; attempt++) {
        answer_not_known(&order);
        cr_expect(effect.resend);
        cr_expect_eq(order.attempts, attempt);
    }
    answer_not_known(&order);
    cr_expect_not(effect.resend);
    answer_cancel_not_known(&order);
    cr_expect_eq(order.status, ORDER_STATUS_REJECTED);
    cr_expect_str_eq(order.reason, "EXCHANGE_UNAVAILABLE");
    cr_expect(decimal_is_zero(order.reserved));
}

Test(execute, a_refusal_says_what_the_exchange_said_and_the_next_step)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"Unknown symbol", "The exchange refused the order: Unknown symbol; correct it and send a new one."},
        {"", "The exchange refused the order: it gave no reason; correct it and send a new one."},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(S(SENT), ST(PENDING), 0);
        struct venue_event report = report_of(VENUE_REJECTED, 0);
        (void)snprintf(report.text, sizeof(report.text), "%s", cases[i].text);
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect_str_eq(order.reason, "EXCHANGE_REJECTED");
        cr_expect_str_eq(effect.events[0].message, cases[i].message);
    }
}

Test(execute, a_cancel_requested_order_is_never_sent_again)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    order.cancel_requested_at = now;
    answer_not_known(&order);
    cr_expect_not(effect.resend);
    answer_cancel_not_known(&order);
    cr_expect_eq(order.status, ORDER_STATUS_CANCELLED);
}

Test(execute, a_day_order_past_its_day_is_never_sent)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    order.expires_at = now;
    answer_not_known(&order);
    cr_expect_not(effect.resend);
    answer_cancel_not_known(&order);
    cr_expect_eq(order.status, ORDER_STATUS_EXPIRED);

    order = order_in(S(ADMITTED), ST(PENDING), 0);
    order.expires_at = (struct instant){now.us + 1};
    execute_tick(&order, true, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.state, EXECUTION_STATE_ADMITTED, "its day is not over");
    order.expires_at = now;
    execute_tick(&order, true, execute_begin(&effect, &policy, now));
    cr_expect_eq(order.status, ORDER_STATUS_EXPIRED);
    cr_expect(decimal_is_zero(order.reserved));
    cr_expect_eq(effect.events[0].action, AUDIT_ACTION_EXPIRED);
}

Test(execute, a_duplicate_changes_nothing_and_one_that_differs_is_put_aside)
{
    struct execution order = order_in(S(WORKING), ST(PARTIAL), 40), before = order;
    struct venue_event report = fill_of(40, 40);
    struct execute_fill recorded = {.quantity = whole(40), .price = whole(10), .exec_id = "E1"};
    execute_report(&order, &report, &recorded, execute_begin(&effect, &policy, now));
    cr_expect(effect.duplicate);
    cr_expect_not(effect.changed);
    cr_expect_eq(effect.event_count, 0);
    cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0);

    static const struct {
        int64_t quantity, price;
    } others[] = {{40, 11}, {41, 10}};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        report.last_quantity = whole(others[i].quantity);
        report.last_price = whole(others[i].price);
        execute_report(&order, &report, &recorded, execute_begin(&effect, &policy, now));
        cr_expect_not(effect.duplicate);
        cr_expect(effect.alarm);
        cr_expect_eq(effect.aside, EXECUTE_ASIDE_DUPLICATE_DIFFERS);
        cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0);
    }
}

Test(execute, a_fill_counts_only_when_it_names_its_execution_a_price_and_no_other_symbol)
{
    static const struct {
        const char *name, *symbol, *exec_id;
        int64_t price;
        bool counts;
    } cases[] = {
        {"its symbol", "AAPL", "E1", 10, true},      {"no symbol", "", "E1", 10, true},
        {"another symbol", "MSFT", "E1", 10, false}, {"no execution", "AAPL", "", 10, false},
        {"no price", "AAPL", "E1", 0, false},        {"a negative price", "AAPL", "E1", -10, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(S(WORKING), ST(PENDING), 0);
        struct venue_event report = fill_of(40, 40);
        (void)snprintf(report.symbol, sizeof(report.symbol), "%s", cases[i].symbol);
        (void)snprintf(report.exec_id, sizeof(report.exec_id), "%s", cases[i].exec_id);
        report.last_price = whole(cases[i].price);
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        cr_expect_eq(effect.filled, cases[i].counts, "%s", cases[i].name);
        cr_expect_eq(order.filled.units, whole(cases[i].counts ? 40 : 0).units, "%s", cases[i].name);
        cr_expect_eq(effect.aside == EXECUTE_ASIDE_UNEXPECTED_REPORT, !cases[i].counts, "%s", cases[i].name);
        cr_expect_eq(effect.alarm, !cases[i].counts, "%s", cases[i].name);
    }
}

Test(execute, figures_that_no_column_holds_are_put_aside)
{
    struct execution order = order_in(S(WORKING), ST(PENDING), 0);
    struct venue_event report = fill_of(40, 40);
    report.last_price = decimal_from_units(INT64_MAX);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_OUT_OF_RANGE);
    cr_expect(effect.alarm);
    cr_expect(decimal_is_zero(order.filled));
}

/* A reserve price that no admission leaves stands for a row that somebody has edited. */
Test(execute, a_step_that_the_record_cannot_hold_is_put_aside_and_the_exchange_is_asked_for_nothing)
{
    static const struct {
        const char *name;
        enum execution_state state;
        enum venue_event_type type;
        int64_t cum;
        bool cancels;
    } cases[] = {
        {"acknowledged", S(SENT), VENUE_ACKNOWLEDGED, 0, false},
        {"acknowledged, and a cancel waits", S(SENT), VENUE_ACKNOWLEDGED, 0, true},
        {"filled in part", S(WORKING), VENUE_FILL, 40, false},
        {"a status that counts more", S(WORKING), VENUE_STATUS, 40, false},
        {"not known: sent again", S(SENT), VENUE_UNKNOWN_ORDER, 0, false},
        {"the cancel is refused", S(WORKING), VENUE_CANCEL_REJECTED, 0, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(cases[i].state, ST(PENDING), 0);
        struct venue_event report =
            cases[i].type == VENUE_FILL ? fill_of(40, 40) : report_of(cases[i].type, cases[i].cum);
        order.reserve_price = decimal_from_units(INT64_MAX);
        order.cancel_requested_at = cases[i].cancels ? now : (struct instant){0};
        struct execution before = order;
        execution_asked(&order.questions);
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
        before.questions = order.questions;
        before.venue_known = order.venue_known; /* what is proved is proved */
        cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0, "%s: the order stays", cases[i].name);
        cr_expect_not(effect.filled || effect.query || effect.resend || effect.cancel, "%s", cases[i].name);
        cr_expect_eq(effect.event_count, 0, "%s", cases[i].name);
        cr_expect_eq(effect.aside, EXECUTE_ASIDE_OUT_OF_RANGE, "%s", cases[i].name);
        cr_expect(effect.alarm, "%s", cases[i].name);
    }
}

Test(execute, events_tell_the_fill_and_the_order_after_it)
{
    struct execution order = order_in(S(WORKING), ST(PARTIAL), 40);
    struct venue_event report = fill_of(20, 60);
    report.last_price = whole(13);
    order.trace_id[15] = 7;
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, now));
    const struct event *event = &effect.events[0];
    cr_assert_eq(effect.event_count, 1);
    cr_expect_eq(event->quantity.units, whole(20).units);
    cr_expect_eq(event->price.units, whole(13).units);
    cr_expect_eq(event->total_filled.units, whole(60).units);
    cr_expect_eq(event->average_price.units, whole(11).units, "(40 × 10 + 20 × 13) ÷ 60");
    cr_expect_eq(event->status, ORDER_STATUS_PARTIAL);
    cr_expect_str_eq(event->venue, "SIM");
    cr_expect_str_eq(event->venue_exec_id, "E1");
    cr_expect_str_eq(event->actor, "executor");
    cr_expect(event->has_trace_id && event->trace_id[15] == 7);
    cr_expect_eq(event->occurred_at.us, now.us);
}

Test(execute, a_claim_tells_executed_with_the_orders_figures)
{
    struct execution order = order_in(S(ADMITTED), ST(PENDING), 0);
    int attempts = order.attempts;
    cr_expect_eq(execute_claim(&order, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_SEND);
    cr_expect_eq(order.state, S(SENT));
    cr_expect_eq(order.attempts, attempts + 1);
    cr_expect_eq(order.next_check_at.us, now.us + policy.answer_timeout_us);
    cr_assert_eq(effect.event_count, 1);
    cr_expect_eq(effect.events[0].action, AUDIT_ACTION_EXECUTED);
    cr_expect_eq(effect.events[0].execution_state, EXECUTION_STATE_SENT);
    cr_expect_eq(effect.events[0].quantity.units, whole(100).units);
    cr_expect_not(effect.events[0].has_average_price);
}

Test(execute, what_must_not_go_out_any_more_is_not_claimed)
{
    static const enum execution_state states[] = {S(SENT), S(WORKING), S(IN_DOUBT), S(DONE)};
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct execution order = order_in(states[i], ST(PENDING), 0), before = order;
        cr_expect_eq(execute_claim(&order, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_DROP);
        cr_expect_eq(memcmp(&order, &before, sizeof(order)), 0);
        cr_expect_not(effect.changed || effect.event_count > 0);
    }
    struct execution cancelled = order_in(S(ADMITTED), ST(PENDING), 0), old = cancelled;
    cancelled.cancel_requested_at = now;
    cr_expect_eq(execute_claim(&cancelled, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_DROP);
    old.expires_at = now;
    cr_expect_eq(execute_claim(&old, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_DROP);
}

Test(execute, an_order_that_is_held_stays_admitted_and_says_why_once)
{
    struct execution order = order_in(S(ADMITTED), ST(PENDING), 0);
    order.held_by = REJECT_TRADING_HALTED;
    cr_expect_eq(execute_claim(&order, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_HOLD);
    cr_expect_eq(order.state, S(ADMITTED));
    cr_expect_str_eq(order.reason, "TRADING_HALTED");
    cr_expect(effect.changed && effect.event_count == 0);
    cr_expect_eq(execute_claim(&order, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_HOLD);
    cr_expect_not(effect.changed, "it is on record");
    order.held_by = 0;
    cr_expect_eq(execute_claim(&order, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_SEND);
    cr_expect_str_eq(order.reason, "");
}

Test(execute, an_order_that_has_to_end_ends_though_it_is_held)
{
    struct execution cancelled = order_in(S(ADMITTED), ST(PENDING), 0), old = cancelled;
    cancelled.held_by = old.held_by = REJECT_TRADING_HALTED;
    execute_step_hold(&cancelled, &effect);
    cancelled.cancel_requested_at = now;
    cr_expect_eq(execute_claim(&cancelled, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_DROP);
    execute_command_cancel(&cancelled, execute_begin(&effect, &policy, now));
    cr_expect_eq(cancelled.status, ST(CANCELLED));
    cr_expect_str_eq(cancelled.reason, "");
    old.expires_at = now;
    cr_expect_eq(execute_claim(&old, execute_begin(&effect, &policy, now)), EXECUTE_CLAIM_DROP);
    execute_tick(&old, true, execute_begin(&effect, &policy, now));
    cr_expect_eq(old.status, ST(EXPIRED));
}

Test(execute, an_order_that_the_exchange_does_not_know_is_not_sent_again_while_it_is_held)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    struct instant at = now;
    order.held_by = REJECT_TRADING_HALTED;
    for (int i = 0; i < 10; i++) { /* however long it takes */
        order.questions.wait = EXECUTE_WAIT_TURN;
        order.next_check_at = at;
        execute_tick(&order, true, execute_begin(&effect, &policy, at));
        cr_assert(effect.query);
        execution_asked(&order.questions);
        struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0);
        execute_report(&order, &report, NULL, execute_begin(&effect, &policy, at));
        cr_assert_not(effect.resend);
        cr_assert_eq(order.state, S(SENT));
        cr_assert_str_eq(order.reason, "TRADING_HALTED");
        cr_assert_gt(order.next_check_at.us, at.us);
        at = order.next_check_at;
    }
    order.held_by = 0;
    execute_tick(&order, true, execute_begin(&effect, &policy, at));
    execution_asked(&order.questions);
    struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0);
    execute_report(&order, &report, NULL, execute_begin(&effect, &policy, at));
    cr_expect(effect.resend);
    cr_expect_str_eq(order.reason, "");
}

Test(execute, operations_cannot_have_an_order_sent_again_that_is_held)
{
    struct execution order = order_in(S(IN_DOUBT), ST(PENDING), 0);
    const struct execute_resolve retry = {.action = RESOLVE_ACTION_RETRY, .actor = "operator"};
    order.held_by = REJECT_ACCOUNT_NOT_ACTIVE;
    execute_command_resolve(&order, &retry, NULL, execute_begin(&effect, &policy, now));
    cr_expect_not(effect.resend);
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_NOT_RESOLVED);
    cr_expect_eq(order.state, S(IN_DOUBT));
}

Test(execute, a_market_order_goes_out_without_a_price)
{
    struct execution order = order_in(S(SENT), ST(PENDING), 0);
    struct venue_order outgoing;
    execution_venue_order(&order, true, &outgoing);
    cr_expect_eq(outgoing.price.units, whole(10).units);
    cr_expect(outgoing.possible_resend);
    order.order_type = ORDER_TYPE_MARKET;
    execution_venue_order(&order, false, &outgoing);
    cr_expect(decimal_is_zero(outgoing.price));
}

struct reservation_case {
    enum execution_state state;
    int64_t filled, reserving;
    int64_t price_units;
    int64_t wanted_units;
};

Test(execute, a_reservation_covers_what_is_left_rounded_up)
{
    static const struct reservation_case cases[] = {
        {S(WORKING), 0, 100, 1000000000, 100000000000},
        {S(WORKING), 40, 100, 1000000000, 60000000000},
        {S(WORKING), 100, 100, 1000000000, 0},
        {S(WORKING), 130, 100, 1000000000, 0},
        {S(WORKING), 10, 30, 1000000000, 30000000000}, /* the last 30 of a SELL open a short */
        {S(WORKING), 70, 30, 1000000000, 30000000000},
        {S(WORKING), 80, 30, 1000000000, 20000000000},
        {S(WORKING), 130, 30, 1000000000, 0},
        {S(WORKING), 97, 100, 1, 3},
        {S(DONE), 40, 100, 1000000000, 0},
        {S(WORKING), 0, 0, 1000000000, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution order = order_in(S(WORKING), ST(PENDING), 0);
        struct decimal reserved;
        order.state = cases[i].state;
        order.filled = whole(cases[i].filled);
        order.reserve_quantity = whole(cases[i].reserving);
        order.reserve_price = decimal_from_units(cases[i].price_units);
        cr_assert_eq(execution_reservation(&order, &reserved), 0);
        cr_expect_eq(reserved.units, cases[i].wanted_units, "case %zu: %lld", i, (long long)reserved.units);
    }
    struct execution half = order_in(S(WORKING), ST(PENDING), 0);
    struct decimal reserved;
    half.reserve_quantity = decimal_from_units(DECIMAL_ONE / 2);
    half.reserve_price = decimal_from_units(1);
    cr_assert_eq(execution_reservation(&half, &reserved), 0);
    cr_expect_eq(reserved.units, 1, "half of the smallest amount is rounded up");
}
