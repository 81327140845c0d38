/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one request, from its head to its answer. */
#include "services/gateway/edge/request.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/hex.h"
#include "common/utf8.h"
#include "proto/json.h"
#include "proto/order_json.h"
#include "services/gateway/edge/connections.h"
#include "services/gateway/edge/json_body.h"

enum { RETRY_AFTER_S = 1 };

const char *request_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (texts[i].status == status)
            return texts[i].text;
    }
    return "Error";
}

static void unpark(struct request *request)
{
    handles_remove(request->edge->parked, request->parked);
    request->parked = 0;
    if (request->waiting != NULL)
        (*request->waiting)--;
    request->waiting = NULL;
}

static void on_dispose(void *memory)
{
    struct request *request = memory;

    unpark(request);
    request->req = NULL;
}

const char *request_header(const struct request *request, const char *name, size_t *ret_length)
{
    const h2o_headers_t *headers = &request->req->headers;
    ssize_t found = -1;

    for (size_t i = 0; i < headers->size; i++) {
        const h2o_header_t *header = &headers->entries[i];
        if (!h2o_memis(header->name->base, header->name->len, name, strlen(name)))
            continue;
        if (found >= 0)
            return NULL;
        found = (ssize_t)i;
    }
    if (found < 0)
        return NULL;
    *ret_length = headers->entries[found].value.len;
    return headers->entries[found].value.base;
}

static bool is_request_id(const char *text, size_t length)
{
    if (length == 0 || length >= REQUEST_ID_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.';
        if (!plain)
            return false;
    }
    return true;
}

/* W3C traceparent: 00-<32 hex digits>-<16>-<2>, neither id all zero. */
static bool parse_trace(const char *text, size_t length, struct request *request)
{
    static const uint8_t none[TRACE_ID_BYTES];
    uint8_t trace[TRACE_ID_BYTES], span[TRACE_SPAN_ID_LENGTH];

    if (length < 55 || memcmp(text, "00-", 3) != 0 || text[35] != '-' || text[52] != '-' ||
        hex_parse(text + 3, sizeof(trace), trace) < 0 || memcmp(trace, none, sizeof(trace)) == 0)
        return false;
    memcpy(request->trace_id, trace, sizeof(trace));
    if (hex_parse(text + 36, sizeof(span), span) == 0)
        memcpy(request->caller_span, span, sizeof(span));
    return true;
}

static void name_request(struct request *request)
{
    struct uuid id = uuid_next(&request->edge->ids, clock_now());
    size_t length;

    const char *text = request_header(request, "x-request-id", &length);
    if (text != NULL && is_request_id(text, length))
        utf8_copy(request->id, sizeof(request->id), text, length);
    else
        uuid_format(id, request->id);
    text = request_header(request, "traceparent", &length);
    if (text == NULL || !parse_trace(text, length, request))
        memcpy(request->trace_id, id.bytes, TRACE_ID_BYTES);
}

struct request *request_create(struct edge *edge, h2o_req_t *req)
{
    struct request *request = h2o_mem_alloc_shared(&req->pool, sizeof(*request), on_dispose);

    *request = (struct request){
        .edge = edge, .gateway = edge->gateway, .req = req, .began_us = clock_monotonic_us()};
    name_request(request);
    return request;
}

void *request_make_state(struct request *request, size_t size)
{
    request->state = h2o_mem_alloc_pool(&request->req->pool, size);
    return memset(request->state, 0, size);
}

struct buffer *request_body(const struct request *request)
{
    struct buffer *body = &request->edge->body;

    buffer_clear(body);
    return body;
}

void request_add_header(struct request *request, const char *name, const char *value)
{
    h2o_req_t *req = request->req;
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);
    h2o_iovec_t name_copy = h2o_strdup(&req->pool, name, SIZE_MAX);

    h2o_add_header_by_str(&req->pool, &req->res.headers, name_copy.base, name_copy.len, 0, NULL, copy.base,
                          copy.len);
}

