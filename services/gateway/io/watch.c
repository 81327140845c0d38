/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

struct watch {
    h2o_socket_t *socket;
    watch_ready readable;
    watch_ready writable;
    void *context;
    bool write_wanted; /* h2o's notification is one-shot and cannot be cancelled */
};

static void on_readable(h2o_socket_t *socket, const char *error)
{
    struct watch *watch = socket->data;

    (void)error;
    watch->readable(watch->context);
}

static void on_writable(h2o_socket_t *socket, const char *error)
{
    struct watch *watch = socket->data;

    (void)error;
    watch->write_wanted = false;
    watch->writable(watch->context);
}

int watch_create(h2o_loop_t *loop, int fd, watch_ready readable, watch_ready writable, void *context,
                 struct watch **ret_watch)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0)
        return -errno;
    struct watch *watch = h2o_mem_alloc(sizeof(*watch));
    *watch = (struct watch){.readable = readable, .writable = writable, .context = context};
    watch->socket = h2o_evloop_socket_create(loop, copy, H2O_SOCKET_FLAG_DONT_READ);
    watch->socket->data = watch;
    h2o_socket_read_start(watch->socket, on_readable);
    *ret_watch = watch;
    return 0;
}

void watch_destroy(struct watch **watch)
{
    if (*watch == NULL)
        return;
    h2o_socket_close((*watch)->socket);
    free(*watch);
    *watch = NULL;
}

void watch_want_write(struct watch *watch)
{
    if (watch->write_wanted)
        return;
    watch->write_wanted = true;
    h2o_socket_notify_write(watch->socket, on_writable);
}
