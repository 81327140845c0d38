/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/pipe.h"
#include "common/utf8.h"
#include "services/gateway/io/watch.h"

enum { ANSWERS_PER_TURN = 256, MESSAGE_MAX = 64 * 1024, SERVER_TIMING_MAX = 160 };

struct forward {
    struct pipe_context *pipes;
    struct pipe *validators;
    struct pipe *answers;
    struct watch *answers_watch;
    struct buffer message; /* to a validator; reused */
    struct answer answer;  /* too large for the stack; reused */
};

static void on_answers(void *context)
{
    (void)forward_receive(context);
}

static int open_pipes(struct gateway *gateway, struct forward *forward)
{
    const struct gateway_config *config = gateway->config;
    struct pipe_keys keys = pipe_config_keys(&config->pipe);

    int r = pipe_context_create(&keys, &forward->pipes);
    if (r == 0)
        r = pipe_bind(forward->pipes, PIPE_PULL, config->answer_bind, 0, &forward->answers);
    if (r == 0)
        r = pipe_connect(forward->pipes, PIPE_PUSH, config->validators.items[0], 0, &forward->validators);
    for (size_t i = 1; i < config->validators.count && r == 0; i++)
        r = pipe_also_connect(forward->validators, config->validators.items[i]);
    if (r == 0)
        r = watch_create(gateway->edge.context.loop, pipe_fd(forward->answers), on_answers, NULL, gateway,
                         &forward->answers_watch);
    return r;
}

int forward_create(struct gateway *gateway, struct forward **ret_forward)
{
    struct forward *forward = calloc(1, sizeof(*forward));

    if (forward == NULL)
        return -ENOMEM;
    forward->message = BUFFER_INIT(MESSAGE_MAX);
    int r = open_pipes(gateway, forward);
    if (r < 0)
        forward_destroy(&forward);
    else
        *ret_forward = forward;
    return r;
}

void forward_destroy(struct forward **forward)
{
    if (*forward == NULL)
        return;
    watch_destroy(&(*forward)->answers_watch);
    pipe_destroy(&(*forward)->validators);
    pipe_destroy(&(*forward)->answers);
    pipe_context_destroy(&(*forward)->pipes);
    buffer_release(&(*forward)->message);
    free(*forward);
    *forward = NULL;
}

bool forward_can_send(const struct forward *forward)
{
    return pipe_can_send(forward->validators);
}

void forward_sign(const struct request *request, char actor[static ACTOR_MAX],
                  char reply_to[static FORWARD_ADDRESS_MAX])
{
    const char *subject = request->claims.subject;
    const char *address = gateway_config_answer_address(request->gateway->config);

    utf8_copy(actor, ACTOR_MAX, subject, strlen(subject));
    utf8_copy(reply_to, FORWARD_ADDRESS_MAX, address, strlen(address));
}

/* The message ends with its request. */
static void write_envelope(const struct request *request, struct envelope *ret_envelope)
{
    struct edge *edge = request->edge;
    struct instant now = clock_now();
    int64_t left_us = edge->config->request_timeout_ms * 1000 - (clock_monotonic_us() - request->began_us);

    *ret_envelope =
        (struct envelope){.id = uuid_next(&edge->ids, now), .sent_at = now, .deadline = {now.us + left_us}};
    memcpy(ret_envelope->trace_id, request->trace_id, TRACE_ID_BYTES);
}

struct buffer *forward_message(const struct request *request)
{
    return &request->gateway->forward->message;
}

bool forward_begin(struct request *request, forward_answer *on_answer, uint64_t *ret_handle,
                   struct envelope *ret_envelope)
{
    if (request->gateway->forward == NULL) {
        request_unavailable(request, "The gateway is going away; try again shortly.");
        return false;
    }
    if (!request_park(request))
        return false;
    request->on_answer = on_answer;
    *ret_handle = request->parked;
    write_envelope(request, ret_envelope);
    buffer_clear(forward_message(request));
    return true;
}

void forward_send(struct request *request, int encoded, const char *what, const char *again)
{
    const struct buffer *message = forward_message(request);
    char detail[160];
    int r = encoded;

    if (r == 0)
        r = pipe_send(request->gateway->forward->validators, message->data, message->length);
    if (r == 0)
        return;
    (void)snprintf(detail, sizeof(detail),
                   r == -EAGAIN ? "No validator can take the %s now; try again %s."
                                : "The %s could not be passed on; try again %s.",
                   what, again);
    request_unavailable(request, detail);
}

void forward_refuse(struct request *request, const struct answer *answer, const char *detail)
{
    request_unavailable(request, answer->detail[0] != '\0' ? answer->detail : detail);
}

void forward_add_timing(struct request *request, const struct answer *answer)
{
    char text[SERVER_TIMING_MAX];
    int64_t total_us = clock_monotonic_us() - request->began_us;
    int64_t validator_us = (int64_t)answer->validator_us, db_us = (int64_t)answer->db_us;
    int64_t risk_us = (int64_t)answer->risk_us - db_us;
    int64_t own_us = total_us - validator_us - risk_us - db_us;

    (void)snprintf(
        text, sizeof(text),
        "gateway;dur=%lld.%03lld, validator;dur=%lld.%03lld, risk;dur=%lld.%03lld, db;dur=%lld.%03lld",
        (long long)(own_us > 0 ? own_us / 1000 : 0), (long long)(own_us > 0 ? own_us % 1000 : 0),
        (long long)(validator_us / 1000), (long long)(validator_us % 1000),
        (long long)(risk_us > 0 ? risk_us / 1000 : 0), (long long)(risk_us > 0 ? risk_us % 1000 : 0),
        (long long)(db_us / 1000), (long long)(db_us % 1000));
    request_add_header(request, "server-timing", text);
}

static void take_answer(struct gateway *gateway, const struct answer *answer)
{
    struct request *request = request_find(&gateway->edge, answer->handle);
    bool known = answer->outcome >= ANSWER_CREATED && answer->outcome <= ANSWER_PREVIEWED;

    metrics_add(gateway_metrics(gateway), METRIC_ANSWERS, known ? (size_t)answer->outcome : 0, 1);
    if (request == NULL || request->on_answer == NULL)
        return;
    if (!request->on_answer(request, answer))
        request_refuse(
            request, REJECT_INTERNAL,
            "The answer did not belong to the request; report the request_id, then look what became of it.");
}

bool forward_receive(struct gateway *gateway)
{
    struct forward *forward = gateway->forward;
    const uint8_t *bytes;
    size_t length;
    struct envelope envelope;

    for (int i = 0; i < ANSWERS_PER_TURN; i++) {
        if (pipe_receive(forward->answers, &bytes, &length) < 0)
            return false;
        if (answer_decode(bytes, length, &envelope, &forward->answer) == 0) {
            take_answer(gateway, &forward->answer);
        } else {
            metrics_add(gateway_metrics(gateway), METRIC_ANSWERS, 0, 1);
            LOG(gateway_log(gateway), LOG_WARNING, "bad_message", LOG_I64("bytes", length));
        }
    }
    return true;
}
