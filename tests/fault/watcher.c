/* SPDX-License-Identifier: Apache-2.0 */
/* See watcher.h. */
#include "tests/fault/watcher.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/ws_client.h"

enum { WAIT_MS = 500, OPEN_MS = 5000, AGAIN_MS = 200, HEADER_BYTES = 8192 };

struct watcher {
    pthread_t thread;
    pthread_mutex_t lock;
    int port;
    char header[HEADER_BYTES];
    /* Under the lock. */
    bool stopped;
    long long last;
    char fault[WATCHER_FAULT_MAX];
};

static bool is_stopped(struct watcher *watcher)
{
    (void)pthread_mutex_lock(&watcher->lock);
    bool stopped = watcher->stopped;
    (void)pthread_mutex_unlock(&watcher->lock);
    return stopped;
}

static void complain(struct watcher *watcher, const char *what, const char *text)
{
    if (watcher->fault[0] == '\0')
        (void)snprintf(watcher->fault, sizeof(watcher->fault), "%s after seq %lld: %.512s", what,
                       watcher->last, text);
}

static void take_frame(struct watcher *watcher, const char *text)
{
    const char *member = strstr(text, "\"seq\":");
    long long seq = member == NULL ? -1 : strtoll(member + 6, NULL, 10);

    (void)pthread_mutex_lock(&watcher->lock);
    if (strstr(text, "session.ready") != NULL) {
        if (seq < watcher->last)
            complain(watcher, "the session begins before what was seen", text);
    } else if (seq != watcher->last + 1) {
        complain(watcher, "an event out of order", text);
    } else {
        watcher->last = seq;
    }
    (void)pthread_mutex_unlock(&watcher->lock);
}

/* Reads one connection to its end. */
static void follow(struct watcher *watcher, struct ws_client *client)
{
    const char *text;
    size_t length;

    while (!is_stopped(watcher)) {
        int r = ws_client_next(client, WAIT_MS, &text, &length);
        if (r == -ETIMEDOUT)
            continue;
        if (r == -ESHUTDOWN && ws_client_close_code(client) == 4409) {
            (void)pthread_mutex_lock(&watcher->lock);
            complain(watcher, "last_seq is refused", "4409");
            (void)pthread_mutex_unlock(&watcher->lock);
        }
        if (r != 0)
            return;
        take_frame(watcher, text);
    }
}

static void *watch(void *context)
{
    struct watcher *watcher = context;

    while (!is_stopped(watcher)) {
        struct ws_client *client = NULL;
        char url[128];
        (void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws/orders/events?last_seq=%lld", watcher->port,
                       watcher_last(watcher));
        if (ws_client_open(url, (const char *[]){watcher->header, NULL}, OPEN_MS, &client, NULL) == 0)
            follow(watcher, client);
        ws_client_destroy(&client);
        /* What cannot be waited for: a gateway that comes back. */
        (void)nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * 1000000}, NULL);
    }
    return NULL;
}

struct watcher *watcher_start(int port, const char *token)
{
    struct watcher *watcher = calloc(1, sizeof(*watcher));

    if (watcher == NULL || pthread_mutex_init(&watcher->lock, NULL) != 0)
        abort();
    watcher->port = port;
    (void)snprintf(watcher->header, sizeof(watcher->header), "Authorization: Bearer %s", token);
    if (pthread_create(&watcher->thread, NULL, watch, watcher) != 0)
        abort();
    return watcher;
}

void watcher_stop(struct watcher **watcher)
{
    if (*watcher == NULL)
        return;
    (void)pthread_mutex_lock(&(*watcher)->lock);
    (*watcher)->stopped = true;
    (void)pthread_mutex_unlock(&(*watcher)->lock);
    (void)pthread_join((*watcher)->thread, NULL);
    (void)pthread_mutex_destroy(&(*watcher)->lock);
    free(*watcher);
    *watcher = NULL;
}

long long watcher_last(struct watcher *watcher)
{
    (void)pthread_mutex_lock(&watcher->lock);
    long long last = watcher->last;
    (void)pthread_mutex_unlock(&watcher->lock);
    return last;
}

void watcher_fault(struct watcher *watcher, char ret_fault[static WATCHER_FAULT_MAX])
{
    (void)pthread_mutex_lock(&watcher->lock);
    (void)memcpy(ret_fault, watcher->fault, WATCHER_FAULT_MAX);
    (void)pthread_mutex_unlock(&watcher->lock);
}
