/* SPDX-License-Identifier: Apache-2.0 */
/* Health of a process: see health.h. */
#include "common/health.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/disk.h"

struct check {
    const char *name;
    enum health_status status;
    char detail[HEALTH_DETAIL_MAX];
};

struct health {
    const char *service;
    const char *version;
    _Atomic int64_t last_beat_us; /* CLOCK_MONOTONIC */
    atomic_bool draining;
    pthread_mutex_t mutex;          /* of what follows: one thread writes, others render */
    char folder[HEALTH_FOLDER_MAX]; /* whose disk is watched; empty: none */
    size_t check_count;
    struct check checks[HEALTH_CHECKS_MAX];
};

static const char *const status_names[] = {
    [HEALTH_OK] = "ok",
    [HEALTH_DEGRADED] = "degraded",
    [HEALTH_FAILING] = "failing",
};

int health_create(const char *service, const char *version, const char *const *checks, size_t check_count,
                  struct health **ret_health)
{
    assert(check_count <= HEALTH_CHECKS_MAX);
    struct health *health = calloc(1, sizeof(*health));

    if (health == NULL)
        return -ENOMEM;
    int r = pthread_mutex_init(&health->mutex, NULL);
    if (r != 0) {
        free(health);
        return -r;
    }
    health->service = service;
    health->version = version;
    health->check_count = check_count;
    for (size_t i = 0; i < check_count; i++) {
        health->checks[i] = (struct check){.name = checks[i], .status = HEALTH_FAILING};
        memcpy(health->checks[i].detail, "starting", sizeof("starting"));
    }
    health_beat(health);
    *ret_health = health;
    return 0;
}

void health_destroy(struct health **health)
{
    if (*health == NULL)
        return;
    (void)pthread_mutex_destroy(&(*health)->mutex);
    free(*health);
    *health = NULL;
}

const char *health_service(const struct health *health)
{
    return health->service;
}

void health_beat(struct health *health)
{
    atomic_store_explicit(&health->last_beat_us, clock_monotonic_us(), memory_order_relaxed);
}

void health_set(struct health *health, size_t check, enum health_status status, const char *detail)
{
    assert(check < health->check_count);
    struct check *entry = &health->checks[check];

    if (detail == NULL)
        detail = "";
    /* Only this thread writes, so it may compare without the lock. */
    if (entry->status == status && strncmp(entry->detail, detail, sizeof(entry->detail) - 1) == 0)
        return;
    (void)pthread_mutex_lock(&health->mutex);
    entry->status = status;
    size_t length = strnlen(detail, sizeof(entry->detail) - 1);
    memcpy(entry->detail, detail, length);
    entry->detail[length] = '\0';
    (void)pthread_mutex_unlock(&health->mutex);
}

void health_set_draining(struct health *health)
{
    atomic_store(&health->draining, true);
}

static int64_t loop_age_us(const struct health *health)
{
    return clock_monotonic_us() - atomic_load_explicit(&health->last_beat_us, memory_order_relaxed);
}

static bool loop_stands(const struct health *health)
{
    return loop_age_us(health) >= (int64_t)HEALTH_BEAT_MAX_MS * 1000;
}

void health_watch_disk(struct health *health, const char *folder)
{
    assert(strlen(folder) < HEALTH_FOLDER_MAX);
    (void)pthread_mutex_lock(&health->mutex);
    memcpy(health->folder, folder, strlen(folder) + 1);
    (void)pthread_mutex_unlock(&health->mutex);
}

/* What the service has not to set itself: the checks that are made when they are asked for. */
struct looked {
    bool has_disk; /* a folder is watched */
    enum health_status disk;
    char detail[DISK_TEXT_MAX]; /* of the disk; empty: nothing is wrong with it */
    bool loop_stands;
};

/* Without the lock: a file system that does not answer keeps the probe's thread, and never the service's. */
static void look(struct health *health, struct looked *ret_looked)
{
    struct looked looked = {.disk = HEALTH_OK, .loop_stands = loop_stands(health)};
    char folder[HEALTH_FOLDER_MAX];
    struct disk disk;

    (void)pthread_mutex_lock(&health->mutex);
    memcpy(folder, health->folder, sizeof(folder));
    (void)pthread_mutex_unlock(&health->mutex);
    looked.has_disk = folder[0] != '\0';
    int r = looked.has_disk ? disk_look(folder, &disk) : 0;
    if (r < 0) {
        (void)snprintf(looked.detail, sizeof(looked.detail), "%.100s: %s", folder, strerrordesc_np(-r));
        looked.disk = HEALTH_FAILING;
    } else if (looked.has_disk && disk.used_percent >= DISK_LOW_PERCENT) {
        disk_describe(&disk, folder, looked.detail);
        looked.disk = HEALTH_DEGRADED;
    }
    *ret_looked = looked;
}

static void append_text(struct buffer *out, const char *text)
{
    buffer_append_json_text(out, text, strlen(text));
}