bool request_origin_is_allowed(const struct request *request)
{
    const struct config_list *origins = &request->edge->config->origins;
    h2o_iovec_t host = request->req->input.authority;
    size_t length;
    const char *origin = request_header(request, "origin", &length);

    if (origin == NULL)
        return h2o_find_header_by_str(&request->req->headers, H2O_STRLIT("origin"), -1) < 0;
    for (size_t i = 0; i < origins->count; i++) {
        if (strlen(origins->items[i]) == length && memcmp(origins->items[i], origin, length) == 0)
            return true;
    }
    const char *host_at = memmem(origin, length, "://", 3);
    if (host_at == NULL)
        return false;
    host_at += 3;
    return h2o_lcstris(host_at, (size_t)(origin + length - host_at), host.base, host.len);
}

/* For pages of a listed origin that ask from another host (the CORS protocol of the Fetch standard). A
 * browser sends no credentials of its own accord: tokens are in a header that the page sets. */
static void add_cors(struct request *request)
{
    size_t length;
    const char *origin = request_header(request, "origin", &length);
    const h2o_req_t *req = request->req;

    if (request->edge->config->origins.count == 0)
        return;
    request_add_header(request, "vary", "origin");
    if (origin == NULL || !request_origin_is_allowed(request))
        return;
    request_add_header(request, "access-control-allow-origin",
                       h2o_strdup(&request->req->pool, origin, length).base);
    if (h2o_memis(req->method.base, req->method.len, H2O_STRLIT("OPTIONS"))) {
        request_add_header(request, "access-control-allow-methods", "GET, POST, DELETE");
        request_add_header(request, "access-control-allow-headers",
                           "authorization, content-type, idempotency-key, traceparent");
        request_add_header(request, "access-control-max-age", "600");
    } else {
        request_add_header(request, "access-control-expose-headers",
                           "idempotency-key, idempotent-replayed, location, ratelimit, ratelimit-policy, "
                           "retry-after, server-timing, x-request-id");
    }
}

struct request *request_find(const struct edge *edge, uint64_t parked)
{
    return handles_find(edge->parked, parked);
}

bool request_park(struct request *request)
{
    struct edge *edge = request->edge;
    int64_t deadline_us = request->began_us + edge->config->request_timeout_ms * 1000;

    if (request->parked != 0)
        return true;
    if (handles_add(edge->parked, request, deadline_us, &request->parked) == 0)
        return true;
    request_unavailable(request, "Too many requests are waiting; try again shortly.");
    return false;
}

void request_count_waiting(struct request *request, size_t *waiting)
{
    if (request->waiting != NULL)
        return;
    request->waiting = waiting;
    (*waiting)++;
}

/* The span that the stages of an order hang on. */
static void trace(const struct request *request, int status, int64_t took_us)
{
    struct instant now = clock_now();

    if (request->edge->service->tracer == NULL || uuid_is_nil(request->order_id))
        return;
    struct trace_span span = {.name = request->operation->name,
                              .kind = TRACE_SERVER,
                              .begin = {now.us - took_us},
                              .end = now,
                              .order_id = request->order_id,
                              .status = status,
                              .failed = status >= 500};
    memcpy(span.trace_id, request->trace_id, sizeof(span.trace_id));
    memcpy(span.parent_id, request->caller_span, sizeof(span.parent_id));
    trace_root(span.order_id, span.span_id);
    trace_add(request->edge->service->tracer, &span);
}

static void count(struct request *request, int status)
{
    struct edge *edge = request->edge;
    const struct operation *operation = request->operation;
    size_t label = routes_label(edge->routes, operation);
    int64_t took_us = clock_monotonic_us() - request->began_us;
    size_t class = status < 200 ? 0 : (size_t)(status / 100 - 2); /* 2xx (101 too), 3xx, 4xx, 5xx */

    if (request->counted)
        return;
    request->counted = true;
    metrics_add(edge_metrics(edge), METRIC_REQUESTS, label * 4 + class, 1);
    metrics_observe_us(edge_metrics(edge), METRIC_REQUEST_SECONDS, label, took_us);
    trace(request, status, took_us);
    LOG(edge_log(edge), status >= 500 && !request->untold ? LOG_WARNING : LOG_DEBUG, "request",
        LOG_TEXT("operation", operation == NULL ? "none" : operation->name), LOG_I64("status", status),
        LOG_I64("took_us", took_us), LOG_TEXT("request_id", request->id), LOG_TRACE(request->trace_id));
}

