/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/http.h"

#include <errno.h>
#include <h2o/http1.h>
#include <poll.h>
#include <string.h>

#include "common/address.h"
#include "common/cleanup.h"
#include "common/utf8.h"
#include "services/gateway/edge/connections.h"
#include "services/gateway/edge/http_head.h"
#include "services/gateway/edge/json_body.h"
#include "services/gateway/edge/linger.h"
#include "services/gateway/edge/request.h"
#include "services/gateway/edge/tls.h"
#include "services/gateway/edge/web.h"

enum {
    ACCEPTS_PER_TURN = 64,
    BACKLOG = 1024,
    REQUEST_TIMEOUT_MS = 10000, /* from the first to the last byte of a request; also of an idle connection */
    SWEEP_US = 1000 * 1000,
    RELEASE_TIMEOUT_US = 1000 * 1000,
    RECEIVE_BUFFER_MAX = 32 * 1024, /* bytes; of the kernel, for a connection: what h2o can read at once */
    PROBLEM_MAX = 4096,
};

struct problem_stream {
    h2o_ostream_t base;
    h2o_iovec_t body;
};

static struct edge *edge_of(const h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(struct edge, context, req->conn->ctx);
}

static void answer_method(struct request *request)
{
    char allow[64];
    const h2o_req_t *req = request->req;

    routes_allow(request->edge->routes, request->route, allow, sizeof(allow));
    request_add_header(request, "allow", allow);
    if (h2o_memis(req->method.base, req->method.len, H2O_STRLIT("OPTIONS")))
        request_answer_empty(request, 204);
    else
        request_refuse(request, REJECT_METHOD_NOT_ALLOWED,
                       "The path exists, but not with this method; use one that the header Allow names.");
}

/* Where the next request would begin cannot be trusted: the connection ends. */
static void refuse_head(struct request *request, enum route_match match, enum reject_code code,
                        const char *fault)
{
    h2o_req_t *req = request->req;

    if (match == ROUTE_FOUND)
        request->operation =
            routes_operation(request->edge->routes, request->route, req->method.base, req->method.len);
    request->received_at = idempotency_stamp(&request->edge->stamps, clock_now());
    req->http1_is_persistent = 0;
    request_refuse(request, code, fault);
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    struct edge *edge = edge_of(req);
    struct request *request = request_create(edge, req);
    enum route_match match = routes_find(edge->routes, req->path_normalized.base, req->path_normalized.len,
                                         &request->route, &request->subject);

    if (match == ROUTE_FOUND && request->route->development && !edge->development)
        match = ROUTE_UNKNOWN;
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    if (http_head_is_too_large(socket->input->bytes, socket->input->size)) {
        linger_add(edge->linger, socket); /* the rest may still be on its way */
        refuse_head(
            request, match, REJECT_HEAD_TOO_LARGE,
            "The request's head is over 16 KiB or has more than 100 headers; send fewer or shorter ones.");
        return 0;
    }
    const char *fault = http_head_fault(socket->input->bytes, socket->input->size);
    if (req->version == HTTP_VERSION_REFUSED) {
        linger_add(edge->linger, socket);
        fault = fault != NULL ? fault : http_head_fault_unknown;
    }
    if (fault != NULL) {
        refuse_head(request, match, REJECT_MALFORMED_REQUEST, fault);
        return 0;
    }
    if (match == ROUTE_UNKNOWN) {
        web_answer(request);
        return 0;
    }
    const struct operation *operation =
        routes_operation(edge->routes, request->route, req->method.base, req->method.len);
    if (operation == NULL) {
        answer_method(request);
        return 0;
    }
    request->operation = operation;
    request->received_at = idempotency_stamp(&edge->stamps, clock_now());
    if (match == ROUTE_BAD_ID)
        request->bad_subject = "The id in the path is not a UUID; correct it.";
    else if (match == ROUTE_BAD_SYMBOL)
        request->bad_subject = "The symbol in the path is not a symbol; correct it.";
    edge->begin(request);
    return 0;
}

