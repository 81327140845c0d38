/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of commands decided one after the other, without a database. */
#include "services/risk-manager/command.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static const struct instant now = {INT64_C(1800000000000000)};
static const struct instant earlier = {INT64_C(1700000000000000)};

static struct uuid make_id(uint8_t kind, uint8_t number)
{
    return (struct uuid){.bytes = {kind, number}};
}

static struct command_batch *new_batch(void)
{
    struct command_batch *batch = calloc(1, sizeof(*batch));

    cr_assert_not_null(batch);
    return batch;
}

/* A command about order `number` of trader 1, which is WORKING or IN_DOUBT, as the command needs it. */
static struct command_slot *add(struct command_batch *batch, uint8_t number, enum order_command_kind kind)
{
    struct command_slot *slot = &batch->slots[batch->count++];
    bool cancels = kind == ORDER_COMMAND_CANCEL;

    *slot = (struct command_slot){
        .command = {.kind = kind,
                    .order_id = make_id(1, number),
                    .has_trader_id = cancels,
                    .actor = "olga",
                    .has_action = !cancels,
                    .action = RESOLVE_ACTION_RETRY},
        .is_found = true,
        .order = {.id = make_id(1, number),
                  .trader_id = make_id(2, 1),
                  .symbol = "AAPL",
                  .side = SIDE_SELL,
                  .quantity = {10 * DECIMAL_ONE},
                  .order_type = ORDER_TYPE_LIMIT,
                  .time_in_force = TIME_IN_FORCE_DAY,
                  .has_price = true,
                  .price = {100 * DECIMAL_ONE},
                  .status = ORDER_STATUS_PARTIAL,
                  .execution_state = cancels ? EXECUTION_STATE_WORKING : EXECUTION_STATE_IN_DOUBT,
                  .filled_quantity = {4 * DECIMAL_ONE},
                  .updated_at = earlier}};
    if (cancels)
        slot->command.trader_id = make_id(2, 1);
    else
        (void)snprintf(slot->command.reason, sizeof(slot->command.reason), "the desk says so");
    return slot;
}

static struct command_slot *add_fill(struct command_batch *batch, uint8_t number)
{
    struct command_slot *slot = add(batch, number, ORDER_COMMAND_RESOLVE);

    slot->command.action = RESOLVE_ACTION_FILL;
    slot->command.has_quantity = slot->command.has_price = true;
    slot->command.quantity = (struct decimal){6 * DECIMAL_ONE};
    slot->command.price = (struct decimal){15050000000};
    (void)snprintf(slot->command.venue_exec_id, sizeof(slot->command.venue_exec_id), "E-7");
    return slot;
}

static void make_done(struct command_slot *slot)
{
    slot->order.execution_state = EXECUTION_STATE_DONE;
    slot->order.status = ORDER_STATUS_FILLED;
}
static void make_admitted(struct command_slot *slot)
{
    slot->order.execution_state = EXECUTION_STATE_ADMITTED;
}
static void make_in_doubt(struct command_slot *slot)
{
    slot->order.execution_state = EXECUTION_STATE_IN_DOUBT;
}
static void make_requested(struct command_slot *slot)
{
    slot->order.has_cancel_requested_at = true;
    slot->order.cancel_requested_at = earlier;
}
static void make_requested_and_done(struct command_slot *slot)
{
    make_requested(slot);
    make_done(slot);
}
static void make_unknown(struct command_slot *slot)
{
    slot->is_found = false;
}
static void make_other_traders(struct command_slot *slot)
{
    slot->order.trader_id = make_id(2, 2);
}
static void make_operations(struct command_slot *slot)
{
    make_other_traders(slot);
    slot->command.has_trader_id = false;
}
static void make_late(struct command_slot *slot)
{
    slot->envelope.deadline = now;
}
static void make_in_time(struct command_slot *slot)
{
    slot->envelope.deadline = (struct instant){now.us + 1};
}
static void make_waiting(struct command_slot *slot)
{
    slot->is_waiting = true;
}
static void leave(struct command_slot *slot)
{
    (void)slot;
}

