/* SPDX-License-Identifier: Apache-2.0 */
#include "common/clock_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "common/cleanup.h"
#include "common/clock_offset.h"
#include "common/thread.h"

enum {
    EVERY_MS = 30000,
    RETRY_MS = 5000, /* when it could not be measured */
    CONNECT_MS = 1000,
    STATEMENT_MS = 1000,
};

struct clock_watch {
    struct db *db;
    const struct clock_watch_place *place;
    struct health *health;
    struct metrics *metrics;
    int stop_fd; /* eventfd */
    pthread_t thread;
};

static const struct db_statement statements[] = {{"clock_offset", sql_clock_offset}};

/* The gauge has the figure in any case; the check has it when somebody is to read it. */
static void tell(struct clock_watch *watch, const struct clock_offset *offset)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(HEALTH_DETAIL_MAX);
    bool apart = clock_offset_is_apart(offset);

    if (apart)
        clock_offset_describe(offset, &text);
    metrics_set_millionths(watch->metrics, watch->place->metric, 0, offset->offset_us);
    health_set(watch->health, watch->place->check, apart ? HEALTH_DEGRADED : HEALTH_OK, text.data);
}

/* Returns how long to wait before the next. */
static int measure(struct clock_watch *watch)
{
    struct clock_offset offset;

    /* An attempt that the server is slow to answer goes on:
     * given up, it would have to be served all the same. */
    if (db_ensure(watch->db, CONNECT_MS) < 0)
        return RETRY_MS;
    int r = clock_offset_measure(watch->db, 0, STATEMENT_MS, &offset);
    db_disconnect(watch->db);
    if (r < 0)
        return RETRY_MS;
    tell(watch, &offset);
    return EVERY_MS;
}

static void *run(void *context)
{
    struct clock_watch *watch = context;
    struct pollfd stop = {.fd = watch->stop_fd, .events = POLLIN};

    while (poll(&stop, 1, measure(watch)) == 0)
        ;
    return NULL;
}

static void release(struct clock_watch **watch)
{
    if (*watch == NULL)
        return;
    cleanup_close(&(*watch)->stop_fd);
    db_destroy(&(*watch)->db);
    free(*watch);
    *watch = NULL;
}

int clock_watch_start(const char *conninfo, const struct clock_watch_place *place, struct health *health,
                      struct metrics *metrics, struct clock_watch **ret_watch)
{
    CLEANUP(release) struct clock_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL)
        return -ENOMEM;
    watch->place = place;
    watch->health = health;
    watch->metrics = metrics;
    watch->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = watch->stop_fd < 0 ? -errno : 0;
    if (r == 0)
        r = db_create(conninfo, "clock", statements, ARRAY_LEN(statements), &watch->db);
    health_set(health, place->check, HEALTH_OK, NULL);
    if (r == 0)
        r = thread_start(&watch->thread, run, watch);
    if (r < 0)
        return r;
    *ret_watch = watch;
    watch = NULL;
    return 0;
}

void clock_watch_stop(struct clock_watch **watch)
{
    if (*watch == NULL)
        return;
    (void)eventfd_write((*watch)->stop_fd, 1);
    (void)pthread_join((*watch)->thread, NULL);
    release(watch);
}
