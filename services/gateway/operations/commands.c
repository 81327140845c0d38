/* SPDX-License-Identifier: Apache-2.0 */
/* cancelOrder and resolveOrder. */
#include <stdio.h>

#include "proto/order_json.h"
#include "services/gateway/operations/bodies.h"
#include "services/gateway/operations/forward.h"
#include "services/gateway/operations/operations.h"

/* A trader is shown their own orders only, operations any. */
static bool shows_order(const struct request *request, const struct answer *answer)
{
    const struct order_command *command = request->state;

    return answer->has_order && uuid_compare(answer->order.id, command->order_id) == 0 &&
           (!command->has_trader_id || uuid_compare(answer->order.trader_id, command->trader_id) == 0);
}

static void answer_accepted(struct request *request, const struct answer *answer)
{
    struct buffer *body = request_body(request);

    order_json_render(&answer->order, body);
    request_answer_json(request, 202, body);
}

static void answer_conflict(struct request *request, const struct answer *answer)
{
    bool cancels = answer->outcome == ANSWER_NOT_CANCELLABLE;
    char detail[128];

    if (cancels)
        (void)snprintf(detail, sizeof(detail),
                       "The order is already %s, so nothing is left to cancel; read the order.",
                       order_status_text(answer->order.status));
    else
        (void)snprintf(detail, sizeof(detail),
                       "The order is %s, not IN_DOUBT, so there is nothing to resolve; read the order.",
                       execution_state_text(answer->order.execution_state));
    request_refuse(request, cancels ? REJECT_ORDER_NOT_CANCELLABLE : REJECT_ORDER_NOT_IN_DOUBT, detail);
}

static bool on_answer(struct request *request, const struct answer *answer)
{
    forward_add_timing(request, answer);
    switch (answer->outcome) {
    case ANSWER_NOT_FOUND:
        request_refuse(request, REJECT_NOT_FOUND, "There is no such order; check its id.");
        return true;
    case ANSWER_UNAVAILABLE:
        forward_refuse(request, answer, "The request could not be taken now; try again shortly.");
        return true;
    case ANSWER_ACCEPTED:
    case ANSWER_NOT_CANCELLABLE:
    case ANSWER_NOT_IN_DOUBT:
        if (!shows_order(request, answer))
            return false;
        if (answer->outcome == ANSWER_ACCEPTED)
            answer_accepted(request, answer);
        else
            answer_conflict(request, answer);
        return true;
    default: /* those answer orders */
        return false;
    }
}

static struct order_command *make_command(struct request *request, enum order_command_kind kind)
{
    struct order_command *command = request_make_state(request, sizeof(*command));

    command->kind = kind;
    command->order_id = request->subject.id;
    command->received_at = clock_now();
    forward_sign(request, command->actor, command->reply_to);
    return command;
}

static void send_command(struct request *request, struct order_command *command)
{
    struct envelope envelope;

    if (forward_begin(request, on_answer, &command->handle, &envelope))
        forward_send(request, order_command_encode(&envelope, command, forward_message(request)), "request",
                     "shortly");
}

/* The feature flag does not stop it: who has an order may always ask for its end. */
void commands_cancel(struct request *request)
{
    struct order_command *command = make_command(request, ORDER_COMMAND_CANCEL);

    command->has_trader_id = true;
    command->trader_id = request->trader_id;
    send_command(request, command);
}

void commands_resolve(struct request *request)
{
    struct order_command *command = make_command(request, ORDER_COMMAND_RESOLVE);

    if (request_read_json(request, &bodies_resolve, command))
        send_command(request, command);
}