Test(command, each_is_decided_by_the_order_and_who_asks)
{
    static const struct {
        const char *fact;
        enum order_command_kind kind;
        void (*change)(struct command_slot *slot);
        enum command_outcome outcome;
        enum answer_outcome answer;
    } cases[] = {
        {"a working order", ORDER_COMMAND_CANCEL, leave, COMMAND_RECORDED, ANSWER_ACCEPTED},
        {"an admitted order", ORDER_COMMAND_CANCEL, make_admitted, COMMAND_RECORDED, ANSWER_ACCEPTED},
        {"an order in doubt", ORDER_COMMAND_CANCEL, make_in_doubt, COMMAND_RECORDED, ANSWER_ACCEPTED},
        {"a requested cancel", ORDER_COMMAND_CANCEL, make_requested, COMMAND_REPEATED, ANSWER_ACCEPTED},
        {"a done order", ORDER_COMMAND_CANCEL, make_done, COMMAND_REFUSED, ANSWER_NOT_CANCELLABLE},
        {"a done order that was to be cancelled", ORDER_COMMAND_CANCEL, make_requested_and_done,
         COMMAND_REFUSED, ANSWER_NOT_CANCELLABLE},
        {"no such order", ORDER_COMMAND_CANCEL, make_unknown, COMMAND_REFUSED, ANSWER_NOT_FOUND},
        {"another trader's", ORDER_COMMAND_CANCEL, make_other_traders, COMMAND_REFUSED, ANSWER_NOT_FOUND},
        {"operations name anybody's", ORDER_COMMAND_CANCEL, make_operations, COMMAND_RECORDED,
         ANSWER_ACCEPTED},
        {"nobody waits any more", ORDER_COMMAND_CANCEL, make_late, COMMAND_EXPIRED, 0},
        {"somebody still waits", ORDER_COMMAND_CANCEL, make_in_time, COMMAND_RECORDED, ANSWER_ACCEPTED},
        {"a resolve in doubt", ORDER_COMMAND_RESOLVE, leave, COMMAND_RECORDED, ANSWER_ACCEPTED},
        {"a resolve that waits", ORDER_COMMAND_RESOLVE, make_waiting, COMMAND_REPEATED, ANSWER_ACCEPTED},
        {"a resolve of a done order", ORDER_COMMAND_RESOLVE, make_done, COMMAND_REFUSED, ANSWER_NOT_IN_DOUBT},
        {"a resolve of an admitted order", ORDER_COMMAND_RESOLVE, make_admitted, COMMAND_REFUSED,
         ANSWER_NOT_IN_DOUBT},
        {"a resolve of no order", ORDER_COMMAND_RESOLVE, make_unknown, COMMAND_REFUSED, ANSWER_NOT_FOUND},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_FREE struct command_batch *batch = new_batch();
        struct command_slot *slot = add(batch, 1, cases[i].kind);

        cases[i].change(slot);
        command_decide(batch, now);
        cr_expect_eq(slot->outcome, cases[i].outcome, "%s: %d", cases[i].fact, slot->outcome);
        cr_expect_eq(slot->answer, cases[i].answer, "%s: %d", cases[i].fact, slot->answer);
    }
}

Test(command, a_recorded_cancel_shows_in_the_order)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();
    struct command_slot *slot = add(batch, 1, ORDER_COMMAND_CANCEL);
    struct command_slot *again = add(batch, 2, ORDER_COMMAND_CANCEL);

    make_requested(again);
    command_decide(batch, now);
    cr_expect(slot->order.has_cancel_requested_at && slot->order.cancel_requested_at.us == now.us);
    cr_expect_eq(slot->order.updated_at.us, now.us);
    cr_expect_eq(slot->order.execution_state, EXECUTION_STATE_WORKING, "the state is its owner's");
    cr_expect_eq(again->order.cancel_requested_at.us, earlier.us, "the first request's time stays");
    cr_expect_eq(again->order.updated_at.us, earlier.us);
}

