/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/probes.h"

#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yajl/yajl_tree.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/thread.h"
#include "proto/json.h"

enum {
    ROUND_MS = 2000,
    TIMEOUT_MS = 1000,
    NAME_MAX_BYTES = 64,
    HOST_MAX_BYTES = 128,
    BODY_MAX_BYTES = 8192,
    ERROR_MAX_BYTES = 256,
};

/* One process, as it was asked in a round. */
struct answer_of {
    char name[NAME_MAX_BYTES];
    char address[HOST_MAX_BYTES];
    struct instant asked_at;
    CURL *curl;
    struct buffer body;
};

struct round {
    struct answer_of items[PROBES_MAX];
    size_t count;
};

struct probes {
    const struct config_list *list;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* from here on under the lock */
    struct round *last;
};

/* "NAME=HOST:PORT". */
static bool split(const char *entry, char name[static NAME_MAX_BYTES], char host[static HOST_MAX_BYTES],
                  char port[static 6])
{
    return sscanf(entry, "%63[a-z0-9-]=%127[^: ]:%5[0-9]", name, host, port) == 3;
}

static bool is_file(const struct config_list *list)
{
    return list->count == 1 && list->items[0][0] == '/';
}

const char *probes_check(const struct config_list *list)
{
    char name[NAME_MAX_BYTES], host[HOST_MAX_BYTES], port[6];

    for (size_t i = 0; i < list->count && !is_file(list); i++) {
        if (!split(list->items[i], name, host, port))
            return "OXE_PROBES is a list of name=host:port, or the path of a file with one a line";
    }
    return NULL;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *body = context;

    buffer_append(body, bytes, size * count);
    return buffer_failed(body) ? 0 : size * count;
}

