/* SPDX-License-Identifier: Apache-2.0 */
/* What legs are for: what an entry leaves held, as long as it is held. */
#include "tests/unit/bracket_support.h"

Test(bracket_cut, legs_cover_what_of_a_fill_does_not_close_a_position)
{
    static const struct {
        const char *fact;
        enum side entry_side;
        int64_t held, fill, covers;
    } cases[] = {
        {"bought anew", SIDE_BUY, 100, 100, 100},
        {"bought beside what is held", SIDE_BUY, 150, 100, 100},
        {"covers a short of 50, and more", SIDE_BUY, 50, 100, 50},
        {"covers a short, exactly", SIDE_BUY, 0, 100, 0},
        {"covers a short in part", SIDE_BUY, -10, 40, 0},
        {"sold short", SIDE_SELL, -100, 100, 100},
        {"sold short beside what is", SIDE_SELL, -150, 100, 100},
        {"sells a holding of 60, and more", SIDE_SELL, -40, 100, 40},
        {"sells a holding, exactly", SIDE_SELL, 0, 100, 0},
        {"sells a holding in part", SIDE_SELL, 900, 100, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        EXPECT_DECIMAL(bracket_covers(cases[i].entry_side, whole(cases[i].held), whole(cases[i].fill)),
                       cases[i].covers);
    cr_expect_eq(bracket_covers(SIDE_SELL, decimal_from_units(INT64_MIN), whole(5)).units, whole(5).units);
}

Test(bracket_cut, pairs_have_no_more_left_than_is_held_on_the_other_side)
{
    static const struct {
        enum side leg_side;
        int64_t held, left, excess;
    } cases[] = {
        {SIDE_SELL, 100, 100, 0}, {SIDE_SELL, 100, 40, 0},    {SIDE_SELL, 60, 100, 40},
        {SIDE_SELL, 0, 100, 100}, {SIDE_SELL, -20, 100, 100}, {SIDE_SELL, -20, 0, 0},
        {SIDE_BUY, -100, 100, 0}, {SIDE_BUY, -60, 100, 40},   {SIDE_BUY, 0, 100, 100},
        {SIDE_BUY, 20, 100, 100},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        EXPECT_DECIMAL(bracket_excess(cases[i].leg_side, whole(cases[i].held), whole(cases[i].left)),
                       cases[i].excess);
}

Test(bracket_cut, a_leg_gives_up_what_the_position_does_not_hold_any_more)
{
    static const struct {
        const char *fact;
        enum execution_state state;
        int64_t filled, sibling_filled, cut, quantity;
        enum execution_state to_state;
        bool cancel_requested, cancel, replace;
    } cases[] = {
        {"part", EXECUTION_STATE_WORKING, 0, 0, 40, 60, EXECUTION_STATE_WORKING, false, false, true},
        {"part of what is left", EXECUTION_STATE_WORKING, 30, 20, 40, 40, EXECUTION_STATE_WORKING, false,
         false, true},
        {"part, before it is acknowledged: told then", EXECUTION_STATE_SENT, 0, 0, 40, 60,
         EXECUTION_STATE_SENT, false, false, false},
        {"all", EXECUTION_STATE_WORKING, 0, 0, 100, 100, EXECUTION_STATE_WORKING, true, true, false},
        {"all that is left", EXECUTION_STATE_WORKING, 30, 20, 50, 80, EXECUTION_STATE_WORKING, true, true,
         false},
        {"all, before it was sent", EXECUTION_STATE_ADMITTED, 0, 0, 100, 100, EXECUTION_STATE_DONE, true,
         false, false},
        {"all, before it is acknowledged: it waits", EXECUTION_STATE_SENT, 0, 0, 100, 100,
         EXECUTION_STATE_SENT, true, false, false},
        {"it has ended", EXECUTION_STATE_DONE, 0, 0, 100, 100, EXECUTION_STATE_DONE, false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(cases[i].state, cases[i].filled, cases[i].sibling_filled);
        bracket_cut(&leg, whole(cases[i].cut), execute_begin(&effect, &policy, now));
        EXPECT_DECIMAL(leg.protects, 100 - cases[i].cut);
        EXPECT_DECIMAL(leg.quantity, cases[i].quantity);
        cr_expect_eq(leg.state, cases[i].to_state, "%s", cases[i].fact);
        cr_expect_eq(leg.cancel_requested_at.us != 0, cases[i].cancel_requested, "%s", cases[i].fact);
        cr_expect_eq(effect.cancel, cases[i].cancel, "%s", cases[i].fact);
        cr_expect_eq(effect.replace, cases[i].replace, "%s", cases[i].fact);
        cr_expect(effect.changed && !effect.alarm && !effect.unprotected, "%s", cases[i].fact);
        if (cases[i].cancel_requested)
            cr_expect_str_eq(effect.events[0].reason, EXECUTE_REASON_POSITION_CLOSED);
    }
    struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
    leg.cancel_requested_at = now;
    bracket_cut(&leg, whole(40), execute_begin(&effect, &policy, now));
    EXPECT_DECIMAL(leg.quantity, 100);
    cr_expect_eq(effect.event_count, 0, "its cancel is under way already");
}

Test(bracket_cut, what_the_exchange_executes_before_it_learns_of_a_cut_is_flagged_and_the_rest_called_back)
{
    static const struct {
        const char *fact;
        int64_t cut, venue_quantity, fill;
        enum execution_state to_state;
        const char *flag;
        bool cancel, halt;
    } cases[] = {
        {"no more than is left", 40, 100, 60, EXECUTION_STATE_DONE, NULL, false, false},
        {"more than is left", 40, 100, 80, EXECUTION_STATE_WORKING, "BEYOND_POSITION", true, false},
        {"all of it", 40, 100, 100, EXECUTION_STATE_DONE, "BEYOND_POSITION", false, false},
        {"part, though nothing was left", 100, 100, 30, EXECUTION_STATE_WORKING, "BEYOND_POSITION", false,
         false},
        {"part, though nothing was left; quantity there not known", 100, 0, 30, EXECUTION_STATE_WORKING,
         "BEYOND_POSITION", false, false},
        {"more than it was told after the cut", 40, 60, 80, EXECUTION_STATE_DONE, "OVERFILL", false, true},
        {"more than it was ever told", 40, 100, 101, EXECUTION_STATE_DONE, "OVERFILL", false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg = leg_in(EXECUTION_STATE_WORKING, 0, 0);
        struct venue_event report = fill_of(cases[i].fill, cases[i].fill, 0);
        bracket_cut(&leg, whole(cases[i].cut), execute_begin(&effect, &policy, now));
        leg.questions.venue_quantity = whole(cases[i].venue_quantity);
        tell(&leg, &report);
        cr_assert(effect.filled, "%s", cases[i].fact);
        cr_expect_eq(leg.state, cases[i].to_state, "%s: %s", cases[i].fact, execution_state_text(leg.state));
        if (cases[i].flag == NULL)
            cr_expect_null(effect.fill.flag, "%s", cases[i].fact);
        else
            cr_expect_str_eq(effect.fill.flag, cases[i].flag, "%s: %s", cases[i].fact, effect.fill.flag);
        cr_expect_eq(effect.alarm, cases[i].flag != NULL, "%s", cases[i].fact);
        cr_expect_eq(effect.halt_symbol, cases[i].halt, "%s", cases[i].fact);
        cr_expect_eq(effect.cancel, cases[i].cancel, "%s", cases[i].fact);
        if (cases[i].cancel)
            cr_expect_str_eq(effect.events[effect.event_count - 1].reason, EXECUTE_REASON_POSITION_CLOSED);
    }
}

Test(bracket_cut, a_leg_that_ends_unasked_leaves_its_position_unprotected)
{
    static const struct {
        const char *fact;
        enum venue_event_type type;
        enum execute_leg which;
        int64_t filled, sibling_filled;
        bool asked, lost;
        const char *text, *reason, *message;
    } cases[] = {
        {"taken away", VENUE_CANCELLED, EXECUTE_STOP_LOSS, 0, 0, false, true, "", "PROTECTION_LOST",
         "100 AAPL are held without their stop loss"},
        {"taken away, and why", VENUE_CANCELLED, EXECUTE_STOP_LOSS, 30, 20, false, true, "closing auction",
         "PROTECTION_LOST", "50 AAPL are held without their stop loss: closing auction"},
        {"expired", VENUE_EXPIRED, EXECUTE_TAKE_PROFIT, 0, 0, false, true, "", "PROTECTION_LOST",
         "100 AAPL are held without their take profit"},
        {"refused", VENUE_REJECTED, EXECUTE_STOP_LOSS, 0, 0, false, true, "no such price",
         "EXCHANGE_REJECTED",
         "100 AAPL are held without their stop loss: The exchange refused the order: no such price; correct "
         "it "
         "and send a new one."},
        {"its trader cancelled it", VENUE_CANCELLED, EXECUTE_STOP_LOSS, 0, 0, true, false, "done", "",
         "done"},
        {"nothing was left", VENUE_CANCELLED, EXECUTE_STOP_LOSS, 0, 100, false, false, "done", "", "done"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution leg =
            leg_in(cases[i].type == VENUE_REJECTED ? EXECUTION_STATE_SENT : EXECUTION_STATE_WORKING,
                   cases[i].filled, cases[i].sibling_filled);
        struct venue_event report = report_of(cases[i].type, cases[i].filled, 0);
        (void)snprintf(report.text, sizeof(report.text), "%s", cases[i].text);
        if (cases[i].which == EXECUTE_TAKE_PROFIT)
            leg.order_type = ORDER_TYPE_LIMIT;
        leg.cancel_requested_at = cases[i].asked ? now : (struct instant){0};
        tell(&leg, &report);
        cr_assert_eq(leg.state, EXECUTION_STATE_DONE, "%s", cases[i].fact);
        cr_expect_eq(effect.unprotected, cases[i].lost, "%s", cases[i].fact);
        cr_expect(!effect.alarm, "%s: one alarm, for the position", cases[i].fact);
        cr_expect_str_eq(leg.reason, cases[i].reason, "%s: %s", cases[i].fact, leg.reason);
        cr_assert_eq(effect.event_count, 1);
        cr_expect_str_eq(effect.events[0].reason, cases[i].reason, "%s", cases[i].fact);
        cr_expect_str_eq(effect.events[0].message, cases[i].message, "%s: %s", cases[i].fact,
                         effect.events[0].message);
    }
}