Test(command, what_stands_earlier_in_the_batch_counts)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();

    (void)add(batch, 1, ORDER_COMMAND_CANCEL);
    struct command_slot *cancel_again = add(batch, 1, ORDER_COMMAND_CANCEL);
    struct command_slot *other_cancel = add(batch, 2, ORDER_COMMAND_CANCEL);
    (void)add(batch, 3, ORDER_COMMAND_RESOLVE);
    struct command_slot *resolve_again = add(batch, 3, ORDER_COMMAND_RESOLVE);
    struct command_slot *other_resolve = add_fill(batch, 3);
    struct command_slot *other_fill = add_fill(batch, 3);
    struct command_slot *same_fill = add_fill(batch, 3);

    other_fill->command.price.units++;
    command_decide(batch, now);
    cr_expect_eq(cancel_again->outcome, COMMAND_REPEATED);
    cr_expect_eq(cancel_again->order.cancel_requested_at.us, now.us);
    cr_expect_eq(other_cancel->outcome, COMMAND_RECORDED);
    cr_expect_eq(resolve_again->outcome, COMMAND_REPEATED);
    cr_expect_eq(other_resolve->outcome, COMMAND_RECORDED);
    cr_expect_eq(other_fill->outcome, COMMAND_RECORDED);
    cr_expect_eq(same_fill->outcome, COMMAND_REPEATED);
}

/* DONE here does not mean gone there. */
Test(command, a_done_order_is_cancelled_where_the_exchange_may_still_hold_it)
{
    static const struct {
        bool held, recalled, requested;
        enum command_outcome outcome;
        enum answer_outcome answer;
    } cases[] = {
        {false, false, false, COMMAND_REFUSED, ANSWER_NOT_CANCELLABLE},
        {false, false, true, COMMAND_REFUSED, ANSWER_NOT_CANCELLABLE},
        {true, true, true, COMMAND_REPEATED, ANSWER_ACCEPTED},  /* it is being cancelled there */
        {true, false, true, COMMAND_RECORDED, ANSWER_ACCEPTED}, /* the executor had given up */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct command_batch *batch = new_batch();
        for (int twice = 0; twice < 2; twice++) {
            struct command_slot *slot = add(batch, 1, ORDER_COMMAND_CANCEL);
            slot->order.execution_state = EXECUTION_STATE_DONE;
            slot->order.status = ORDER_STATUS_CANCELLED;
            slot->order.has_cancel_requested_at = cases[i].requested;
            slot->is_held = cases[i].held;
            slot->is_recalled = cases[i].recalled;
        }
        command_decide(batch, now);
        cr_expect_eq(batch->slots[0].outcome, cases[i].outcome, "case %zu", i);
        cr_expect_eq(batch->slots[0].answer, cases[i].answer, "case %zu", i);
        cr_expect_eq(batch->slots[1].outcome,
                     cases[i].outcome == COMMAND_RECORDED ? COMMAND_REPEATED : cases[i].outcome,
                     "case %zu: asked twice at once", i);
        free(batch);
    }
}

Test(command, a_resolve_is_the_same_with_the_same_figures)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();
    const struct order_command *fill = &add_fill(batch, 1)->command;
    const struct order_command *retry = &add(batch, 1, ORDER_COMMAND_RESOLVE)->command;
    const struct order_command *cancel = &add(batch, 1, ORDER_COMMAND_CANCEL)->command;
    const struct decimal zero = {0}, more = {fill->quantity.units + 1};

    cr_expect(command_same_resolve(fill, RESOLVE_ACTION_FILL, fill->quantity, fill->price, "E-7"));
    cr_expect_not(command_same_resolve(fill, RESOLVE_ACTION_FILL, more, fill->price, "E-7"));
    cr_expect_not(command_same_resolve(fill, RESOLVE_ACTION_FILL, fill->quantity, more, "E-7"));
    cr_expect_not(command_same_resolve(fill, RESOLVE_ACTION_FILL, fill->quantity, fill->price, "E-8"));
    cr_expect(command_same_resolve(retry, RESOLVE_ACTION_RETRY, zero, zero, ""));
    cr_expect_not(command_same_resolve(retry, RESOLVE_ACTION_REJECT, zero, zero, ""));
    cr_expect_not(command_same_resolve(cancel, (enum resolve_action)0, zero, zero, ""));
}

