/* SPDX-License-Identifier: Apache-2.0 */
/* ZeroMQ PUSH and PULL pipes: see pipe.h. */
#include "common/pipe.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/pipe_guard.h"

enum {
    ENDPOINT_MAX = 256,
    LINGER_MS = 200,           /* how long a closing pipe goes on delivering what it holds */
    RECONNECT_MS = 20,         /* doubling */
    RECONNECT_MAX_MS = 500,    /* up to this */
    HANDSHAKE_MS = 5000,       /* for a peer that connects and says nothing */
    HEARTBEAT_MS = 2000,       /* between machines: a peer that vanished without a FIN … */
    HEARTBEAT_LOST_MS = 10000, /* … is given up after this */
    IO_THREADS = 8,            /* the first for all but hosts that are named */
};

struct pipe_context {
    void *zmq;
    struct pipe_keys keys;
    struct pipe_guard *guard;                 /* NULL: nobody may connect with a key */
    char hosts[IO_THREADS - 1][ENDPOINT_MAX]; /* that are named; each has the thread of its place */
};

struct pipe {
    struct pipe_context *context;
    void *socket;
    enum pipe_kind kind;
    bool encrypted;
    char server_key[41];
    zmq_msg_t message; /* the one handed out last */
    int64_t empty_us;  /* monotonic: when it was found empty last */
};

static int zmq_result(int r)
{
    return r == 0 ? 0 : -zmq_errno();
}

static bool is_z85_key(const char *key)
{
    uint8_t decoded[32];

    return strlen(key) == 40 && zmq_z85_decode(decoded, key) != NULL;
}

static bool has_keys(const struct pipe_keys *keys)
{
    return keys->public_key[0] != '\0' || keys->secret_key[0] != '\0' || keys->server_key[0] != '\0';
}

int pipe_context_create(const struct pipe_keys *keys, struct pipe_context **ret_context)
{
    CLEANUP_FREE struct pipe_context *context = calloc(1, sizeof(*context));

    if (context == NULL)
        return -ENOMEM;
    if (keys != NULL && has_keys(keys)) {
        /* server_key may be missing where nothing connects; pipe_connect sees to it. */
        if (!is_z85_key(keys->public_key) || !is_z85_key(keys->secret_key) ||
            (keys->server_key[0] != '\0' && !is_z85_key(keys->server_key)))
            return -EINVAL;
        context->keys = *keys;
    }
    context->zmq = zmq_ctx_new();
    if (context->zmq == NULL)
        return -ENOMEM;
    (void)zmq_ctx_set(context->zmq, ZMQ_IO_THREADS, IO_THREADS);
    if (context->keys.allowed_count > 0) {
        int r = pipe_guard_start(context->zmq, context->keys.allowed, context->keys.allowed_count,
                                 &context->guard);
        if (r < 0) {
            (void)zmq_ctx_term(context->zmq);
            return r;
        }
    }
    *ret_context = context;
    context = NULL;
    return 0;
}

void pipe_context_destroy(struct pipe_context **context)
{
    if (*context == NULL)
        return;
    while (zmq_ctx_term((*context)->zmq) < 0 && zmq_errno() == EINTR)
        ;
    pipe_guard_join(&(*context)->guard);
    explicit_bzero(&(*context)->keys, sizeof((*context)->keys));
    free(*context);
    *context = NULL;
}

/* The path of an ipc:// endpoint; NULL for others. */
static const char *ipc_path(const char *endpoint)
{
    return strncmp(endpoint, "ipc://", 6) == 0 ? endpoint + 6 : NULL;
}

static bool is_loopback(const char *endpoint)
{
    const char *host = endpoint + strlen("tcp://");

    if (strncmp(host, "localhost:", 10) == 0 || strncmp(host, "[::1]:", 6) == 0)
        return true;
    char text[INET_ADDRSTRLEN];
    size_t length = strcspn(host, ":");
    struct in_addr address;
    if (length >= sizeof(text))
        return false;
    memcpy(text, host, length);
    text[length] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

static int check_endpoint(const char *endpoint, bool encrypted)
{
    const char *path = ipc_path(endpoint);

    if (path != NULL) {
        if (*path == '\0')
            return -EINVAL;
        return strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path) ? 0 : -ENAMETOOLONG;
    }
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return -EINVAL;
    return encrypted || is_loopback(endpoint) ? 0 : -EPERM;
}

/* A socket file that nobody answers is left over from a process that died. One that is answered belongs to a
 * live process: libzmq would take it away without a word. */
