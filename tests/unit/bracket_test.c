/* SPDX-License-Identifier: Apache-2.0 */
/* The legs of an entry: what is made, grown, shrunk and cancelled, and what the exchange is asked for. */
#include "tests/unit/bracket_support.h"

Test(bracket, a_leg_stands_on_the_other_side_of_its_entry)
{
    static const struct {
        enum side side, leg_side;
        enum execute_leg which;
        enum order_type type;
        int64_t price;
    } cases[] = {
        {SIDE_BUY, SIDE_SELL, EXECUTE_STOP_LOSS, ORDER_TYPE_STOP, 90},
        {SIDE_BUY, SIDE_SELL, EXECUTE_TAKE_PROFIT, ORDER_TYPE_LIMIT, 120},
        {SIDE_SELL, SIDE_BUY, EXECUTE_STOP_LOSS, ORDER_TYPE_STOP, 90},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution entry = make_entry(cases[i].side), leg;
        bracket_make_leg(&entry, cases[i].which, whole(30), id_of(4), &leg);
        cr_expect_eq(leg.side, cases[i].leg_side);
        cr_expect_eq(leg.order_type, cases[i].type);
        EXPECT_DECIMAL(leg.price, cases[i].price);
        EXPECT_DECIMAL(leg.quantity, 30);
        EXPECT_DECIMAL(leg.protects, 30);
        cr_expect_eq(leg.time_in_force, TIME_IN_FORCE_GTC, "the position outlives the day");
        cr_expect(execution_is_leg(&leg) && !execution_is_leg(&entry));
        cr_expect(execution_is_bracket(&entry) && !execution_is_bracket(&leg));
        cr_expect_eq(leg.lane, 3);
        cr_expect_eq(leg.trace_id[0], 7, "the entry's trace");
    }
}

Test(bracket, a_leg_is_submitted_and_approved)
{
    struct execution entry = make_entry(SIDE_BUY), leg;
    bracket_make_leg(&entry, EXECUTE_STOP_LOSS, whole(30), id_of(4), &leg);
    bracket_submit(&leg, execute_begin(&effect, &policy, now));
    cr_expect_eq(leg.state, EXECUTION_STATE_ADMITTED);
    cr_assert_eq(effect.event_count, 2);
    cr_expect_eq(effect.events[0].action, AUDIT_ACTION_SUBMITTED);
    cr_expect(strstr(effect.events[0].message, "Stop loss of order 01000000-") != NULL);
    cr_expect_eq(effect.events[1].action, AUDIT_ACTION_APPROVED);
    cr_expect(!effect.alarm && effect.changed);
    bracket_make_leg(&entry, EXECUTE_TAKE_PROFIT, whole(30), id_of(4), &leg);
    bracket_submit(&leg, execute_begin(&effect, &policy, now));
    cr_expect(strstr(effect.events[0].message, "Take profit of order 01000000-") != NULL);
}

