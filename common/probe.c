/* The probe port: health and metrics over HTTP/1.1, in a thread of its own. See health.h. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/health.h"

enum {
    CONNECTIONS_MAX = 64, /* at once; more are closed at the door */
    ACCEPTS_PER_TURN = 16,
    BACKLOG = 64,
    ENTITY_MAX = 1024,         /* bytes; no request here needs a body */
    REQUEST_TIMEOUT_MS = 2000, /* from the first to the last byte of a request */
    WRITE_TIMEOUT_MS = 5000,   /* for a client that does not read */
    STOP_TIMEOUT_US = 1000 * 1000,
    BODY_MAX = 4 * 1024 * 1024,
};

/* Slot of an accepted connection; what h2o knows of one cannot be listed from outside. */
struct connection {
    struct probe *probe;
    h2o_socket_t *socket; /* NULL: free */
};

struct probe {
    struct health *health;
    const struct metrics *metrics;
    int listen_fd;
    int stop_fd; /* eventfd */
    pthread_t thread;
    bool stopping; /* the thread's own */
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    struct buffer body;
    size_t connection_count;
    struct connection connections[CONNECTIONS_MAX];
};

struct probe_handler {
    h2o_handler_t base;
    struct probe *probe;
};

static int render_metrics(struct probe *probe, struct buffer *out)
{
    if (probe->metrics != NULL)
        metrics_render(probe->metrics, out);
    return 200;
}

static int render_live(struct probe *probe, struct buffer *out)
{
    return health_render_live(probe->health, out);
}

static int render_ready(struct probe *probe, struct buffer *out)
{
    return health_render_ready(probe->health, out);
}

static const struct page {
    const char *path;
    const char *content_type;
    int (*render)(struct probe *probe, struct buffer *out); /* returns the HTTP status */
} pages[] = {
    {"/healthz", "application/json", render_live},
    {"/readyz", "application/json", render_ready},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", render_metrics},
};

static void reply(h2o_req_t *req, int status, const char *reason, const char *content_type, const char *body,
                  size_t length)
{
    req->res.status = status;
    req->res.reason = reason;
    /* One request a connection: probes are rare, and nobody can hold a slot by keeping it alive. */
    req->http1_is_persistent = 0;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, content_type,
                   strlen(content_type));
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL, H2O_STRLIT("no-store"));
    h2o_send_inline(req, body, length);
}

static void reply_problem(h2o_req_t *req, int status, const char *title)
{
    char body[128];
    int length = snprintf(body, sizeof(body), "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}\n",
                          title, status);

    assert(length > 0 && (size_t)length < sizeof(body));
    reply(req, status, title, "application/problem+json", body, (size_t)length);
}

static void reply_page(h2o_req_t *req, struct probe *probe, const struct page *page)
{
    buffer_clear(&probe->body);
    int status = page->render(probe, &probe->body);
    if (buffer_failed(&probe->body))
        reply_problem(req, 500, "Internal Server Error");
    else
        reply(req, status, status == 200 ? "OK" : "Service Unavailable", page->content_type,
              probe->body.length > 0 ? probe->body.data : "", probe->body.length);
}

static int on_request(h2o_handler_t *base, h2o_req_t *req)
{
    struct probe *probe = ((struct probe_handler *)base)->probe;

    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        if (!h2o_memis(req->path_normalized.base, req->path_normalized.len, pages[i].path,
                       strlen(pages[i].path)))
            continue;
        if (h2o_memis(req->method.base, req->method.len, H2O_STRLIT("GET")) ||
            h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"))) {
            reply_page(req, probe, &pages[i]);
            return 0;
        }
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_ALLOW, NULL, H2O_STRLIT("GET, HEAD"));
        reply_problem(req, 405, "Method Not Allowed");
        return 0;
    }
    reply_problem(req, 404, "Not Found");
    return 0;
}

static void on_connection_closed(void *data)
{
    struct connection *connection = data;

    connection->socket = NULL;
    connection->probe->connection_count--;
}

static void admit(struct probe *probe, h2o_socket_t *socket)
{
    unsigned int write_timeout_ms = WRITE_TIMEOUT_MS;
    size_t slot = 0;

    if (probe->connection_count == CONNECTIONS_MAX) {
        h2o_socket_close(socket);
        return;
    }
    while (probe->connections[slot].socket != NULL)
        slot++;
    probe->connections[slot] = (struct connection){probe, socket};
    probe->connection_count++;
    socket->on_close.cb = on_connection_closed;
    socket->on_close.data = &probe->connections[slot];
    (void)setsockopt(h2o_socket_get_fd(socket), IPPROTO_TCP, TCP_USER_TIMEOUT, &write_timeout_ms,
                     sizeof(write_timeout_ms));
    h2o_accept(&probe->accept, socket);
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    struct probe *probe = listener->data;

    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        admit(probe, socket);
    }
}

