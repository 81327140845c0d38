/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP/1.1 server: see http_port.h. */
#include "common/http_port.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/thread.h"

enum {
    CONNECTIONS_MAX = 64, /* at once; more are closed at the door */
    ACCEPTS_PER_TURN = 16,
    BACKLOG = 64,
    REQUEST_TIMEOUT_MS = 2000, /* from the first to the last byte of a request */
    WRITE_TIMEOUT_MS = 5000,   /* for a client that does not read */
    TURN_MS = 1000,            /* between two calls of `turn` at most */
    STOP_TIMEOUT_US = 1000 * 1000,
    BODY_MAX = 4 * 1024 * 1024,
};

/* Slot of an accepted connection; what h2o knows of one cannot be listed from outside. */
struct connection {
    struct http_port *port;
    h2o_socket_t *socket; /* NULL: free */
};

struct http_port {
    const struct http_port_class *class;
    void *context;
    int listen_fd;
    int stop_fd; /* eventfd */
    pthread_t thread;
    bool stopping; /* the thread's own */
    h2o_globalconf_t config;
    h2o_context_t h2o;
    h2o_accept_ctx_t accept;
    struct buffer body;
    size_t connection_count;
    struct connection connections[CONNECTIONS_MAX];
};

struct port_handler {
    h2o_handler_t base;
    struct http_port *port;
};

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {422, "Unprocessable Entity"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unknown";
}

bool http_port_is_path(const struct http_port_request *request, const char *path)
{
    return h2o_memis(request->path, request->path_length, path, strlen(path));
}

bool http_port_is_method(const struct http_port_request *request, const char *method)
{
    return h2o_memis(request->method, request->method_length, method, strlen(method));
}

void http_port_problem(struct http_port_answer *answer, int status)
{
    buffer_clear(answer->body);
    answer->status = status;
    answer->content_type = "application/problem+json";
    buffer_append_format(answer->body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}\n",
                         reason_of(status), status);
}

static void reply(h2o_req_t *req, const struct http_port_answer *answer)
{
    req->res.status = answer->status;
    req->res.reason = reason_of(answer->status);
    /* One request a connection: requests are rare here, and nobody can hold a slot by keeping it alive. */
    req->http1_is_persistent = 0;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, answer->content_type,
                   strlen(answer->content_type));
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL, H2O_STRLIT("no-store"));
    if (answer->allow != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_ALLOW, NULL, answer->allow,
                       strlen(answer->allow));
    h2o_send_inline(req, answer->body->length > 0 ? answer->body->data : "", answer->body->length);
}

static int on_request(h2o_handler_t *base, h2o_req_t *req)
{
    struct http_port *port = ((struct port_handler *)base)->port;
    const struct http_port_request request = {
        .method = req->method.base,
        .method_length = req->method.len,
        .path = req->path_normalized.base,
        .path_length = req->path_normalized.len,
        .body = req->entity.base,
        .body_length = req->entity.base == NULL ? 0 : req->entity.len,
    };
    struct http_port_answer answer = {.body = &port->body};

    buffer_clear(&port->body);
    port->class->answer(port->context, &request, &answer);
    if (buffer_failed(&port->body))
        http_port_problem(&answer, 500);
    reply(req, &answer);
    return 0;
}

static void on_connection_closed(void *data)
{
    struct connection *connection = data;

    connection->socket = NULL;
    connection->port->connection_count--;
}

static void admit(struct http_port *port, h2o_socket_t *socket)
{
    unsigned int write_timeout_ms = WRITE_TIMEOUT_MS;
    size_t slot = 0;

    if (port->connection_count == CONNECTIONS_MAX) {
        h2o_socket_close(socket);
        return;
    }
    while (port->connections[slot].socket != NULL)
        slot++;
    port->connections[slot] = (struct connection){port, socket};
    port->connection_count++;
    socket->on_close.cb = on_connection_closed;
    socket->on_close.data = &port->connections[slot];
    (void)setsockopt(h2o_socket_get_fd(socket), IPPROTO_TCP, TCP_USER_TIMEOUT, &write_timeout_ms,
                     sizeof(write_timeout_ms));
    h2o_accept(&port->accept, socket);
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    struct http_port *port = listener->data;

    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        admit(port, socket);
    }
}

