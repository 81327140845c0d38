/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an order: which steps there are, which there are not, and that the table is sound. */
#include "proto/order_state.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

#define PAIR(state, status) ((struct order_state){EXECUTION_STATE_##state, ORDER_STATUS_##status})

static const struct order_state all[] = {
    PAIR(ADMITTED, PENDING), PAIR(SENT, PENDING),     PAIR(WORKING, PENDING), PAIR(WORKING, PARTIAL),
    PAIR(IN_DOUBT, PENDING), PAIR(IN_DOUBT, PARTIAL), PAIR(DONE, FILLED),     PAIR(DONE, REJECTED),
    PAIR(DONE, CANCELLED),   PAIR(DONE, EXPIRED),
};

/* Whether an order may be created so, as the table says. */
static bool begins(struct order_state state)
{
#define BEGINS true
#define LATER  false
    static const struct {
        struct order_state state;
        bool begins;
    } states[] = {
#define STATE(state_, status_, begins_, meaning) {PAIR(state_, status_), begins_},
#include "proto/order_state.def"
    };

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        if (memcmp(&states[i].state, &state, sizeof(state)) == 0)
            return states[i].begins;
    }
    return false;
}

Test(order_state, the_valid_pairs_are_those_of_the_design)
{
    size_t valid = 0;

    for (int state = 0; state <= EXECUTION_STATE_DONE + 1; state++) {
        for (int status = 0; status <= ORDER_STATUS_EXPIRED + 1; status++)
            valid += order_state_is_valid(
                (struct order_state){(enum execution_state)state, (enum order_status)status});
    }
    cr_expect_eq(valid, ARRAY_LEN(all));
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        cr_expect(order_state_is_valid(all[i]), "%zu", i);
}

Test(order_state, orders_begin_admitted_or_rejected)
{
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        bool expected = all[i].state == EXECUTION_STATE_ADMITTED || all[i].status == ORDER_STATUS_REJECTED;
        cr_expect_eq(begins(all[i]), expected, "%zu", i);
    }
    cr_expect_not(begins(PAIR(ADMITTED, FILLED)));
}

Test(order_state, every_step_joins_two_different_valid_pairs_once)
{
    for (size_t i = 0; i < order_state_step_count; i++) {
        const struct order_state_step *step = &order_state_steps[i];

        cr_expect(order_state_is_valid(step->from) && order_state_is_valid(step->to), "step %zu", i);
        cr_expect(memcmp(&step->from, &step->to, sizeof(step->from)) != 0, "step %zu", i);
        for (size_t k = 0; k < i; k++)
            cr_expect(memcmp(&order_state_steps[k], step, 2 * sizeof(struct order_state)) != 0, "step %zu",
                      i);
    }
}

Test(order_state, every_pair_is_reached_and_every_open_one_can_end)
{
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        bool reached = begins(all[i]), ends = all[i].state == EXECUTION_STATE_DONE;

        for (size_t k = 0; k < ARRAY_LEN(all); k++) {
            reached |= i != k && order_state_allows(all[k], all[i]);
            ends |= all[k].state == EXECUTION_STATE_DONE && order_state_allows(all[i], all[k]);
        }
        cr_expect(reached, "pair %zu is never reached", i);
        cr_expect(ends, "pair %zu cannot end", i);
    }
}

Test(order_state, staying_is_allowed_in_valid_pairs_only)
{
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        cr_expect(order_state_allows(all[i], all[i]), "%zu", i);
    cr_expect_not(order_state_allows(PAIR(ADMITTED, FILLED), PAIR(ADMITTED, FILLED)));
}