static int remove_stale(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;

    if (*path == '@') /* abstract: leaves no file */
        return 0;
    if (lstat(path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -EEXIST;
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN)
        return -EADDRINUSE;
    if (errno != ECONNREFUSED)
        return -errno;
    return unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
}

static int set_int(void *socket, int option, int value)
{
    return zmq_result(zmq_setsockopt(socket, option, &value, sizeof(value)));
}

static int set_options(void *socket, int queue_max)
{
    const struct {
        int option;
        int value;
    } options[] = {
        {ZMQ_SNDHWM, queue_max},
        {ZMQ_RCVHWM, queue_max},
        {ZMQ_IMMEDIATE, 1},
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_RECONNECT_IVL, RECONNECT_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
    };
    int64_t message_max = PIPE_MESSAGE_MAX;

    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        int r = set_int(socket, options[i].option, options[i].value);
        if (r < 0)
            return r;
    }
    return zmq_result(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof(message_max)));
}

static int set_heartbeat(void *socket)
{
    int r = set_int(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);

    return r < 0 ? r : set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_LOST_MS);
}

static int set_keys(void *socket, const struct pipe_keys *keys, bool binds)
{
    if (keys->public_key[0] == '\0')
        return 0;
    if (binds && keys->allowed_count == 0)
        return -EINVAL;
    int r = zmq_result(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 40));
    if (r == 0 && binds)
        r = set_int(socket, ZMQ_CURVE_SERVER, 1);
    /* With a domain libzmq lets nobody in whom the handler has not seen. */
    if (r == 0 && binds)
        r = zmq_result(zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "oxe", 3));
    if (r == 0 && !binds)
        r = zmq_result(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 40));
    return r;
}

/* The thread of libzmq for an endpoint. Each attempt to connect resolves the host, and while the name server
 * is silent that keeps its thread: the pipes to other hosts have others, as far as there are threads. */
static uint64_t thread_of(struct pipe_context *context, const char *endpoint)
{
    struct in6_addr address;
    char host[ENDPOINT_MAX] = "";
    size_t place = 0;

    if (sscanf(endpoint, "tcp://%255[^:]", host) != 1 || host[0] == '[' ||
        inet_pton(AF_INET, host, &address) == 1)
        return 1;
    while (place < ARRAY_LEN(context->hosts) - 1 && context->hosts[place][0] != '\0' &&
           strcmp(context->hosts[place], host) != 0)
        place++;
    if (context->hosts[place][0] == '\0')
        memcpy(context->hosts[place], host, sizeof(host));
    return UINT64_C(2) << place;
}

/* Connects with the key that the endpoint names, or else with the context's. */
static int connect_to(struct pipe *pipe, const char *endpoint)
{
    char address[ENDPOINT_MAX];
    const char *hash = strchr(endpoint, '#'), *key = hash != NULL ? hash + 1 : pipe->server_key;
    size_t length = hash == NULL ? strlen(endpoint) : (size_t)(hash - endpoint);

    if (length >= sizeof(address))
        return -ENAMETOOLONG;
    memcpy(address, endpoint, length);
    address[length] = '\0';
    int r = check_endpoint(address, pipe->encrypted);
    if (r == 0 && pipe->encrypted)
        r = is_z85_key(key) ? zmq_result(zmq_setsockopt(pipe->socket, ZMQ_CURVE_SERVERKEY, key, 40))
                            : -EINVAL;
    uint64_t thread = thread_of(pipe->context, address);
    if (r == 0)
        r = zmq_result(zmq_setsockopt(pipe->socket, ZMQ_AFFINITY, &thread, sizeof(thread)));
    return r < 0 ? r : zmq_result(zmq_connect(pipe->socket, address));
}

static int open_pipe(struct pipe_context *context, enum pipe_kind kind, const char *endpoint, int queue_max,
                     bool binds, struct pipe **ret_pipe)
{
    bool encrypted = context->keys.public_key[0] != '\0';
    CLEANUP(pipe_destroy) struct pipe *pipe = NULL;

    assert(queue_max >= 0);
    int r = binds ? check_endpoint(endpoint, encrypted) : 0;
    if (r < 0)
        return r;
    pipe = calloc(1, sizeof(*pipe));
    if (pipe == NULL)
        return -ENOMEM;
    (void)zmq_msg_init(&pipe->message);
    pipe->context = context;
    pipe->kind = kind;
    pipe->empty_us = clock_monotonic_us();
    pipe->encrypted = encrypted;
    memcpy(pipe->server_key, context->keys.server_key, sizeof(pipe->server_key));
    pipe->socket = zmq_socket(context->zmq, kind == PIPE_PUSH ? ZMQ_PUSH : ZMQ_PULL);
    if (pipe->socket == NULL)
        return -zmq_errno();
    r = set_options(pipe->socket, queue_max == 0 ? PIPE_QUEUE_MAX : queue_max);
    if (r == 0)
        r = set_keys(pipe->socket, &context->keys, binds);
    if (r == 0 && ipc_path(endpoint) == NULL)
        r = set_heartbeat(pipe->socket);
    if (r == 0 && binds && ipc_path(endpoint) != NULL)
        r = remove_stale(ipc_path(endpoint));
    if (r == 0 && binds)
        r = zmq_result(zmq_setsockopt(pipe->socket, ZMQ_AFFINITY, &(uint64_t){1}, sizeof(uint64_t)));
    if (r == 0)
        r = binds ? zmq_result(zmq_bind(pipe->socket, endpoint)) : connect_to(pipe, endpoint);
    if (r < 0)
        return r;
    *ret_pipe = pipe;
    pipe = NULL;
    return 0;
}