/* Of every answer: not copied. */
static void add_constant(h2o_req_t *req, const char *name, size_t name_length, const char *value,
                         size_t value_length)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, name_length, 0, NULL, value, value_length);
}

void request_begin_answer(struct request *request, int status)
{
    h2o_req_t *req = request->req;
    struct edge *edge = request->edge;

    assert(req != NULL);
    count(request, status);
    unpark(request);
    req->res.status = status;
    req->res.reason = request_status_text(status);
    request_add_header(request, "x-request-id", request->id);
    add_constant(req, H2O_STRLIT("x-content-type-options"), H2O_STRLIT("nosniff"));
    if (edge->accept.ssl_ctx != NULL)
        add_constant(req, H2O_STRLIT("strict-transport-security"), H2O_STRLIT("max-age=31536000"));
    add_cors(request);
    if (edge->draining)
        req->http1_is_persistent = 0;
}

static const char no_store[] = "no-store";

/* Of the API's answers. length: SIZE_MAX when it is not known, or there is no body. */
static void open_answer(struct request *request, int status, const char *content_type,
                        const char *cache_control, size_t length)
{
    h2o_req_t *req = request->req;

    request_begin_answer(request, status);
    req->res.content_length = length;
    if (content_type != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, content_type,
                       strlen(content_type));
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL, cache_control,
                   strlen(cache_control));
    add_constant(req, H2O_STRLIT("content-security-policy"),
                 H2O_STRLIT("default-src 'none'; frame-ancestors 'none'"));
    if (request->operation != NULL && request->operation->has_key)
        request_add_key(request);
}

static void answer(struct request *request, int status, const char *content_type, const struct buffer *body)
{
    open_answer(request, status, content_type, no_store, body == NULL ? SIZE_MAX : body->length);
    h2o_send_inline(request->req, body == NULL ? "" : body->data, body == NULL ? 0 : body->length);
}

void request_open_stream(struct request *request, const char *content_type)
{
    open_answer(request, 200, content_type, no_store, SIZE_MAX);
}

void request_answer_bytes(struct request *request, const char *content_type, const char *cache_control,
                          const void *bytes, size_t length)
{
    open_answer(request, 200, content_type, cache_control, length);
    h2o_send_inline(request->req, bytes, length);
}

void request_answer_empty(struct request *request, int status)
{
    answer(request, status, NULL, NULL);
}

void request_answer_json(struct request *request, int status, const struct buffer *body)
{
    if (buffer_failed(body) || body->data == NULL) {
        request_refuse(request, REJECT_INTERNAL,
                       "The answer could not be written; report the request_id, then try again.");
        return;
    }
    answer(request, status, "application/json", body);
}

void request_render_problem(struct buffer *out, enum reject_code code, const char *detail,
                            const char *request_id, const struct fault *faults, size_t fault_count,
                            const struct uuid *order_id)
{
    char slug[REJECT_SLUG_MAX];

    reject_slug(code, slug);
    buffer_append_format(out, "{\"type\":\"/problems/%s\",\"title\":", slug);
    json_append_text(out, reject_title(code));
    buffer_append_format(out, ",\"status\":%d,\"code\":\"%s\",\"detail\":", reject_http_status(code),
                         reject_text(code));
    json_append_text(out, detail);
    buffer_append_text(out, ",\"request_id\":");
    json_append_text(out, request_id);
    if (order_id != NULL) {
        buffer_append_text(out, ",\"order_id\":");
        json_append_uuid(out, *order_id);
    }
    for (size_t i = 0; i < fault_count; i++) {
        buffer_append_text(out, i == 0 ? ",\"errors\":[" : ",");
        fault_json_render(&faults[i], out);
    }
    buffer_append_text(out, fault_count > 0 ? "]}" : "}");
}

void request_answer_problem(struct request *request, enum reject_code code, const char *detail,
                            const struct fault *faults, size_t fault_count, const struct uuid *order_id)
{
    struct buffer *body = &request->edge->body;
    int status = reject_http_status(code);

    assert(status >= 400);
    buffer_clear(body);
    request_render_problem(body, code, detail, request->id, faults, fault_count, order_id);
    answer(request, status, "application/problem+json", body);
}