static void no_action(struct order_command *command)
{
    command->has_action = false;
}
static void no_reason(struct order_command *command)
{
    command->reason[0] = '\0';
}
static void long_reason(struct order_command *command)
{
    memset(command->reason, 'x', 501);
    command->reason[501] = '\0';
}
static void no_quantity(struct order_command *command)
{
    command->has_quantity = false;
}
static void zero_quantity(struct order_command *command)
{
    command->quantity.units = 0;
}
static void no_price(struct order_command *command)
{
    command->has_price = false;
}
static void negative_price(struct order_command *command)
{
    command->price.units = -1;
}
static void no_exec_id(struct order_command *command)
{
    command->venue_exec_id[0] = '\0';
}
/* What a command that is no FILL may not have, one at a time. */
static void without_figures(struct order_command *command)
{
    command->has_quantity = command->has_price = false;
    command->venue_exec_id[0] = '\0';
}
static void cancel_without_figures(struct order_command *command)
{
    without_figures(command);
    command->kind = ORDER_COMMAND_CANCEL;
    command->has_action = false;
    command->reason[0] = '\0';
}
#define SPOILED_BY(name, base, member)                                                                       \
    static void name(struct order_command *command)                                                          \
    {                                                                                                        \
        const struct order_command full = *command;                                                          \
        base(command);                                                                                       \
        memcpy(&command->member, &full.member, sizeof(full.member));                                         \
        command->action = RESOLVE_ACTION_CANCEL;                                                             \
    }
SPOILED_BY(resolve_with_quantity, without_figures, has_quantity)
SPOILED_BY(resolve_with_price, without_figures, has_price)
SPOILED_BY(resolve_with_exec_id, without_figures, venue_exec_id)
SPOILED_BY(cancel_with_action, cancel_without_figures, has_action)
SPOILED_BY(cancel_with_quantity, cancel_without_figures, has_quantity)
SPOILED_BY(cancel_with_price, cancel_without_figures, has_price)
SPOILED_BY(cancel_with_exec_id, cancel_without_figures, venue_exec_id)
SPOILED_BY(cancel_with_reason, cancel_without_figures, reason)

Test(command, what_the_table_would_refuse_is_not_tried)
{
    static const struct {
        const char *fact;
        void (*spoil)(struct order_command *command);
    } cases[] = {
        {"no action", no_action},
        {"no reason", no_reason},
        {"a reason over 500", long_reason},
        {"no quantity", no_quantity},
        {"quantity 0", zero_quantity},
        {"no price", no_price},
        {"a negative price", negative_price},
        {"no execution id", no_exec_id},
        {"a quantity without FILL", resolve_with_quantity},
        {"a price without FILL", resolve_with_price},
        {"an execution id without FILL", resolve_with_exec_id},
        {"a cancel with an action", cancel_with_action},
        {"a cancel with a quantity", cancel_with_quantity},
        {"a cancel with a price", cancel_with_price},
        {"a cancel with an execution id", cancel_with_exec_id},
        {"a cancel with a reason", cancel_with_reason},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_FREE struct command_batch *batch = new_batch();
        struct command_slot *good = add_fill(batch, 1), *bad = add_fill(batch, 2);

        cases[i].spoil(&bad->command);
        command_decide(batch, now);
        cr_expect_eq(good->outcome, COMMAND_RECORDED, "%s", cases[i].fact);
        cr_expect_eq(bad->outcome, COMMAND_REFUSED, "%s", cases[i].fact);
        cr_expect_eq(bad->answer, ANSWER_UNAVAILABLE, "%s", cases[i].fact);
        cr_expect_neq(bad->detail[0], '\0', "%s", cases[i].fact);
    }
}

