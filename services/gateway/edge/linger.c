/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/gateway/io/watch.h"

enum { HALF_CLOSE_MS = 100, READS_PER_TURN = 32 };

struct entry {
    int fd; /* -1: free */
    struct watch *watch;
    int64_t half_close_us; /* 0: done */
    int64_t until_us;
};

struct lingering {
    h2o_loop_t *loop;
    struct entry entries[LINGER_MAX];
};

int linger_create(h2o_loop_t *loop, struct lingering **ret_linger)
{
    struct lingering *linger = calloc(1, sizeof(*linger));

    if (linger == NULL)
        return -ENOMEM;
    linger->loop = loop;
    for (size_t i = 0; i < LINGER_MAX; i++)
        linger->entries[i].fd = -1;
    *ret_linger = linger;
    return 0;
}

static void end(struct entry *entry)
{
    watch_destroy(&entry->watch);
    if (entry->fd >= 0)
        (void)close(entry->fd);
    entry->fd = -1;
}

void linger_destroy(struct lingering **linger)
{
    if (*linger == NULL)
        return;
    for (size_t i = 0; i < LINGER_MAX; i++)
        end(&(*linger)->entries[i]);
    free(*linger);
    *linger = NULL;
}

static void on_readable(void *context)
{
    struct entry *entry = context;
    char dropped[16384];
    ssize_t length = 0;

    for (int i = 0;
         i < READS_PER_TURN && (length = recv(entry->fd, dropped, sizeof(dropped), MSG_DONTWAIT)) > 0; i++)
        ;
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
        end(entry);
}

void linger_add(struct lingering *linger, h2o_socket_t *socket)
{
    int64_t now_us = clock_monotonic_us();

    for (size_t i = 0; i < LINGER_MAX; i++) {
        struct entry *entry = &linger->entries[i];
        if (entry->fd >= 0)
            continue;
        entry->fd = fcntl(h2o_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0);
        if (entry->fd < 0)
            return;
        entry->half_close_us = now_us + HALF_CLOSE_MS * INT64_C(1000);
        entry->until_us = now_us + LINGER_MS * INT64_C(1000);
        if (watch_create(linger->loop, entry->fd, on_readable, NULL, entry, &entry->watch) < 0)
            end(entry);
        return;
    }
}

void linger_tick(struct lingering *linger, int64_t now_us)
{
    for (size_t i = 0; i < LINGER_MAX; i++) {
        struct entry *entry = &linger->entries[i];
        if (entry->fd < 0)
            continue;
        if (entry->until_us <= now_us) {
            end(entry);
        } else if (entry->half_close_us != 0 && entry->half_close_us <= now_us) {
            /* By now h2o has written its answer and closed its own descriptor. */
            entry->half_close_us = 0;
            (void)shutdown(entry->fd, SHUT_WR);
        }
    }
}