int pipe_bind(struct pipe_context *context, enum pipe_kind kind, const char *endpoint, int queue_max,
              struct pipe **ret_pipe)
{
    return open_pipe(context, kind, endpoint, queue_max, true, ret_pipe);
}

int pipe_connect(struct pipe_context *context, enum pipe_kind kind, const char *endpoint, int queue_max,
                 struct pipe **ret_pipe)
{
    return open_pipe(context, kind, endpoint, queue_max, false, ret_pipe);
}

int pipe_also_connect(struct pipe *pipe, const char *endpoint)
{
    return connect_to(pipe, endpoint);
}

void pipe_destroy(struct pipe **pipe)
{
    if (*pipe == NULL)
        return;
    (void)zmq_msg_close(&(*pipe)->message);
    if ((*pipe)->socket != NULL)
        (void)zmq_close((*pipe)->socket);
    free(*pipe);
    *pipe = NULL;
}

int pipe_send(struct pipe *pipe, const void *bytes, size_t length)
{
    assert(pipe->kind == PIPE_PUSH);
    if (length > PIPE_MESSAGE_MAX)
        return -EMSGSIZE;
    while (zmq_send(pipe->socket, bytes, length, ZMQ_DONTWAIT) < 0) {
        if (zmq_errno() != EINTR)
            return -zmq_errno();
    }
    return 0;
}

static int receive_part(struct pipe *pipe)
{
    while (zmq_msg_recv(&pipe->message, pipe->socket, ZMQ_DONTWAIT) < 0) {
        if (zmq_errno() != EINTR)
            return -zmq_errno();
    }
    return 0;
}

int pipe_receive(struct pipe *pipe, const uint8_t **ret_bytes, size_t *ret_length)
{
    bool in_parts = false;
    int r;

    assert(pipe->kind == PIPE_PULL);
    /* A message in several parts is nothing that pipe_send makes: it is dropped whole. */
    do {
        bool more_before = in_parts && zmq_msg_more(&pipe->message) != 0;
        r = receive_part(pipe);
        if (r == -EAGAIN)
            pipe->empty_us = clock_monotonic_us();
        if (r < 0)
            return r;
        in_parts = more_before || zmq_msg_more(&pipe->message) != 0;
    } while (in_parts);
    *ret_bytes = zmq_msg_data(&pipe->message);
    *ret_length = zmq_msg_size(&pipe->message);
    return 0;
}

int64_t pipe_waited_max_us(const struct pipe *pipe)
{
    return clock_monotonic_us() - pipe->empty_us;
}

int pipe_poll(struct pipe *const *pipes, size_t pipe_count, const int *fds, size_t fd_count, int timeout_ms,
              bool *ready)
{
    zmq_pollitem_t items[PIPE_POLL_MAX];
    size_t places[PIPE_POLL_MAX];
    int count = 0;

    assert(pipe_count + fd_count <= PIPE_POLL_MAX);
    for (size_t i = 0; i < pipe_count + fd_count; i++) {
        void *socket = i < pipe_count && pipes[i] != NULL ? pipes[i]->socket : NULL;
        int fd = i < pipe_count ? -1 : fds[i - pipe_count];
        if (ready != NULL)
            ready[i] = false;
        if (socket == NULL && fd < 0)
            continue;
        places[count] = i;
        items[count++] = (zmq_pollitem_t){.socket = socket, .fd = fd, .events = ZMQ_POLLIN};
    }
    int r = zmq_poll(items, count, timeout_ms);
    if (r < 0)
        return zmq_errno() == EINTR ? 0 : -zmq_errno();
    for (int i = 0; i < count && ready != NULL; i++)
        ready[places[i]] = items[i].revents != 0;
    return r;
}

bool pipe_can_send(const struct pipe *pipe)
{
    int events;
    size_t size = sizeof(events);

    int r = zmq_getsockopt(pipe->socket, ZMQ_EVENTS, &events, &size);
    return r == 0 && (events & ZMQ_POLLOUT) != 0;
}

int pipe_fd(const struct pipe *pipe)
{
    int fd;
    size_t size = sizeof(fd);

    int r = zmq_getsockopt(pipe->socket, ZMQ_FD, &fd, &size);
    assert(r == 0);
    return fd;
}