static void on_stop(h2o_socket_t *socket, const char *error)
{
    struct http_port *port = socket->data;

    (void)error;
    h2o_socket_read_stop(socket);
    port->stopping = true;
}

static void close_connections(struct http_port *port)
{
    int64_t deadline_us = clock_monotonic_us() + STOP_TIMEOUT_US;

    /* h2o closes a connection itself once it reads its end. */
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (port->connections[i].socket != NULL)
            (void)shutdown(h2o_socket_get_fd(port->connections[i].socket), SHUT_RDWR);
    }
    while (port->connection_count > 0 && clock_monotonic_us() < deadline_us)
        (void)h2o_evloop_run(port->h2o.loop, 10);
}

static void configure(struct http_port *port)
{
    h2o_config_init(&port->config);
    port->config.max_request_entity_size = port->class->entity_max;
    port->config.http1.req_timeout = REQUEST_TIMEOUT_MS;
    port->config.http1.upgrade_to_http2 = 0;
    port->config.server_name = h2o_iovec_init(H2O_STRLIT("oxe"));
    h2o_hostconf_t *host =
        h2o_config_register_host(&port->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct port_handler *handler = (struct port_handler *)h2o_create_handler(path, sizeof(*handler));
    handler->base.on_req = on_request;
    handler->port = port;
}

static void *serve(void *data)
{
    struct http_port *port = data;
    h2o_evloop_t *loop = h2o_evloop_create();

    configure(port);
    h2o_context_init(&port->h2o, loop, &port->config);
    port->accept = (h2o_accept_ctx_t){.ctx = &port->h2o, .hosts = port->config.hosts};

    h2o_socket_t *listener = h2o_evloop_socket_create(loop, port->listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = port;
    h2o_socket_read_start(listener, on_accept);
    h2o_socket_t *stop = h2o_evloop_socket_create(loop, dup(port->stop_fd), 0);
    stop->data = port;
    h2o_socket_read_start(stop, on_stop);

    while (!port->stopping) {
        if (port->class->turn != NULL)
            port->class->turn(port->context);
        (void)h2o_evloop_run(loop, port->class->turn != NULL ? TURN_MS : INT32_MAX);
    }

    h2o_socket_close(listener);
    h2o_socket_close(stop);
    close_connections(port);
    if (port->connection_count == 0) {
        h2o_context_dispose(&port->h2o);
        h2o_evloop_destroy(loop);
        h2o_config_dispose(&port->config);
    }
    return NULL;
}

int http_port_start(const char *address, const struct http_port_class *class, void *context,
                    struct http_port **ret_port)
{
    CLEANUP_FREE struct http_port *port = calloc(1, sizeof(*port));
    CLEANUP_CLOSE int listen_fd = -1;
    CLEANUP_CLOSE int stop_fd = -1;

    if (port == NULL)
        return -ENOMEM;
    listen_fd = address_listen(address, BACKLOG, 0);
    if (listen_fd < 0)
        return listen_fd;
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return -errno;
    port->class = class;
    port->context = context;
    port->listen_fd = listen_fd;
    port->stop_fd = stop_fd;
    port->body = BUFFER_INIT(BODY_MAX);
    int r = thread_start(&port->thread, serve, port);
    if (r < 0)
        return r;
    listen_fd = -1; /* the thread closes it, http_port_stop the other */
    stop_fd = -1;
    *ret_port = port;
    port = NULL;
    return 0;
}

void http_port_stop(struct http_port **port)
{
    uint64_t one = 1;

    if (*port == NULL)
        return;
    ssize_t written = write((*port)->stop_fd, &one, sizeof(one));
    assert(written == sizeof(one));
    (void)pthread_join((*port)->thread, NULL);
    (void)close((*port)->stop_fd);
    buffer_release(&(*port)->body);
    free(*port);
    *port = NULL;
}