Test(bracket, a_fill_joins_the_latest_legs_while_one_of_them_can_grow)
{
    struct execution open = leg_in(EXECUTION_STATE_WORKING, 0, 0), done = leg_in(EXECUTION_STATE_DONE, 0, 0);
    struct execution leaving = open, entry = make_entry(SIDE_BUY), finished = entry;
    leaving.cancel_requested_at = now;
    finished.state = EXECUTION_STATE_DONE;
    const struct {
        const char *fact;
        const struct execution *entry, *stop, *profit;
        bool joins;
    } cases[] = {
        {"no legs yet", &entry, NULL, NULL, false},
        {"both are open", &entry, &open, &open, true},
        {"only the stop loss is wanted", &entry, &open, NULL, true},
        {"only the take profit is wanted", &entry, NULL, &open, true},
        {"the stop loss has ended", &entry, &done, &open, true},
        {"one has ended, the other is being cancelled", &entry, &done, &leaving, false},
        {"both have ended", &entry, &done, &done, false},
        {"the entry had ended: a late fill", &finished, &open, &open, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct execution *const legs[EXECUTE_LEGS] = {cases[i].stop, cases[i].profit};
        cr_expect_eq(bracket_joins(cases[i].entry, legs), cases[i].joins, "%s", cases[i].fact);
    }
}

Test(bracket, a_leg_grows_by_the_entrys_fill)
{
    static const struct {
        const char *fact;
        enum execution_state state;
        bool cancelled;
        int64_t quantity;
        bool replace;
        size_t events;
    } cases[] = {
        {"not sent: only larger", EXECUTION_STATE_ADMITTED, false, 130, false, 0},
        {"sent: told when it is acknowledged", EXECUTION_STATE_SENT, false, 130, false, 1},
        {"working: told now", EXECUTION_STATE_WORKING, false, 130, true, 1},
        {"in doubt: told when it is found", EXECUTION_STATE_IN_DOUBT, false, 130, false, 1},
        {"being cancelled: let go", EXECUTION_STATE_WORKING, true, 100, false, 0},
        {"ended: only its pair's cover grows", EXECUTION_STATE_DONE, false, 100, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(cases[i].state, 0, 0);
        if (cases[i].cancelled)
            leg.cancel_requested_at = now;
        bracket_grow(&leg, whole(30), execute_begin(&effect, &policy, now));
        EXPECT_DECIMAL(leg.protects, 130);
        EXPECT_DECIMAL(leg.quantity, cases[i].quantity);
        cr_expect_eq(effect.replace, cases[i].replace, "%s", cases[i].fact);
        cr_expect_eq(effect.event_count, cases[i].events, "%s: %zu events", cases[i].fact,
                     effect.event_count);
        if (effect.event_count > 0) {
            cr_expect_eq(effect.events[0].action, AUDIT_ACTION_EXECUTED);
            cr_expect_str_eq(effect.events[0].reason, EXECUTE_REASON_RESIZED);
            cr_expect_str_eq(effect.events[0].message, "Resized from 100 to 130");
        }
        if (effect.replace)
            cr_expect_eq(leg.next_check_at.us, now.us + policy.answer_timeout_us);
    }
}

Test(bracket, a_leg_shrinks_by_its_siblings_fill_and_goes_with_the_last_of_it)
{
    static const struct {
        const char *fact;
        enum execution_state state;
        int64_t filled, sibling_fill, quantity;
        enum execution_state to_state;
        bool cancel_requested, cancel, replace;
    } cases[] = {
        {"part", EXECUTION_STATE_WORKING, 0, 40, 60, EXECUTION_STATE_WORKING, false, false, true},
        {"part, when it has executed too", EXECUTION_STATE_WORKING, 30, 40, 60, EXECUTION_STATE_WORKING,
         false, false, true},
        {"all", EXECUTION_STATE_WORKING, 0, 100, 100, EXECUTION_STATE_WORKING, true, true, false},
        {"all that it has left", EXECUTION_STATE_WORKING, 30, 70, 100, EXECUTION_STATE_WORKING, true, true,
         false},
        {"more than it has left", EXECUTION_STATE_WORKING, 30, 100, 100, EXECUTION_STATE_WORKING, true, true,
         false},
        {"all, before it was sent", EXECUTION_STATE_ADMITTED, 0, 100, 100, EXECUTION_STATE_DONE, true, false,
         false},
        {"all, before it is acknowledged: it waits", EXECUTION_STATE_SENT, 0, 100, 100, EXECUTION_STATE_SENT,
         true, false, false},
        {"it has ended", EXECUTION_STATE_DONE, 0, 100, 100, EXECUTION_STATE_DONE, false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(cases[i].state, cases[i].filled, 0);
        bracket_shrink(&leg, whole(cases[i].sibling_fill), execute_begin(&effect, &policy, now));
        EXPECT_DECIMAL(leg.quantity, cases[i].quantity);
        EXPECT_DECIMAL(leg.sibling_filled, cases[i].sibling_fill);
        cr_expect_eq(leg.state, cases[i].to_state, "%s", cases[i].fact);
        cr_expect_eq(leg.cancel_requested_at.us != 0, cases[i].cancel_requested, "%s", cases[i].fact);
        cr_expect_eq(effect.cancel, cases[i].cancel, "%s", cases[i].fact);
        cr_expect_eq(effect.replace, cases[i].replace, "%s", cases[i].fact);
        if (cases[i].cancel_requested)
            cr_expect_str_eq(effect.events[0].reason, EXECUTE_REASON_OCO);
    }
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
    leg.cancel_requested_at = now;
    bracket_shrink(&leg, whole(40), execute_begin(&effect, &policy, now));
    EXPECT_DECIMAL(leg.quantity, 100);
    bracket_shrink(&leg, whole(60), execute_begin(&effect, &policy, now));
    cr_expect_eq(effect.event_count, 0, "its cancel is under way already");
}

Test(bracket, a_pair_counts_once_while_one_of_it_is_open)
{
    struct execution open = leg_in(EXECUTION_STATE_WORKING, 10, 20);
    struct execution done = leg_in(EXECUTION_STATE_DONE, 20, 10),
                     all = leg_in(EXECUTION_STATE_WORKING, 30, 80);
    EXPECT_DECIMAL(bracket_open(&open, &done), 70);
    EXPECT_DECIMAL(bracket_open(&done, &open), 70);
    EXPECT_DECIMAL(bracket_open(&open, NULL), 70);
    EXPECT_DECIMAL(bracket_open(&done, &done), 0);
    EXPECT_DECIMAL(bracket_open(&done, NULL), 0);
    EXPECT_DECIMAL(bracket_open(&all, NULL), 0);
    cr_expect(leg_is_closed(&all) && !leg_is_closed(&open));
    struct execution entry = make_entry(SIDE_BUY);
    cr_expect(!leg_is_closed(&entry), "no leg");
    EXPECT_DECIMAL(execution_open_quantity(&open), 0);
}

Test(bracket, the_exchanges_word_on_the_quantity_decides_what_it_is_asked)
{
    struct execution leg = leg_in(EXECUTION_STATE_SENT, 0, 0);
    struct venue_event report = report_of(VENUE_ACKNOWLEDGED, 0, 100);
    leg.quantity = leg.protects = whole(130); /* the entry was filled meanwhile */
    tell(&leg, &report);
    cr_expect_eq(leg.state, EXECUTION_STATE_WORKING);
    cr_expect(effect.replace, "it has an older quantity");

    leg.questions.asked_quantity = leg.quantity;
    leg.quantity = leg.protects = whole(150);
    report = fill_of(10, 10, 100);
    tell(&leg, &report);
    cr_expect(!effect.replace, "one replace at a time");
    report = report_of(VENUE_REPLACED, 10, 130);
    tell(&leg, &report);
    cr_expect(effect.replace, "the next one");
    leg.questions.asked_quantity = leg.quantity;
    report.order_quantity = decimal_zero(); /* a venue that does not say */
    tell(&leg, &report);
    cr_expect(!effect.replace && leg.next_check_at.us == 0, "now they agree");
    EXPECT_DECIMAL(leg.questions.venue_quantity, 150);

    report = report_of(VENUE_STATUS, 10, 130);
    report.venue_status = ORDER_STATUS_PARTIAL;
    report.possible_duplicate = true;
    tell(&leg, &report);
    cr_expect(!effect.replace, "a repeated answer may be old");
    report.possible_duplicate = false;
    tell(&leg, &report);
    cr_expect(effect.replace, "a new one counts");
    execution_session_lost(&leg.questions);
    cr_expect(!execution_wants_replace(&leg.questions, leg.quantity), "a new session asks first");
}

Test(bracket, a_replace_without_answer_is_asked_about_and_made_again)
{
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
    struct instant later = {now.us + policy.answer_timeout_us};
    bracket_grow(&leg, whole(30), execute_begin(&effect, &policy, now));
    leg.questions.asked_quantity = leg.quantity;
    execute_tick(&leg, true, execute_begin(&effect, &policy, later));
    cr_expect(effect.query && !effect.replace);
    cr_expect_eq(leg.next_check_at.us, later.us + policy.answer_timeout_us);
    struct venue_event report = report_of(VENUE_STATUS, 0, 100);
    report.venue_status = ORDER_STATUS_PENDING;
    tell(&leg, &report);
    cr_expect(effect.replace);
}

Test(bracket, a_refused_replace_waits_before_it_is_made_again)
{
    static const struct {
        const char *fact;
        enum order_status venue_status;
        bool query, aside;
    } cases[] = {
        {"nothing said", (enum order_status)0, false, true},
        {"it works", ORDER_STATUS_PENDING, false, true},
        {"it works, in part", ORDER_STATUS_PARTIAL, false, true},
        {"it has ended there: how?", ORDER_STATUS_FILLED, true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
        struct venue_event report = report_of(VENUE_CANCEL_REJECTED, 0, 0);
        report.of_replace = true;
        report.venue_status = cases[i].venue_status;
        bracket_grow(&leg, whole(30), execute_begin(&effect, &policy, now));
        leg.questions.asked_quantity = leg.quantity;
        tell(&leg, &report);
        cr_expect_eq(effect.query, cases[i].query, "%s", cases[i].fact);
        cr_expect_eq(effect.aside != EXECUTE_ASIDE_NONE, cases[i].aside, "%s", cases[i].fact);
        cr_expect(!effect.replace, "%s", cases[i].fact);
        cr_expect_eq(leg.next_check_at.us, now.us + policy.answer_timeout_us);
    }
    struct execution leg = leg_in(EXECUTION_STATE_SENT, 0, 0), entry = make_entry(SIDE_BUY);
    struct venue_event report = report_of(VENUE_CANCEL_REJECTED, 0, 0);
    report.of_replace = true;
    tell(&leg, &report);
    cr_expect(!effect.changed, "not working");
    tell(&entry, &report);
    cr_expect(!effect.changed, "no leg");
}

Test(bracket, both_legs_executed_are_flagged_and_the_rest_is_called_back)
{
    static const struct {
        const char *fact;
        int64_t filled, sibling_filled, venue_quantity, fill;
        enum execution_state to_state;
        const char *flag;
        bool cancel;
    } cases[] = {
        {"the last of the pair", 0, 40, 60, 60, EXECUTION_STATE_DONE, NULL, false},
        {"all of it, before the smaller quantity arrived", 0, 40, 100, 100, EXECUTION_STATE_DONE, "BOTH_LEGS",
         false},
        {"part of it", 0, 40, 100, 80, EXECUTION_STATE_WORKING, "BOTH_LEGS", true},
        {"part of it, quantity there not known", 0, 40, 0, 80, EXECUTION_STATE_WORKING, "BOTH_LEGS", true},
        {"after the sibling has taken all", 0, 100, 100, 100, EXECUTION_STATE_DONE, "BOTH_LEGS", false},
        {"part, after the sibling has taken all", 0, 100, 100, 30, EXECUTION_STATE_WORKING, "BOTH_LEGS",
         true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(EXECUTION_STATE_WORKING, cases[i].filled, cases[i].sibling_filled);
        struct venue_event report = fill_of(cases[i].fill, cases[i].filled + cases[i].fill, 0);
        leg.questions.venue_quantity = whole(cases[i].venue_quantity);
        tell(&leg, &report);
        cr_assert(effect.filled, "%s", cases[i].fact);
        cr_expect_eq(leg.state, cases[i].to_state, "%s: %s", cases[i].fact, execution_state_text(leg.state));
        if (cases[i].flag == NULL)
            cr_expect_null(effect.fill.flag, "%s", cases[i].fact);
        else
            cr_expect_str_eq(effect.fill.flag, cases[i].flag, "%s", cases[i].fact);
        cr_expect_eq(effect.alarm, cases[i].flag != NULL);
        cr_expect(!effect.halt_symbol, "%s: nobody else suffers", cases[i].fact);
        cr_expect_eq(effect.cancel, cases[i].cancel, "%s", cases[i].fact);
        cr_expect(leg.state != EXECUTION_STATE_DONE || leg.filled.units >= leg.quantity.units);
        cr_expect(leg.state == EXECUTION_STATE_DONE || leg.filled.units < leg.quantity.units);
    }
    /* The exchange executed more of one leg than it was ever told to. */
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
    struct venue_event report = fill_of(101, 101, 100);
    tell(&leg, &report);
    cr_expect_str_eq(effect.fill.flag, "OVERFILL");
    cr_expect(effect.halt_symbol);
}

Test(bracket, a_leg_that_the_exchange_filled_at_a_smaller_quantity_is_filled)
{
    for (int type = 0; type < 2; type++) {
        struct execution leg = leg_in(EXECUTION_STATE_WORKING, 60, 20);
        struct venue_event report = report_of(type == 0 ? VENUE_STATUS : VENUE_REPLACED, 60, 60);
        report.venue_status = ORDER_STATUS_FILLED;
        tell(&leg, &report);
        cr_expect_eq(leg.state, EXECUTION_STATE_DONE);
        cr_expect_eq(leg.status, ORDER_STATUS_FILLED);
        EXPECT_DECIMAL(leg.quantity, 60);
        cr_expect_eq(effect.event_count, 1);
        tell(&leg, &report);
        cr_expect(!effect.changed, "once");
    }
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
    struct venue_event report = report_of(VENUE_STATUS, 0, 100);
    report.venue_status = ORDER_STATUS_FILLED;
    tell(&leg, &report);
    cr_expect_eq(leg.state, EXECUTION_STATE_WORKING, "FILLED with nothing executed makes no sense");
}

Test(bracket, a_leg_that_was_filled_before_it_could_grow_has_a_successor)
{
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 40, 10),
                     sibling = leg_in(EXECUTION_STATE_WORKING, 10, 40);
    struct execution before = leg, next, entry = make_entry(SIDE_BUY);
    struct venue_event report = report_of(VENUE_STATUS, 40, 40);
    report.venue_status = ORDER_STATUS_FILLED;
    sibling.id = id_of(5);
    sibling.sibling_id = id_of(4);
    cr_expect(!bracket_fell_short(&before, &leg), "it is open");
    tell(&leg, &report);
    cr_expect(bracket_fell_short(&before, &leg));
    cr_expect(!bracket_fell_short(&leg, &leg), "once");
    cr_expect(!bracket_fell_short(&entry, &entry), "no leg");

    bracket_succeed(&leg, &sibling, id_of(6), &next);
    EXPECT_DECIMAL(next.quantity, 50);
    EXPECT_DECIMAL(next.protects, 60);
    EXPECT_DECIMAL(next.sibling_filled, 10);
    cr_expect_eq(next.state, EXECUTION_STATE_ADMITTED);
    cr_expect_eq(uuid_compare(next.sibling_id, sibling.id), 0);
    cr_expect_eq(uuid_compare(sibling.sibling_id, next.id), 0);
    EXPECT_DECIMAL(sibling.protects, 60);
    EXPECT_DECIMAL(sibling.sibling_filled, 0);
    EXPECT_DECIMAL(leg.protects, 40);
    cr_expect(uuid_is_nil(leg.sibling_id));
    EXPECT_DECIMAL(bracket_open(&next, &sibling), 50);
    EXPECT_DECIMAL(bracket_open(&leg, NULL), 0);

    leg = leg_in(EXECUTION_STATE_DONE, 40, 0);
    leg.status = ORDER_STATUS_FILLED;
    bracket_succeed(&leg, NULL, id_of(6), &next);
    EXPECT_DECIMAL(next.quantity, 60);
    cr_expect(uuid_is_nil(next.sibling_id));
}

Test(bracket, only_a_leg_filled_below_what_its_pair_leaves_fell_short)
{
    static const struct {
        const char *fact;
        enum order_status status;
        int64_t filled, sibling_filled;
        bool short_of;
    } cases[] = {
        {"filled, the entry had grown", ORDER_STATUS_FILLED, 60, 0, true},
        {"filled whole", ORDER_STATUS_FILLED, 100, 0, false},
        {"filled with what the sibling left", ORDER_STATUS_FILLED, 60, 40, false},
        {"cancelled by its trader", ORDER_STATUS_CANCELLED, 60, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution before = leg_in(EXECUTION_STATE_WORKING, 40, cases[i].sibling_filled), leg = before;
        leg.state = EXECUTION_STATE_DONE;
        leg.status = cases[i].status;
        leg.filled = whole(cases[i].filled);
        cr_expect_eq(bracket_fell_short(&before, &leg), cases[i].short_of, "%s", cases[i].fact);
    }
}

Test(bracket, a_replace_that_nobody_asked_for_is_put_aside)
{
    struct execution entry = make_entry(SIDE_BUY);
    struct venue_event report = report_of(VENUE_REPLACED, 0, 100);
    entry.attempts = 1;
    tell(&entry, &report);
    cr_expect_eq(effect.aside, EXECUTE_ASIDE_UNEXPECTED_REPORT);
}

Test(bracket, a_replaced_leg_works_unless_it_has_ended)
{
    static const struct {
        const char *fact;
        enum execution_state state, to_state;
        bool cancels, waits; /* waits: its next check stays */
    } cases[] = {
        {"before its acknowledgement", EXECUTION_STATE_SENT, EXECUTION_STATE_WORKING, false, false},
        {"in doubt", EXECUTION_STATE_IN_DOUBT, EXECUTION_STATE_WORKING, false, false},
        {"working", EXECUTION_STATE_WORKING, EXECUTION_STATE_WORKING, false, false},
        {"its cancel is under way", EXECUTION_STATE_WORKING, EXECUTION_STATE_WORKING, true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(cases[i].state, 0, 0);
        struct venue_event report = report_of(VENUE_REPLACED, 0, 100);
        leg.venue_known = true;
        leg.next_check_at = now;
        leg.cancel_requested_at = cases[i].cancels ? now : (struct instant){0};
        tell(&leg, &report);
        cr_expect_eq(leg.state, cases[i].to_state, "%s", cases[i].fact);
        cr_expect_eq(leg.next_check_at.us, cases[i].waits ? now.us : 0, "%s", cases[i].fact);
        cr_expect(effect.changed != cases[i].waits && !effect.replace, "%s", cases[i].fact);
    }
}

Test(bracket, a_leg_replaced_as_filled_ends_only_with_the_executions_that_make_it_so)
{
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 40, 40); /* 60 are wanted */
    struct venue_event report = report_of(VENUE_REPLACED, 60, 60);
    report.venue_status = ORDER_STATUS_FILLED;
    tell(&leg, &report);
    cr_expect_eq(leg.state, EXECUTION_STATE_WORKING);
    EXPECT_DECIMAL(leg.filled, 40);
    report = fill_of(20, 60, 60);
    tell(&leg, &report);
    cr_expect_eq(leg.status, ORDER_STATUS_FILLED);
    EXPECT_DECIMAL(leg.filled, 60);
}

Test(bracket, a_refused_cancel_of_a_closed_pairs_leg_is_asked_for_again)
{
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 100),
                     other = leg_in(EXECUTION_STATE_WORKING, 0, 0);
    struct venue_event report = report_of(VENUE_CANCEL_REJECTED, 0, 0);
    leg.cancel_requested_at = other.cancel_requested_at = now;
    tell(&leg, &report);
    cr_expect_eq(leg.cancel_requested_at.us, now.us);
    cr_expect_eq(leg.next_check_at.us, now.us + policy.answer_timeout_us);
    cr_expect_eq(effect.events[0].action, AUDIT_ACTION_CANCEL_REJECTED);
    tell(&other, &report);
    cr_expect_eq(other.cancel_requested_at.us, 0, "a trader's own cancel is over");
}

Test(bracket, a_leg_is_sent_again_after_an_outage)
{
    static const struct {
        enum execution_state state;
        int attempts;
        enum execution_state to_state;
        bool resend;
    } cases[] = {
        {EXECUTION_STATE_SENT, 1, EXECUTION_STATE_SENT, true},
        {EXECUTION_STATE_IN_DOUBT, 1, EXECUTION_STATE_SENT, true},
        {EXECUTION_STATE_IN_DOUBT, 3, EXECUTION_STATE_DONE, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(cases[i].state, 0, 0);
        struct venue_event report = report_of(VENUE_UNKNOWN_ORDER, 0, 0);
        leg.attempts = cases[i].attempts;
        leg.questions.checks = 3; /* could not be made */
        (void)snprintf(leg.reason, sizeof(leg.reason), "EXCHANGE_UNAVAILABLE");
        execution_asked(&leg.questions);
        tell(&leg, &report);
        bool resend = effect.resend;
        if (!resend) { /* the second witness */
            report = report_of(VENUE_CANCEL_REJECTED, 0, 0);
            report.not_known = true;
            tell(&leg, &report);
        }
        cr_expect_eq(leg.state, cases[i].to_state, "case %zu: %s", i, execution_state_text(leg.state));
        cr_expect_eq(resend, cases[i].resend, "case %zu", i);
    }
}