static void add_process(struct round *round, const char *name, const struct addrinfo *address)
{
    struct answer_of *item = &round->items[round->count];
    char host[64], port[8], url[128];
    bool v6 = address->ai_family == AF_INET6;

    if (round->count == PROBES_MAX || getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof(host),
                                                  port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    *item = (struct answer_of){
        .body = BUFFER_INIT(BODY_MAX_BYTES), .curl = curl_easy_init(), .asked_at = clock_now()};
    if (item->curl == NULL)
        return;
    (void)snprintf(item->name, sizeof(item->name), "%s", name);
    (void)snprintf(item->address, sizeof(item->address), v6 ? "[%s]:%s" : "%s:%s", host, port);
    (void)snprintf(url, sizeof(url), "http://%s/readyz", item->address);
    (void)curl_easy_setopt(item->curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(item->curl, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(item->curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(item->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(item->curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    (void)curl_easy_setopt(item->curl, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(item->curl, CURLOPT_WRITEDATA, &item->body);
    round->count++;
}

static void add_entry(struct round *round, const char *entry)
{
    char name[NAME_MAX_BYTES], host[HOST_MAX_BYTES], port[6];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;

    if (!split(entry, name, host, port))
        return;
    if (getaddrinfo(host, port, &hints, &found) == 0) {
        for (const struct addrinfo *address = found; address != NULL; address = address->ai_next)
            add_process(round, name, address);
        freeaddrinfo(found);
    } else if (round->count < PROBES_MAX) { /* known by its name alone, and never asked */
        struct answer_of *item = &round->items[round->count++];
        *item = (struct answer_of){.body = BUFFER_INIT(BODY_MAX_BYTES), .asked_at = clock_now()};
        (void)snprintf(item->name, sizeof(item->name), "%s", name);
        (void)snprintf(item->address, sizeof(item->address), "%.100s:%s", host, port);
    }
}

static void add_file(struct round *round, const char *path)
{
    char line[NAME_MAX_BYTES + HOST_MAX_BYTES + 16];
    FILE *file = fopen(path, "re");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        add_entry(round, line);
    if (file != NULL)
        (void)fclose(file);
}

static struct round *ask(const struct config_list *list)
{
    struct round *round = calloc(1, sizeof(*round));
    CURLM *multi = curl_multi_init();
    int running = 0;

    if (round == NULL || multi == NULL) {
        free(round);
        (void)curl_multi_cleanup(multi);
        return NULL;
    }
    if (is_file(list))
        add_file(round, list->items[0]);
    for (size_t i = 0; i < list->count && !is_file(list); i++)
        add_entry(round, list->items[i]);
    for (size_t i = 0; i < round->count; i++) {
        if (round->items[i].curl != NULL)
            (void)curl_multi_add_handle(multi, round->items[i].curl);
    }
    do {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            break;
        if (running > 0)
            (void)curl_multi_poll(multi, NULL, 0, TIMEOUT_MS, NULL);
    } while (running > 0);
    for (size_t i = 0; i < round->count; i++) {
        if (round->items[i].curl == NULL)
            continue;
        (void)curl_multi_remove_handle(multi, round->items[i].curl);
        curl_easy_cleanup(round->items[i].curl);
    }
    (void)curl_multi_cleanup(multi);
    return round;
}

static void round_destroy(struct round **round)
{
    for (size_t i = 0; *round != NULL && i < (*round)->count; i++)
        buffer_release(&(*round)->items[i].body);
    free(*round);
    *round = NULL;
}

static void *ask_for_ever(void *context)
{
    struct probes *probes = context;

    (void)pthread_mutex_lock(&probes->lock);
    while (!probes->stopping) {
        struct timespec until;
        (void)pthread_mutex_unlock(&probes->lock);
        struct round *round = ask(probes->list);
        (void)pthread_mutex_lock(&probes->lock);
        if (round != NULL) {
            round_destroy(&probes->last);
            probes->last = round;
        }
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += ROUND_MS / 1000;
        int r = 0;
        while (!probes->stopping && r != ETIMEDOUT)
            r = pthread_cond_timedwait(&probes->wake, &probes->lock, &until);
    }
    (void)pthread_mutex_unlock(&probes->lock);
    return NULL;
}

int probes_create(const struct config_list *list, struct probes **ret_probes)
{
    struct probes *probes = calloc(1, sizeof(*probes));
    pthread_condattr_t attributes;

    if (probes == NULL)
        return -ENOMEM;
    probes->list = list;
    (void)pthread_mutex_init(&probes->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&probes->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int r = thread_start(&probes->thread, ask_for_ever, probes);
    if (r < 0) {
        (void)pthread_cond_destroy(&probes->wake);
        (void)pthread_mutex_destroy(&probes->lock);
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
    (void)pthread_cond_destroy(&(*probes)->wake);
    (void)pthread_mutex_destroy(&(*probes)->lock);
    round_destroy(&(*probes)->last);
    free(*probes);
    *probes = NULL;
}

static const char *text_of(yajl_val object, const char *member)
{
    yajl_val value = yajl_tree_get(object, (const char *[]){member, NULL}, yajl_t_string);

    return value == NULL ? NULL : YAJL_GET_STRING(value);
}

/* One of the contract's words, whatever came. */
static const char *status_of(yajl_val object)
{
    const char *status = object == NULL ? NULL : text_of(object, "status");

    if (status == NULL)
        return "unreachable";
    return strcmp(status, "ok") == 0 || strcmp(status, "degraded") == 0 ? status : "failing";
}

static void append_optional(struct buffer *out, const char *text)
{
    json_append_optional_text(out, text == NULL ? "" : text);
}

static void render_checks(struct buffer *out, yajl_val health)
{
    yajl_val checks =
        health == NULL ? NULL : yajl_tree_get(health, (const char *[]){"checks", NULL}, yajl_t_object);

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

static void render(struct buffer *out, const struct answer_of *item)
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
    append_optional(out, health == NULL ? NULL : text_of(health, "version"));
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