void request_refuse(struct request *request, enum reject_code code, const char *detail)
{
    request_answer_problem(request, code, detail, NULL, 0, NULL);
}

void request_unavailable(struct request *request, const char *detail)
{
    char seconds[16];

    (void)snprintf(seconds, sizeof(seconds), "%d", RETRY_AFTER_S);
    request_add_header(request, "retry-after", seconds);
    request_refuse(request, REJECT_UNAVAILABLE, detail);
}

void request_add_key(struct request *request)
{
    char trader[UUID_TEXT_MAX] = "-", time[INSTANT_TEXT_MAX];

    if (!uuid_is_nil(request->trader_id))
        uuid_format(request->trader_id, trader);
    instant_format(request->received_at, time);
    if (request->key[0] == '\0')
        (void)snprintf(request->key, sizeof(request->key), "%s:-:-:-:%s:v1", trader, time);
    request_add_header(request, "idempotency-key", request->key);
}

void request_upgraded(struct request *request)
{
    h2o_req_t *req = request->req;

    count(request, 101);
    connections_mark_websocket(req->conn->callbacks->get_socket(req->conn));
    unpark(request);
}

/* application/json, with no charset or UTF-8. */
static bool is_json(const struct request *request)
{
    static const char type[] = "application/json";
    size_t length;
    const char *text = request_header(request, "content-type", &length);

    if (text == NULL || length < sizeof(type) - 1 ||
        !h2o_lcstris(text, sizeof(type) - 1, H2O_STRLIT("application/json")))
        return false;
    text += sizeof(type) - 1;
    length -= sizeof(type) - 1;
    while (length > 0 && (*text == ' ' || *text == ';')) {
        text++;
        length--;
    }
    return length == 0 || h2o_lcstris(text, length, H2O_STRLIT("charset=utf-8")) ||
           h2o_lcstris(text, length, H2O_STRLIT("charset=\"utf-8\""));
}

void request_read_params(const struct request *request, const struct http_param *params, size_t count,
                         void *out, struct faults *ret_faults)
{
    const h2o_req_t *req = request->req;
    bool has_query = req->query_at != SIZE_MAX;

    (void)http_params_parse(has_query ? req->path.base + req->query_at + 1 : NULL,
                            has_query ? req->path.len - req->query_at - 1 : 0, params, count, out,
                            ret_faults);
}

void request_refuse_params(struct request *request, const struct faults *faults)
{
    request_answer_problem(request, REJECT_MALFORMED_REQUEST, faults->items[0].message, faults->items,
                           faults->count, NULL);
}

static bool check_json(struct request *request)
{
    if (!is_json(request)) {
        request_refuse(request, REJECT_UNSUPPORTED_MEDIA_TYPE,
                       "The Content-Type is not application/json in UTF-8; send the body as that.");
        return false;
    }
    if (request->req->entity.len > JSON_BODY_MAX) {
        request_refuse(request, REJECT_BODY_TOO_LARGE,
                       "The body is over 16 KiB; send one order, and no more than the contract's members.");
        return false;
    }
    return true;
}

void request_refuse_members(struct request *request, const struct faults *faults)
{
    char several[96];

    (void)snprintf(several, sizeof(several),
                   "The body has %zu faults; correct each member that errors names.", faults->count);
    request_answer_problem(request, REJECT_VALIDATION_FAILED,
                           faults->count == 1 ? faults->items[0].message : several, faults->items,
                           faults->count, NULL);
}

bool request_read_json(struct request *request, const struct json_body *body, void *ret_message)
{
    const h2o_iovec_t *entity = &request->req->entity;
    char detail[JSON_BODY_DETAIL_MAX];
    struct faults faults;

    if (!check_json(request))
        return false;
    int r = json_body_parse(body, entity->base, entity->len, ret_message, &faults, detail);
    if (r == -EINVAL)
        request_refuse_members(request, &faults);
    else if (r == -EBADMSG)
        request_refuse(request, REJECT_MALFORMED_JSON, detail);
    else if (r < 0)
        request_unavailable(request, "There is no memory left; try again shortly.");
    return r == 0;
}
