/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/probes.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_tree.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/thread.h"
#include "proto/json.h"

enum { ROUND_MS = 2000, ERROR_MAX_BYTES = 256 };

struct probes {
    const struct config_list *list;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* from here on under the lock */
    struct probe_round *last;
};

static void *ask_for_ever(void *context)
{
    struct probes *probes = context;

    (void)pthread_mutex_lock(&probes->lock);
    while (!probes->stopping) {
        (void)pthread_mutex_unlock(&probes->lock);
        struct probe_round *round = probe_round_ask(probes->list);
        (void)pthread_mutex_lock(&probes->lock);
        if (round != NULL) {
            probe_round_destroy(&probes->last);
            probes->last = round;
        }
        int64_t until_us = clock_monotonic_us() + ROUND_MS * INT64_C(1000);
        while (!probes->stopping && thread_wait(&probes->wake, &probes->lock, until_us))
            ;
    }
    (void)pthread_mutex_unlock(&probes->lock);
    return NULL;
}

int probes_create(const struct config_list *list, struct probes **ret_probes)
{
    struct probes *probes = calloc(1, sizeof(*probes));

    if (probes == NULL)
        return -ENOMEM;
    probes->list = list;
    probes->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    probes->wake = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int r = thread_start(&probes->thread, ask_for_ever, probes);
    if (r < 0) {
        free(probes);
        return r;
    }
    *ret_probes = probes;
    return 0;
}

void probes_destroy(struct probes **probes)
{
    if (*probes == NULL)
        return;
    (void)pthread_mutex_lock(&(*probes)->lock);
    (*probes)->stopping = true;
    (void)pthread_cond_signal(&(*probes)->wake);
    (void)pthread_mutex_unlock(&(*probes)->lock);
    (void)pthread_join((*probes)->thread, NULL);
    probe_round_destroy(&(*probes)->last);
    free(*probes);
    *probes = NULL;
}

/* NULL: there is none, or no object. */
static const char *text_of(yajl_val object, const char *member)
{
    yajl_val value = yajl_tree_get(object, (const char *[]){member, NULL}, yajl_t_string);

    return value == NULL ? NULL : YAJL_GET_STRING(value);
}

/* One of the contract's words, whatever came. */
static const char *status_of(yajl_val object)
{
    const char *status = text_of(object, "status");

    if (status == NULL)
        return "unreachable";
    return strcmp(status, "ok") == 0 || strcmp(status, "degraded") == 0 ? status : "failing";
}

static void render_checks(struct buffer *out, yajl_val health)
{
    yajl_val checks = yajl_tree_get(health, (const char *[]){"checks", NULL}, yajl_t_object);

    buffer_append_char(out, '{');
    for (size_t i = 0; checks != NULL && i < YAJL_GET_OBJECT(checks)->len; i++) {
        yajl_val check = YAJL_GET_OBJECT(checks)->values[i];
        const char *detail = text_of(check, "detail");
        if (i > 0)
            buffer_append_char(out, ',');
        json_append_text(out, YAJL_GET_OBJECT(checks)->keys[i]);
        buffer_append_text(out, ":{\"status\":");
        json_append_text(out, text_of(check, "status") == NULL ? "failing" : status_of(check));
        if (detail != NULL) {
            buffer_append_text(out, ",\"detail\":");
            json_append_text(out, detail);
        }
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, '}');
}

static void render(struct buffer *out, const struct probe_answer *item)
{
    char error[ERROR_MAX_BYTES];
    yajl_val health = item->body.length == 0 ? NULL : yajl_tree_parse(item->body.data, error, sizeof(error));

    buffer_append_text(out, "{\"name\":");
    json_append_text(out, item->name);
    buffer_append_text(out, ",\"address\":");
    json_append_text(out, item->address);
    buffer_append_text(out, ",\"asked_at\":");
    json_append_instant(out, item->asked_at);
    buffer_append_text(out, ",\"status\":");
    json_append_text(out, status_of(health));
    buffer_append_text(out, ",\"version\":");
    json_append_optional_text(out, text_of(health, "version"));
    buffer_append_text(out, ",\"checks\":");
    render_checks(out, health);
    buffer_append_char(out, '}');
    yajl_tree_free(health);
}

void probes_render(struct probes *probes, struct buffer *out)
{
    buffer_append_char(out, '[');
    (void)pthread_mutex_lock(&probes->lock);
    for (size_t i = 0; probes->last != NULL && i < probes->last->count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        render(out, &probes->last->items[i]);
    }
    (void)pthread_mutex_unlock(&probes->lock);
    buffer_append_char(out, ']');
}
