/* SPDX-License-Identifier: Apache-2.0 */
/* submitOrder and previewOrder: from the body to a validator, and from the risk-manager's answer to the
 * client. */
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "proto/json.h"
#include "proto/order_json.h"
#include "proto/reject.h"
#include "services/gateway/operations/bodies.h"
#include "services/gateway/operations/forward.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/rates.h"

enum { KEYS_RENEWED_MAX = 3 };

struct submission {
    struct order_request order;
    int64_t sent_us;  /* monotonic */
    bool derived_key; /* the key is ours, not the client's */
    int renewed_keys; /* how often another gateway had the derived one */
};

/* The client's key, when it sent one. False: it is not valid, and the request has been answered. */
static bool read_key(struct request *request)
{
    const h2o_headers_t *headers = &request->req->headers;
    size_t length = 0;
    const char *key = request_header(request, "idempotency-key", &length);

    if (h2o_find_header_by_str(headers, H2O_STRLIT("idempotency-key"), -1) < 0)
        return true;
    if (key == NULL || !idempotency_key_is_valid(key, length)) {
        request_refuse(request, REJECT_IDEMPOTENCY_KEY_INVALID,
                       "The Idempotency-Key is not one header of 1 to 128 visible ASCII characters; send "
                       "such a key, for example a UUID.");
        return false;
    }
    memcpy(request->key, key, length);
    request->key[length] = '\0';
    return true;
}

/* Everything that can be refused before the body is read. */
static bool may_submit(struct request *request)
{
    const struct settings *settings = &request->gateway->settings;

    if (!settings->known) {
        request_unavailable(request, "This gateway has just started and does not know yet whether orders are "
                                     "taken; try again with the same Idempotency-Key.");
        return false;
    }
    if (!feature_includes(settings->percent, request->trader_id)) {
        request_refuse(
            request, REJECT_FEATURE_DISABLED,
            "Order execution is not enabled for this account; wait for the roll-out, or ask operations.");
        return false;
    }
    return true;
}

/* Before anything is done for it, and before the rate counts it. */
static bool is_taken(struct request *request)
{
    struct gateway *gateway = request->gateway;

    if (shed_takes(&gateway->shed, clock_monotonic_us()))
        return true;
    metrics_add(gateway_metrics(gateway), METRIC_ORDERS_SHED, 0, 1);
    gateway->shed_untold++;
    request->untold = true;
    request_unavailable(request,
                        "More orders come than can be executed at once; try again as soon as Retry-After "
                        "says, with the same Idempotency-Key.");
    return false;
}

static void set_key(struct request *request)
{
    struct submission *submission = request->state;
    struct order_request *order = &submission->order;

    if (request->key[0] == '\0') {
        submission->derived_key = true;
        idempotency_derive_key(order, request->key);
    }
    utf8_copy(order->idempotent_key, sizeof(order->idempotent_key), request->key, strlen(request->key));
}

static void complete_order(struct request *request, struct order_request *order, bool preview)
{
    order->order_id = request->order_id = uuid_next(&request->edge->ids, request->received_at);
    order->trader_id = request->trader_id;
    order->received_at = request->received_at;
    order->preview = preview;
    forward_sign(request, order->actor, order->reply_to);
    if (preview)
        uuid_format(order->order_id, order->idempotent_key);
    else
        set_key(request);
    idempotency_fingerprint(order, order->fingerprint);
}

static forward_answer on_answer;

static void send_order(struct request *request)
{
    struct order_request *order = &((struct submission *)request->state)->order;
    struct envelope envelope;

    if (!forward_begin(request, on_answer, &order->handle, &envelope))
        return;
    envelope.id = order->order_id;
    request_count_waiting(request, &request->gateway->shed.under_way);
    ((struct submission *)request->state)->sent_us = clock_monotonic_us();
    forward_send(request, order_request_encode(&envelope, order, forward_message(request)), "order",
                 "with the same Idempotency-Key");
}

static void run(struct request *request, bool preview)
{
    if (!may_submit(request) || !is_taken(request))
        return;
    struct submission *submission = request_make_state(request, sizeof(*submission));
    if (!request_read_json(request, &bodies_new_order, &submission->order))
        return;
    complete_order(request, &submission->order, preview);
    /* The rate is asked about before anything else, so that what it refuses costs nobody else anything. */
    rates_begin(request, preview ? RATE_PREVIEWS : RATE_ORDERS, send_order);
}

void submit_run(struct request *request)
{
    if (read_key(request))
        run(request, false);
}

void submit_preview(struct request *request)
{
    run(request, true);
}