static void append_check(struct buffer *out, bool first, const char *name, enum health_status status,
                         const char *detail)
{
    if (!first)
        buffer_append_char(out, ',');
    append_text(out, name);
    buffer_append_text(out, ":{\"status\":");
    append_text(out, status_names[status]);
    if (detail[0] != '\0') {
        buffer_append_text(out, ",\"detail\":");
        append_text(out, detail);
    }
    buffer_append_char(out, '}');
}

static void append_head(struct buffer *out, const struct health *health, enum health_status status)
{
    buffer_append_text(out, "{\"status\":");
    append_text(out, status_names[status]);
    buffer_append_text(out, ",\"service\":");
    append_text(out, health->service);
    buffer_append_text(out, ",\"version\":");
    append_text(out, health->version);
    buffer_append_text(out, ",\"checks\":{");
}

static int http_status(enum health_status status)
{
    return status == HEALTH_FAILING ? 503 : 200;
}

static const char loop_text[] = "the service's loop does not turn";

int health_render_live(struct health *health, struct buffer *out)
{
    enum health_status status = loop_stands(health) ? HEALTH_FAILING : HEALTH_OK;

    append_head(out, health, status);
    append_check(out, true, "loop", status, status == HEALTH_OK ? "" : loop_text);
    buffer_append_text(out, "}}\n");
    return http_status(status);
}

int health_render_ready(struct health *health, struct buffer *out)
{
    bool draining = atomic_load(&health->draining);
    struct looked looked;

    look(health, &looked);
    (void)pthread_mutex_lock(&health->mutex);
    enum health_status worst = draining || looked.loop_stands ? HEALTH_FAILING : looked.disk;
    for (size_t i = 0; i < health->check_count; i++) {
        if (health->checks[i].status > worst)
            worst = health->checks[i].status;
    }
    append_head(out, health, worst);
    bool first = true;
    for (size_t i = 0; i < health->check_count; i++, first = false)
        append_check(out, first, health->checks[i].name, health->checks[i].status, health->checks[i].detail);
    (void)pthread_mutex_unlock(&health->mutex);
    if (looked.has_disk) {
        append_check(out, first, "disk", looked.disk, looked.detail);
        first = false;
    }
    if (looked.loop_stands) {
        append_check(out, first, "loop", HEALTH_FAILING, loop_text);
        first = false;
    }
    if (draining)
        append_check(out, first, "draining", HEALTH_FAILING, "the service is shutting down");
    buffer_append_text(out, "}}\n");
    return http_status(worst);
}

enum { METRIC_READY, METRIC_CHECK, METRIC_LOOP_AGE };

const struct metric_def health_metric_defs[] = {
    [METRIC_READY] = {"oxe_ready", METRIC_GAUGE, "1 while /readyz answers 200.", NULL, NULL},
    [METRIC_CHECK] = {"oxe_check", METRIC_GAUGE,
                      "1 for the status that each of the checks of /readyz has, 0 for the others.", "check",
                      NULL, "status", NULL},
    [METRIC_LOOP_AGE] = {"oxe_loop_age_seconds", METRIC_GAUGE_MILLIONTHS,
                         "How long ago the service's loop last turned; /healthz answers 503 from 5 on.", NULL,
                         NULL},
};
const size_t health_metric_count = ARRAY_LEN(health_metric_defs);

static void append_check_states(struct buffer *out, const char *service, const char *check,
                                enum health_status status)
{
    for (size_t i = 0; i < ARRAY_LEN(status_names); i++)
        buffer_append_format(out, "oxe_check{service=\"%s\",check=\"%s\",status=\"%s\"} %d\n", service, check,
                             status_names[i], status == (enum health_status)i);
}

void health_render_metrics(struct health *health, struct buffer *out)
{
    int64_t age_us = loop_age_us(health);
    struct looked looked;

    look(health, &looked);
    bool ready = !atomic_load(&health->draining) && !looked.loop_stands && looked.disk != HEALTH_FAILING;
    metrics_render_head(&health_metric_defs[METRIC_CHECK], out);
    (void)pthread_mutex_lock(&health->mutex);
    for (size_t i = 0; i < health->check_count; i++) {
        append_check_states(out, health->service, health->checks[i].name, health->checks[i].status);
        ready = ready && health->checks[i].status != HEALTH_FAILING;
    }
    (void)pthread_mutex_unlock(&health->mutex);
    if (looked.has_disk)
        append_check_states(out, health->service, "disk", looked.disk);
    metrics_render_head(&health_metric_defs[METRIC_READY], out);
    buffer_append_format(out, "oxe_ready{service=\"%s\"} %d\n", health->service, ready);
    metrics_render_head(&health_metric_defs[METRIC_LOOP_AGE], out);
    buffer_append_format(out, "oxe_loop_age_seconds{service=\"%s\"} %" PRId64 ".%06" PRId64 "\n",
                         health->service, age_us / 1000000, age_us % 1000000);
}
