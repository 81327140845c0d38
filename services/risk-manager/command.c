/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/command.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "proto/deadline.h"
#include "services/risk-manager/order_event.h"

enum { REASON_CHARACTERS_MAX = 500 };

void command_begin(struct command_batch *batch)
{
    assert(batch->count <= COMMANDS_MAX);
    for (size_t i = 0; i < batch->count; i++) {
        struct command_slot *slot = &batch->slots[i];
        slot->is_found = slot->is_waiting = slot->is_held = slot->is_recalled = false;
        slot->outcome = 0;
        slot->answer = 0;
        slot->detail[0] = '\0';
    }
}

static void refuse(struct command_slot *slot, enum answer_outcome answer)
{
    slot->outcome = COMMAND_REFUSED;
    slot->answer = answer;
}

void command_unavailable(struct command_slot *slot, const char *detail)
{
    refuse(slot, ANSWER_UNAVAILABLE);
    (void)snprintf(slot->detail, sizeof(slot->detail), "%s", detail);
}

static void accept(struct command_slot *slot, enum command_outcome outcome)
{
    slot->outcome = outcome;
    slot->answer = ANSWER_ACCEPTED;
}

bool command_same_resolve(const struct order_command *command, enum resolve_action action,
                          struct decimal quantity, struct decimal price, const char *venue_exec_id)
{
    if (command->kind != ORDER_COMMAND_RESOLVE || command->action != action)
        return false;
    return action != RESOLVE_ACTION_FILL || (decimal_compare(command->quantity, quantity) == 0 &&
                                             decimal_compare(command->price, price) == 0 &&
                                             strcmp(command->venue_exec_id, venue_exec_id) == 0);
}

static size_t count_characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* What the gateway promises and the table insists on. Checked before SQL, where one bad row would fail the
 * batch. */
static bool is_storable(const struct order_command *command)
{
    size_t characters = count_characters(command->reason);

    if (command->kind == ORDER_COMMAND_CANCEL)
        return !command->has_action && !command->has_quantity && !command->has_price &&
               command->venue_exec_id[0] == '\0' && characters == 0;
    if (!command->has_action || characters == 0 || characters > REASON_CHARACTERS_MAX)
        return false;
    if (command->action != RESOLVE_ACTION_FILL)
        return !command->has_quantity && !command->has_price && command->venue_exec_id[0] == '\0';
    return command->has_quantity && decimal_is_positive(command->quantity) && command->has_price &&
           decimal_is_positive(command->price) && command->venue_exec_id[0] != '\0';
}

static bool may_name(const struct command_slot *slot)
{
    return slot->is_found && (!slot->command.has_trader_id ||
                              uuid_compare(slot->command.trader_id, slot->order.trader_id) == 0);
}

/* What was asked earlier in this batch about the same order stands, though the database does not have it yet.
 */
static void look_at_earlier(const struct command_batch *batch, struct command_slot *slot)
{
    const struct order_command *command = &slot->command;

    for (const struct command_slot *earlier = batch->slots; earlier < slot; earlier++) {
        const struct order_command *other = &earlier->command;
        if (earlier->outcome != COMMAND_RECORDED || uuid_compare(other->order_id, command->order_id) != 0)
            continue;
        slot->order = earlier->order;
        if (other->kind == ORDER_COMMAND_RESOLVE)
            slot->is_waiting |= command_same_resolve(command, other->action, other->quantity, other->price,
                                                     other->venue_exec_id);
        else
            slot->is_recalled = slot->is_held;
    }
}

/* A DONE order is cancelled where the exchange may still hold it: it asks there by itself, for a while. */
static void decide_cancel(struct command_slot *slot, struct instant now)
{
    bool done = slot->order.execution_state == EXECUTION_STATE_DONE;
    if (done && !slot->is_held) {
        refuse(slot, ANSWER_NOT_CANCELLABLE);
    } else if (done ? slot->is_recalled : slot->order.has_cancel_requested_at) {
        accept(slot, COMMAND_REPEATED);
    } else {
        accept(slot, COMMAND_RECORDED);
        slot->order.has_cancel_requested_at = true;
        slot->order.cancel_requested_at = slot->order.updated_at = now;
    }
}

static void decide_resolve(struct command_slot *slot)
{
    if (slot->order.execution_state != EXECUTION_STATE_IN_DOUBT)
        refuse(slot, ANSWER_NOT_IN_DOUBT);
    else
        accept(slot, slot->is_waiting ? COMMAND_REPEATED : COMMAND_RECORDED);
}

static void decide_slot(const struct command_batch *batch, struct command_slot *slot, struct instant now)
{
    if (deadline_has_passed(&slot->envelope, now)) {
        slot->outcome = COMMAND_EXPIRED;
    } else if (!is_storable(&slot->command)) {
        command_unavailable(
            slot, "The request does not have the form that the gateway guarantees; report it to operations.");
    } else if (!may_name(slot)) {
        refuse(slot, ANSWER_NOT_FOUND);
    } else {
        look_at_earlier(batch, slot);
        if (slot->command.kind == ORDER_COMMAND_CANCEL)
            decide_cancel(slot, now);
        else
            decide_resolve(slot);
    }
}

void command_decide(struct command_batch *batch, struct instant now)
{
    for (size_t i = 0; i < batch->count; i++)
        decide_slot(batch, &batch->slots[i], now);
}

void command_write_message(char *target, size_t max, const char *head, const char *text)
{
    size_t length = strlen(head);

    assert(length < max);
    memcpy(target, head, length);
    utf8_copy(target + length, max - length, text, strlen(text));
}

static void describe_resolve(const struct order_command *command, struct event *event)
{
    char head[32 + 2 * DECIMAL_TEXT_MAX + VENUE_EXEC_ID_MAX], quantity[DECIMAL_TEXT_MAX],
        price[DECIMAL_TEXT_MAX];

    (void)snprintf(event->reason, sizeof(event->reason), "%s", resolve_action_text(command->action));
    (void)snprintf(head, sizeof(head), "%s: ", event->reason);
    if (command->action == RESOLVE_ACTION_FILL) {
        decimal_format(command->quantity, quantity);
        decimal_format(command->price, price);
        (void)snprintf(head, sizeof(head), "FILL of %s at %s as %s: ", quantity, price,
                       command->venue_exec_id);
        memcpy(event->venue_exec_id, command->venue_exec_id, sizeof(event->venue_exec_id));
    }
    command_write_message(event->message, sizeof(event->message), head, command->reason);
}

void command_events(const struct command_batch *batch, struct instant now, struct uuid_source *ids,
                    struct event_batch *ret_events)
{
    ret_events->events_count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct command_slot *slot = &batch->slots[i];
        if (slot->outcome != COMMAND_RECORDED)
            continue;
        bool cancels = slot->command.kind == ORDER_COMMAND_CANCEL;
        struct event *event = order_event_add(ret_events, &slot->order,
                                              cancels ? AUDIT_ACTION_CANCEL_REQUESTED : AUDIT_ACTION_RESOLVED,
                                              slot->command.actor, &slot->envelope, now, ids);
        if (!cancels)
            describe_resolve(&slot->command, event);
    }
}