static void append_faults(struct buffer *body, const char *name, const struct fault *faults, size_t count)
{
    buffer_append_format(body, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(body, ",");
        fault_json_render(&faults[i], body);
    }
    buffer_append_text(body, "]");
}

static void answer_order(struct request *request, const struct answer *answer, int status)
{
    char location[64] = "/api/v1/orders/";
    struct buffer *body = request_body(request);

    uuid_format(answer->order.id, location + strlen(location));
    request_add_header(request, "location", location);
    if (status == 200)
        request_add_header(request, "idempotent-replayed", "true");
    if (answer->warnings_count > 0) {
        order_json_render_open(&answer->order, body);
        append_faults(body, "warnings", answer->warnings, answer->warnings_count);
        buffer_append_char(body, '}');
    } else {
        order_json_render(&answer->order, body);
    }
    request_answer_json(request, status, body);
}

/* The code of a whole rejection: a single fault's own where it can stand alone, else by who found the first:
 * the validator's faults come before the risk-manager's. */
static enum reject_code code_of(const struct answer *answer)
{
    enum reject_code first =
        answer->faults_count == 0 ? REJECT_RISK_REJECTED : (enum reject_code)answer->faults[0].code;
    unsigned int by = reject_by(first);

    if (answer->faults_count == 1 && reject_http_status(first) != 0)
        return first;
    return (by & REJECT_BY_VALIDATOR) != 0 ? REJECT_VALIDATION_FAILED : REJECT_RISK_REJECTED;
}

static void answer_rejected(struct request *request, const struct answer *answer)
{
    char detail[sizeof(answer->faults[0].message) + 64];
    const struct uuid *order_id = answer->has_order ? &answer->order.id : NULL;

    if (answer->faults_count == 1)
        (void)snprintf(detail, sizeof(detail), "%s", answer->faults[0].message);
    else
        (void)snprintf(detail, sizeof(detail), "The order breaks %zu rules; correct each that errors names.",
                       answer->faults_count);
    request_answer_problem(request, code_of(answer), detail, answer->faults, answer->faults_count, order_id);
}

static void answer_preview(struct request *request, const struct answer *answer)
{
    struct buffer *body = request_body(request);

    buffer_append_format(body, "{\"acceptable\":%s,", answer->faults_count == 0 ? "true" : "false");
    json_append_members(body, &schema_preview_view, &answer->preview);
    append_faults(body, "errors", answer->faults, answer->faults_count);
    if (answer->warnings_count > 0)
        append_faults(body, "warnings", answer->warnings, answer->warnings_count);
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

/* A derived key is this request's alone, unless two gateways met in one microsecond: the other's order is no
 * answer to this one, which takes another time of receipt. True: it is on its way again. */
static bool renew_key(struct request *request, const struct answer *answer)
{
    struct submission *submission = request->state;
    struct order_request *order = &submission->order;
    bool is_others = answer->outcome == ANSWER_KEY_REUSED ||
                     (answer->has_order && uuid_compare(answer->order.id, order->order_id) != 0);

    if (!submission->derived_key || order->preview || !is_others ||
        submission->renewed_keys == KEYS_RENEWED_MAX)
        return false;
    submission->renewed_keys++;
    order->received_at = request->received_at = idempotency_stamp(&request->edge->stamps, clock_now());
    request->key[0] = '\0';
    set_key(request);
    send_order(request);
    return true;
}

static bool on_answer(struct request *request, const struct answer *answer)
{
    bool has_order = answer->has_order && uuid_compare(answer->order.trader_id, request->trader_id) == 0;
    int64_t now_us = clock_monotonic_us();

    shed_answered(&request->gateway->shed, now_us, now_us - ((struct submission *)request->state)->sent_us);
    if (renew_key(request, answer))
        return true;
    forward_add_timing(request, answer);
    switch (answer->outcome) {
    case ANSWER_CREATED:
    case ANSWER_REPLAYED:
        if (has_order)
            answer_order(request, answer, answer->outcome == ANSWER_CREATED ? 201 : 200);
        else
            request_refuse(request, REJECT_INTERNAL,
                           "The answer did not belong to the order; report the request_id, and try again "
                           "with the same Idempotency-Key.");
        break;
    case ANSWER_REJECTED:
        answer_rejected(request, answer);
        break;
    case ANSWER_KEY_REUSED:
        request_refuse(
            request, REJECT_IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key was used before with another order; draw a new key for a new order.");
        break;
    case ANSWER_PREVIEWED:
        answer_preview(request, answer);
        break;
    default: /* unavailable, or an answer to a command */
        forward_refuse(request, answer,
                       "The order could not be taken now; try again with the same Idempotency-Key.");
    }
    return true;
}
