/* SPDX-License-Identifier: Apache-2.0 */
/* cancelOrder and resolveOrder: from the request to a validator, and from the risk-manager's answer to the
 * client. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/order_json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/resolve_body.h"

static struct order_command *make_command(struct request *request, enum order_command_kind kind)
{
    struct order_command *command = h2o_mem_alloc_pool(&request->req->pool, sizeof(*command));
    const char *address = gateway_config_answer_address(request->gateway->config);
    const char *subject = request->claims.subject;

    *command =
        (struct order_command){.kind = kind, .order_id = request->subject.id, .received_at = clock_now()};
    faults_copy_text(command->actor, sizeof(command->actor), subject, strlen(subject));
    faults_copy_text(command->reply_to, sizeof(command->reply_to), address, strlen(address));
    return command;
}

static void send_command(struct request *request, struct order_command *command)
{
    struct gateway *gateway = request->gateway;
    struct envelope envelope;

    if (!request_park(request))
        return;
    request->command = command;
    command->request_id = request->parked;
    request_envelope(request, &envelope);
    buffer_clear(&gateway->message);
    int r = order_command_encode(&envelope, command, &gateway->message);
    if (r == 0)
        r = pipe_send(gateway->validators, gateway->message.data, gateway->message.length);
    if (r < 0)
        request_unavailable(request, r == -EAGAIN
                                         ? "No validator can take the request now; try again shortly."
                                         : "The request could not be passed on; try again shortly.");
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
    h2o_iovec_t body = request->req->entity;
    char detail[JSON_BODY_DETAIL_MAX];
    struct faults faults;

    if (!request_check_json(request))
        return;
    int r = resolve_body_parse(body.base, body.len, command, &faults, detail);
    if (r == 0)
        send_command(request, command);
    else
        request_refuse_body(request, r, &faults, detail);
}

/* A trader is shown their own orders only, operations any. */
static bool shows_order(const struct request *request, const struct answer *answer)
{
    return answer->has_order && uuid_compare(answer->order.id, request->subject.id) == 0 &&
           (!request->command->has_trader_id ||
            uuid_compare(answer->order.trader_id, request->trader_id) == 0);
}

static void answer_accepted(struct request *request, const struct answer *answer)
{
    struct buffer *body = &request->gateway->body;

    buffer_clear(body);
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

void commands_answer(struct request *request, const struct answer *answer)
{
    request_add_timing(request, answer);
    switch (answer->outcome) {
    case ANSWER_NOT_FOUND:
        request_refuse(request, REJECT_NOT_FOUND, "There is no such order; check its id.");
        return;
    case ANSWER_UNAVAILABLE:
        request_unavailable(request, answer->detail[0] != '\0'
                                         ? answer->detail
                                         : "The request could not be taken now; try again shortly.");
        return;
    case ANSWER_ACCEPTED:
    case ANSWER_NOT_CANCELLABLE:
    case ANSWER_NOT_IN_DOUBT:
        if (!shows_order(request, answer))
            break;
        if (answer->outcome == ANSWER_ACCEPTED)
            answer_accepted(request, answer);
        else
            answer_conflict(request, answer);
        return;
    case ANSWER_CREATED:
    case ANSWER_REPLAYED:
    case ANSWER_REJECTED:
    case ANSWER_KEY_REUSED:
    case ANSWER_PREVIEWED: /* those answer orders */
        break;
    }
    request_refuse(
        request, REJECT_INTERNAL,
        "The answer did not belong to the request; report the request_id, then look what became of it.");
}