/* --- answers that h2o makes itself, before there is a request of ours --- */

static void send_problem(h2o_ostream_t *base, h2o_req_t *req, h2o_iovec_t *buffers, size_t count,
                         h2o_send_state_t state)
{
    struct problem_stream *stream = (struct problem_stream *)base;
    bool head = h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));

    (void)buffers, (void)count;
    h2o_ostream_send_next(base, req, &stream->body, head ? 0 : 1, state);
}

static h2o_iovec_t render_early(h2o_req_t *req, struct request *request)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(PROBLEM_MAX);
    bool too_large = req->res.status == 413;

    request_render_problem(
        &body, too_large ? REJECT_BODY_TOO_LARGE : REJECT_MALFORMED_REQUEST,
        too_large ? "The body is over 16 KiB; send one order, and no more than the contract's members."
                  : http_head_fault_unknown,
        request->id, NULL, 0, NULL);
    return h2o_strdup(&req->pool, body.data, body.length);
}

/* Where answers name a key, this one does too. */
static void add_early_key(struct edge *edge, struct request *request)
{
    const h2o_req_t *req = request->req;
    h2o_iovec_t path = req->input.path, method = req->input.method;
    const struct operation *route, *operation = NULL;
    struct route_subject subject;
    size_t length;

    if (routes_find(edge->routes, path.base, path.len, &route, &subject) == ROUTE_FOUND)
        operation = routes_operation(edge->routes, route, method.base, method.len);
    if (operation == NULL || !operation->has_key)
        return;
    const char *key = request_header(request, "idempotency-key", &length);
    if (key != NULL && idempotency_key_is_valid(key, length))
        utf8_copy(request->key, sizeof(request->key), key, length);
    request->received_at = idempotency_stamp(&edge->stamps, clock_now());
    request_add_key(request);
}

static void on_early_answer(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)filter;
    struct edge *edge = edge_of(req);
    struct request *request = request_create(edge, req);
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);

    memset(&req->res.headers, 0, sizeof(req->res.headers));
    /* 417 and the like say the same as 400 to a client, and the contract knows 400. */
    if (req->res.status != 413)
        req->res.status = 400;
    req->res.reason = request_status_text(req->res.status);
    h2o_iovec_t body = render_early(req, request);
    req->res.content_length = body.len;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/problem+json"));
    request_add_header(request, "x-request-id", request->id);
    add_early_key(edge, request);
    metrics_add(edge_metrics(edge), METRIC_REQUESTS, routes_label(edge->routes, NULL) * 4 + 2, 1);
    if (socket != NULL)
        linger_add(edge->linger, socket);
    struct problem_stream *stream = (struct problem_stream *)h2o_add_ostream(req, sizeof(*stream), slot);
    stream->base.do_send = send_problem;
    stream->body = body;
    h2o_setup_next_ostream(req, &stream->base.next);
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    struct edge *edge = listener->data;

    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        connections_admit(edge, socket);
    }
}