static void on_stop(h2o_socket_t *socket, const char *error)
{
    struct probe *probe = socket->data;

    (void)error;
    h2o_socket_read_stop(socket);
    probe->stopping = true;
}

static void close_connections(struct probe *probe)
{
    int64_t deadline_us = clock_monotonic_us() + STOP_TIMEOUT_US;

    /* h2o closes a connection itself once it reads its end. */
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (probe->connections[i].socket != NULL)
            (void)shutdown(h2o_socket_get_fd(probe->connections[i].socket), SHUT_RDWR);
    }
    while (probe->connection_count > 0 && clock_monotonic_us() < deadline_us)
        (void)h2o_evloop_run(probe->context.loop, 10);
}

static void configure(struct probe *probe)
{
    h2o_config_init(&probe->config);
    probe->config.max_request_entity_size = ENTITY_MAX;
    probe->config.http1.req_timeout = REQUEST_TIMEOUT_MS;
    probe->config.http1.upgrade_to_http2 = 0;
    probe->config.server_name = h2o_iovec_init(H2O_STRLIT("oxe"));
    h2o_hostconf_t *host =
        h2o_config_register_host(&probe->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct probe_handler *handler = (struct probe_handler *)h2o_create_handler(path, sizeof(*handler));
    handler->base.on_req = on_request;
    handler->probe = probe;
}

static void *serve(void *data)
{
    struct probe *probe = data;
    h2o_evloop_t *loop = h2o_evloop_create();

    configure(probe);
    h2o_context_init(&probe->context, loop, &probe->config);
    probe->accept = (h2o_accept_ctx_t){.ctx = &probe->context, .hosts = probe->config.hosts};

    h2o_socket_t *listener = h2o_evloop_socket_create(loop, probe->listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = probe;
    h2o_socket_read_start(listener, on_accept);
    h2o_socket_t *stop = h2o_evloop_socket_create(loop, dup(probe->stop_fd), 0);
    stop->data = probe;
    h2o_socket_read_start(stop, on_stop);

    while (!probe->stopping)
        (void)h2o_evloop_run(loop, INT32_MAX);

    h2o_socket_close(listener);
    h2o_socket_close(stop);
    close_connections(probe);
    if (probe->connection_count == 0) {
        h2o_context_dispose(&probe->context);
        h2o_evloop_destroy(loop);
        h2o_config_dispose(&probe->config);
    }
    return NULL;
}

static int split_address(const char *address, char host[static 256], const char **ret_port)
{
    const char *colon = strrchr(address, ':');

    if (colon == NULL || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strtol(colon + 1, NULL, 10) < 1 || strtol(colon + 1, NULL, 10) > 65535)
        return -EINVAL;
    size_t length = (size_t)(colon - address);
    if (length >= 2 && address[0] == '[' && address[length - 1] == ']') {
        address++;
        length -= 2;
    }
    if (length == 0 || length >= 256)
        return -EINVAL;
    memcpy(host, address, length);
    host[length] = '\0';
    *ret_port = colon + 1;
    return 0;
}

static int open_listener(const char *address)
{
    static const struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *found;
    char host[256];
    const char *port;
    int one = 1;

    int r = split_address(address, host, &port);
    if (r < 0)
        return r;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -EADDRNOTAVAIL;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
        r = -errno;
        cleanup_close(&fd);
        fd = r;
    }
    freeaddrinfo(found);
    return fd;
}

/* Signals are for the service's thread. SIGPIPE, too: h2o writes to sockets that may be closed. */
static int start_thread(struct probe *probe)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&probe->thread, NULL, serve, probe);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

int probe_start(const char *address, struct health *health, const struct metrics *metrics,
                struct probe **ret_probe)
{
    CLEANUP_FREE struct probe *probe = calloc(1, sizeof(*probe));
    CLEANUP_CLOSE int listen_fd = -1;
    CLEANUP_CLOSE int stop_fd = -1;

    if (probe == NULL)
        return -ENOMEM;
    listen_fd = open_listener(address);
    if (listen_fd < 0)
        return listen_fd;
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return -errno;
    probe->health = health;
    probe->metrics = metrics;
    probe->listen_fd = listen_fd;
    probe->stop_fd = stop_fd;
    probe->body = BUFFER_INIT(BODY_MAX);
    int r = start_thread(probe);
    if (r < 0)
        return r;
    listen_fd = -1; /* the thread closes it, probe_stop the other */
    stop_fd = -1;
    *ret_probe = probe;
    probe = NULL;
    return 0;
}

void probe_stop(struct probe **probe)
{
    uint64_t one = 1;

    if (*probe == NULL)
        return;
    ssize_t written = write((*probe)->stop_fd, &one, sizeof(one));
    assert(written == sizeof(one));
    (void)pthread_join((*probe)->thread, NULL);
    (void)close((*probe)->stop_fd);
    buffer_release(&(*probe)->body);
    free(*probe);
    *probe = NULL;
}