Test(order_state, steps_are_those_of_the_design)
{
    static const struct {
        const char *fact;
        struct order_state from, to;
        bool allowed;
    } cases[] = {
        {"claimed before it is written", PAIR(ADMITTED, PENDING), PAIR(SENT, PENDING), true},
        {"never works without a claim", PAIR(ADMITTED, PENDING), PAIR(WORKING, PENDING), false},
        {"never filled without a claim", PAIR(ADMITTED, PENDING), PAIR(DONE, FILLED), false},
        {"never refused by the exchange without a claim", PAIR(ADMITTED, PENDING), PAIR(DONE, REJECTED),
         false},
        {"cancelled locally", PAIR(ADMITTED, PENDING), PAIR(DONE, CANCELLED), true},
        {"expired before it is sent", PAIR(ADMITTED, PENDING), PAIR(DONE, EXPIRED), true},
        {"a claim is not taken back", PAIR(SENT, PENDING), PAIR(ADMITTED, PENDING), false},
        {"a fill before the acknowledgement", PAIR(SENT, PENDING), PAIR(WORKING, PARTIAL), true},
        {"unknown after the last attempt", PAIR(SENT, PENDING), PAIR(DONE, REJECTED), true},
        {"could not be asked", PAIR(SENT, PENDING), PAIR(IN_DOUBT, PENDING), true},
        {"doubt keeps a partial fill", PAIR(WORKING, PARTIAL), PAIR(IN_DOUBT, PARTIAL), true},
        {"doubt does not forget a fill", PAIR(WORKING, PARTIAL), PAIR(IN_DOUBT, PENDING), false},
        {"an acknowledgement is not taken back", PAIR(WORKING, PENDING), PAIR(SENT, PENDING), false},
        {"a partly filled order is not called rejected", PAIR(WORKING, PARTIAL), PAIR(DONE, REJECTED), false},
        {"doubt resolved by the exchange", PAIR(IN_DOUBT, PENDING), PAIR(WORKING, PENDING), true},
        {"doubt resolved by a retry", PAIR(IN_DOUBT, PENDING), PAIR(SENT, PENDING), true},
        {"doubt resolved by hand", PAIR(IN_DOUBT, PENDING), PAIR(DONE, REJECTED), true},
        {"late fills complete a cancelled order", PAIR(DONE, CANCELLED), PAIR(DONE, FILLED), true},
        {"late fills complete an expired order", PAIR(DONE, EXPIRED), PAIR(DONE, FILLED), true},
        {"late fills complete a rejected order", PAIR(DONE, REJECTED), PAIR(DONE, FILLED), true},
        {"filled is final", PAIR(DONE, FILLED), PAIR(DONE, CANCELLED), false},
        {"done does not work again", PAIR(DONE, CANCELLED), PAIR(WORKING, PARTIAL), false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(order_state_allows(cases[i].from, cases[i].to), cases[i].allowed, "%s", cases[i].fact);
}

Test(order_state, nothing_leaves_filled_and_done_stays_done)
{
    for (size_t i = 0; i < order_state_step_count; i++) {
        const struct order_state_step *step = &order_state_steps[i];

        cr_expect_neq((int)step->from.status, (int)ORDER_STATUS_FILLED);
        cr_expect_neq((int)step->to.state, (int)EXECUTION_STATE_ADMITTED);
        if (step->from.state == EXECUTION_STATE_DONE)
            cr_expect_eq((int)step->to.state, (int)EXECUTION_STATE_DONE);
    }
}

Test(order_state, a_step_moves_the_state_and_names_its_action)
{
    struct order_state state = PAIR(ADMITTED, PENDING);
    enum audit_action action;

    cr_assert_eq(order_state_step(&state, PAIR(SENT, PENDING), &action), 0);
    cr_expect_eq(action, AUDIT_ACTION_EXECUTED);
    cr_assert_eq(order_state_step(&state, PAIR(WORKING, PENDING), &action), 0);
    cr_expect_eq(action, AUDIT_ACTION_ACKNOWLEDGED);
    cr_assert_eq(order_state_step(&state, PAIR(WORKING, PARTIAL), &action), 0);
    cr_expect_eq(action, AUDIT_ACTION_FILLED);
    cr_assert_eq(order_state_step(&state, PAIR(WORKING, PARTIAL), &action), 0, "a further fill");
    cr_expect_eq((int)action, 0);
    cr_assert_eq(order_state_step(&state, PAIR(DONE, CANCELLED), &action), 0);
    cr_expect_eq(action, AUDIT_ACTION_CANCELLED);
}

Test(order_state, a_step_that_is_not_allowed_changes_nothing)
{
    struct order_state state = PAIR(DONE, FILLED);
    enum audit_action action = AUDIT_ACTION_HALTED;

    cr_expect_eq(order_state_step(&state, PAIR(WORKING, PARTIAL), &action), -EPROTO);
    cr_expect(state.state == EXECUTION_STATE_DONE && state.status == ORDER_STATUS_FILLED);
    cr_expect_eq(action, AUDIT_ACTION_HALTED);
}

Test(order_state, transitions_are_printed_one_a_line)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    size_t lines = 0;

    order_state_render_transitions(&out);
    for (const char *at = out.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    cr_expect_eq(lines, order_state_step_count);
    cr_expect_eq(strncmp(out.data, "ADMITTED PENDING SENT PENDING\n", 30), 0);
    cr_expect_not_null(strstr(out.data, "\nDONE EXPIRED DONE FILLED\n"));
}