void http_init(struct edge *edge)
{
    h2o_config_init(&edge->http);
    /* A chunked body is refused when it reaches the limit, another when it passes it. */
    edge->http.max_request_entity_size = JSON_BODY_MAX + 1;
    edge->http.http1.req_timeout = REQUEST_TIMEOUT_MS;
    edge->http.http1.upgrade_to_http2 = 0;
    edge->http.server_name = h2o_iovec_init(H2O_STRLIT("oxe"));
    h2o_hostconf_t *host =
        h2o_config_register_host(&edge->http, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
    web_register(path);
    h2o_create_filter(&host->fallback_path, sizeof(h2o_filter_t))->on_setup_ostream = on_early_answer;
    h2o_context_init(&edge->context, h2o_evloop_create(), &edge->http);
    edge->context_ready = true;
    edge->accept = (h2o_accept_ctx_t){.ctx = &edge->context, .hosts = edge->http.hosts};
}

static int load_tls(struct edge *edge)
{
    SSL_CTX *context;

    if (edge->config->tls_certificate[0] == '\0')
        return 0;
    int r = tls_create(edge->config->tls_certificate, edge->config->tls_key, edge_log(edge), &context);
    if (r < 0)
        return r;
    tls_destroy(&edge->accept.ssl_ctx);
    edge->accept.ssl_ctx = context;
    return 0;
}

void http_reload(struct edge *edge)
{
    if (load_tls(edge) == 0 && edge->accept.ssl_ctx != NULL)
        LOG(edge_log(edge), LOG_INFO, "certificate_loaded");
}

int http_listen(struct edge *edge)
{
    int r = load_tls(edge);
    if (r < 0)
        return r;
    int fd = address_listen(edge->config->listen, BACKLOG, RECEIVE_BUFFER_MAX);
    if (fd < 0)
        return fd;
    edge->listener = h2o_evloop_socket_create(edge->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    edge->listener->data = edge;
    h2o_socket_read_start(edge->listener, on_accept);
    return 0;
}

/* Whether a connection's request waits for an answer of ours. */
struct search {
    const h2o_socket_t *socket;
    bool found;
};

static void match_socket(void *owner, void *context)
{
    const struct request *request = owner;
    struct search *search = context;

    if (request->req->conn->callbacks->get_socket(request->req->conn) == search->socket)
        search->found = true;
}

void http_drain(struct edge *edge)
{
    if (edge->listener != NULL)
        h2o_socket_close(edge->listener);
    edge->listener = NULL;
    /* h2o latches persistence when it parses a request; from here on none persists. */
    edge->context.shutdown_requested = 1;
    for (const struct connection *connection = LIST_FIRST(&edge->connections); connection != NULL;
         connection = LIST_NEXT(connection, in_edge)) {
        struct search search = {.socket = connection->socket};
        handles_each(edge->parked, match_socket, &search);
        /* An idle one reads its end and closes. WebSockets have been told 1001 and end by themselves. */
        if (!search.found && !connection->websocket)
            (void)shutdown(h2o_socket_get_fd(connection->socket), SHUT_RD);
    }
}

void http_release(struct edge *edge)
{
    if (!edge->context_ready)
        return;
    int64_t deadline_us = clock_monotonic_us() + RELEASE_TIMEOUT_US;
    h2o_loop_t *loop = edge->context.loop;

    if (edge->listener != NULL)
        h2o_socket_close(edge->listener);
    edge->listener = NULL;
    for (const struct connection *connection = LIST_FIRST(&edge->connections); connection != NULL;
         connection = LIST_NEXT(connection, in_edge))
        (void)shutdown(h2o_socket_get_fd(connection->socket), SHUT_RDWR);
    while (edge->connection_count > 0 && clock_monotonic_us() < deadline_us)
        (void)h2o_evloop_run(loop, 10);
    /* One that still waits for something holds h2o's timers: the process ends anyway. */
    if (edge->connection_count > 0)
        return;
    h2o_context_dispose(&edge->context);
    h2o_evloop_destroy(loop);
    h2o_config_dispose(&edge->http);
    tls_destroy(&edge->accept.ssl_ctx);
}

static void forget_gone(void *owner, void *context)
{
    struct request *request = owner;
    h2o_req_t *req = request->req;
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);

    (void)context;
    struct pollfd pollfd = {.fd = h2o_socket_get_fd(socket), .events = POLLRDHUP};
    if (poll(&pollfd, 1, 0) != 1 || (pollfd.revents & (POLLHUP | POLLERR)) == 0)
        return;
    /* While a request is parked h2o does not read, so only we notice. Nobody reads this answer. */
    req->http1_is_persistent = 0;
    request_unavailable(request, "The client has gone.");
}

void http_tick(struct edge *edge, int64_t now_us)
{
    struct request *request;

    while ((request = handles_overdue(edge->parked, now_us)) != NULL)
        request_unavailable(request, "There was no answer in time; try again with the same Idempotency-Key.");
    if (edge->next_sweep_us <= now_us) {
        edge->next_sweep_us = now_us + SWEEP_US;
        handles_each(edge->parked, forget_gone, NULL);
    }
}
