/* SPDX-License-Identifier: Apache-2.0 */
/* submitOrder and previewOrder: from the body to a validator, and from the risk-manager's answer to the
 * client. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "proto/order_json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations/new_order.h"
#include "services/gateway/operations/operations.h"

enum { ANSWERS_PER_TURN = 256, KEYS_RENEWED_MAX = 3 };

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
    const struct feature_flag *feature = &request->gateway->feature;

    if (!feature->known) {
        request_unavailable(request, "This gateway has just started and does not know yet whether orders are "
                                     "taken; try again with the same Idempotency-Key.");
        return false;
    }
    if (!feature_includes(feature->percent, request->trader_id)) {
        request_refuse(
            request, REJECT_FEATURE_DISABLED,
            "Order execution is not enabled for this account; wait for the roll-out, or ask operations.");
        return false;
    }
    return request_check_json(request);
}

static bool read_order(struct request *request, struct order_request *order)
{
    char detail[JSON_BODY_DETAIL_MAX];
    struct faults faults;
    h2o_iovec_t body = request->req->entity;

    int r = new_order_parse(body.base, body.len, order, &faults, detail);
    if (r == 0)
        return true;
    request_refuse_body(request, r, &faults, detail);
    return false;
}

static void set_key(struct request *request)
{
    struct order_request *order = request->order;

    request_make_key(request);
    faults_copy_text(order->idempotent_key, sizeof(order->idempotent_key), request->key,
                     strlen(request->key));
}

static void complete_order(struct request *request, struct order_request *order, bool preview)
{
    struct gateway *gateway = request->gateway;
    const char *address = gateway_config_answer_address(gateway->config);

    order->order_id = uuid_next(&gateway->ids, request->received_at);
    order->trader_id = request->trader_id;
    order->received_at = request->received_at;
    order->preview = preview;
    faults_copy_text(order->actor, sizeof(order->actor), request->claims.subject,
                     strlen(request->claims.subject));
    faults_copy_text(order->reply_to, sizeof(order->reply_to), address, strlen(address));
    request->order = order;
    if (preview)
        uuid_format(order->order_id, order->idempotent_key);
    else
        set_key(request);
    idempotency_fingerprint(order, order->fingerprint);
}

static void send_order(struct request *request)
{
    struct gateway *gateway = request->gateway;
    struct order_request *order = request->order;
    struct envelope envelope;

    if (!request_park(request))
        return;
    order->request_id = request->parked;
    request_envelope(request, &envelope);
    envelope.id = order->order_id;
    buffer_clear(&gateway->message);
    int r = order_request_encode(&envelope, order, &gateway->message);
    if (r == 0)
        r = pipe_send(gateway->validators, gateway->message.data, gateway->message.length);
    if (r < 0)
        request_unavailable(
            request, r == -EAGAIN
                         ? "No validator can take the order now; try again with the same Idempotency-Key."
                         : "The order could not be passed on; try again with the same Idempotency-Key.");
}

static void run(struct request *request, bool preview)
{
    if (!may_submit(request))
        return;
    struct order_request *order = h2o_mem_alloc_pool(&request->req->pool, sizeof(*order));
    memset(order, 0, sizeof(*order));
    if (!read_order(request, order))
        return;
    complete_order(request, order, preview);
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
    struct buffer *body = &request->gateway->body;

    uuid_format(answer->order.id, location + strlen(location));
    request_add_header(request, "location", location);
    if (status == 200)
        request_add_header(request, "idempotent-replayed", "true");
    buffer_clear(body);
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

static void append_member(struct buffer *body, const char *name, bool present, struct decimal value)
{
    buffer_append_format(body, ",\"%s\":", name);
    json_append_optional_decimal(body, present, value);
}

static void answer_preview(struct request *request, const struct answer *answer)
{
    const struct preview_view *view = &answer->preview;
    struct buffer *body = &request->gateway->body;

    buffer_clear(body);
    buffer_append_format(body, "{\"acceptable\":%s", answer->faults_count == 0 ? "true" : "false");
    append_member(body, "estimated_price", view->has_estimated_price, view->estimated_price);
    append_member(body, "estimated_cost", view->has_estimated_cost, view->estimated_cost);
    append_member(body, "buying_power_after", view->has_buying_power_after, view->buying_power_after);
    append_member(body, "position_after", view->has_position_after, view->position_after);
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
    struct order_request *order = request->order;
    bool is_others = answer->outcome == ANSWER_KEY_REUSED ||
                     (answer->has_order && uuid_compare(answer->order.id, order->order_id) != 0);

    if (!request->derived_key || order->preview || !is_others || request->renewed_keys == KEYS_RENEWED_MAX)
        return false;
    request->renewed_keys++;
    request->received_at = idempotency_stamp(&request->gateway->stamps, clock_now());
    order->received_at = request->received_at;
    request->key[0] = '\0';
    set_key(request);
    send_order(request);
    return true;
}

static void take_answer(struct gateway *gateway, const struct answer *answer)
{
    struct request *request = parked_find(gateway->parked, answer->request_id);
    bool known = answer->outcome >= ANSWER_CREATED && answer->outcome <= ANSWER_PREVIEWED;

    metrics_add(gateway_metrics(gateway), METRIC_ANSWERS, known ? (size_t)answer->outcome : 0, 1);
    if (request != NULL && request->command != NULL) {
        commands_answer(request, answer);
        return;
    }
    if (request != NULL && request->halt != NULL) {
        halts_answer(request, answer);
        return;
    }
    if (request == NULL || request->order == NULL || renew_key(request, answer))
        return;
    bool has_order = answer->has_order && uuid_compare(answer->order.trader_id, request->trader_id) == 0;
    request_add_timing(request, answer);
    switch (answer->outcome) {
    case ANSWER_CREATED:
    case ANSWER_REPLAYED:
        if (!has_order) {
            request_refuse(request, REJECT_INTERNAL,
                           "The answer did not belong to the order; report the request_id, and try again "
                           "with the same Idempotency-Key.");
            return;
        }
        answer_order(request, answer, answer->outcome == ANSWER_CREATED ? 201 : 200);
        return;
    case ANSWER_REJECTED:
        answer_rejected(request, answer);
        return;
    case ANSWER_KEY_REUSED:
        request_refuse(
            request, REJECT_IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key was used before with another order; draw a new key for a new order.");
        return;
    case ANSWER_PREVIEWED:
        answer_preview(request, answer);
        return;
    case ANSWER_UNAVAILABLE:
    case ANSWER_ACCEPTED:
    case ANSWER_NOT_FOUND:
    case ANSWER_NOT_CANCELLABLE:
    case ANSWER_NOT_IN_DOUBT: /* those answer commands */
        break;
    }
    request_unavailable(request,
                        answer->detail[0] != '\0'
                            ? answer->detail
                            : "The order could not be taken now; try again with the same Idempotency-Key.");
}

bool submit_receive(struct gateway *gateway)
{
    const uint8_t *bytes;
    size_t length;
    struct envelope envelope;

    for (int i = 0; i < ANSWERS_PER_TURN; i++) {
        if (pipe_receive(gateway->answers, &bytes, &length) < 0)
            return false;
        if (answer_decode(bytes, length, &envelope, gateway->answer) == 0) {
            take_answer(gateway, gateway->answer);
        } else {
            metrics_add(gateway_metrics(gateway), METRIC_ANSWERS, 0, 1);
            LOG(gateway_log(gateway), LOG_WARNING, "bad_message", LOG_I64("bytes", length));
        }
    }
    return true;
}