Test(command, a_reason_is_counted_in_characters)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();
    struct command_slot *slot = add(batch, 1, ORDER_COMMAND_RESOLVE);

    for (size_t i = 0; i < 500; i++)
        memcpy(slot->command.reason + 4 * i, "\xf0\x9f\x93\x9e", 5);
    command_decide(batch, now);
    cr_expect_eq(slot->outcome, COMMAND_RECORDED);
}

Test(command, events_name_who_asked_and_for_what)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();
    CLEANUP_FREE struct event_batch *events = calloc(1, sizeof(*events));
    struct uuid_source ids = {0};

    struct command_slot *cancel = add(batch, 1, ORDER_COMMAND_CANCEL);
    (void)add(batch, 1, ORDER_COMMAND_CANCEL); /* repeated */
    (void)add_fill(batch, 2);
    make_done(add(batch, 3, ORDER_COMMAND_RESOLVE)); /* refused */
    (void)add(batch, 4, ORDER_COMMAND_RESOLVE);
    cancel->envelope.trace_id[0] = 7;
    (void)snprintf(cancel->command.actor, sizeof(cancel->command.actor), "alice");
    command_decide(batch, now);
    command_events(batch, now, &ids, events);

    cr_assert_eq(events->events_count, 3);
    const struct event *event = &events->events[0];
    cr_expect_eq(event->action, AUDIT_ACTION_CANCEL_REQUESTED);
    cr_expect_str_eq(event->actor, "alice");
    cr_expect_str_eq(event->reason, "");
    cr_expect_eq(uuid_compare(event->order_id, make_id(1, 1)), 0);
    cr_expect_eq(uuid_compare(event->trader_id, make_id(2, 1)), 0);
    cr_expect_eq(event->status, ORDER_STATUS_PARTIAL);
    cr_expect_eq(event->execution_state, EXECUTION_STATE_WORKING);
    cr_expect_eq(event->total_filled.units, 4 * DECIMAL_ONE);
    cr_expect_eq(event->side, SIDE_SELL);
    cr_expect_eq(event->occurred_at.us, now.us);
    cr_expect(event->has_trace_id && event->trace_id[0] == 7);

    event = &events->events[1];
    cr_expect_eq(event->action, AUDIT_ACTION_RESOLVED);
    cr_expect_str_eq(event->actor, "olga");
    cr_expect_str_eq(event->reason, "FILL");
    cr_expect_str_eq(event->message, "FILL of 6 at 150.5 as E-7: the desk says so");
    cr_expect_str_eq(event->venue_exec_id, "E-7");
    cr_expect_eq(event->quantity.units, 10 * DECIMAL_ONE, "the order's");
    cr_expect_not(event->has_trace_id);

    event = &events->events[2];
    cr_expect_str_eq(event->reason, "RETRY");
    cr_expect_str_eq(event->message, "RETRY: the desk says so");
}

Test(command, a_long_reason_is_cut_between_characters)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();
    CLEANUP_FREE struct event_batch *events = calloc(1, sizeof(*events));
    CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);
    struct uuid_source ids = {0};
    const struct envelope envelope = {.sent_at = now};

    struct command_slot *slot = add(batch, 1, ORDER_COMMAND_RESOLVE);
    for (size_t i = 0; i < 500; i++)
        memcpy(slot->command.reason + 3 * i, "\xe2\x82\xac", 4);
    command_decide(batch, now);
    command_events(batch, now, &ids, events);
    size_t length = strlen(events->events[0].message);
    cr_expect(length > EVENT_MESSAGE_MAX - 1 - 3 && length < EVENT_MESSAGE_MAX, "%zu", length);
    cr_expect_eq(event_batch_encode(&envelope, events, &wire), 0, "it is UTF-8");
}

Test(command, a_reused_slot_forgets_what_was_found)
{
    CLEANUP_FREE struct command_batch *batch = new_batch();
    struct command_slot *slot = add(batch, 1, ORDER_COMMAND_RESOLVE);

    make_waiting(slot);
    command_unavailable(slot, "gone");
    command_begin(batch);
    cr_expect_not(slot->is_found);
    cr_expect_not(slot->is_waiting);
    cr_expect_str_eq(slot->detail, "");
}
