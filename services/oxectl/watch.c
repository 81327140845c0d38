/* SPDX-License-Identifier: Apache-2.0 */
/* Order events as they happen, over the gateway's WebSocket; reconnects, and asks for what it missed by
 * last_seq. */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/ws_client.h"

enum {
    CONNECT_TIMEOUT_MS = 10000,
    RECONNECT_MS = 500,
    CLOSE_NOT_IN_LOG = 4409,
    CLOSE_UNAUTHENTICATED = 4401,
    CLOSE_TOO_MANY = 4429,
};

struct watch {
    const struct context *context;
    long long last_seq; /* -1: none seen yet, live events only */
    long long left;     /* events still wanted; -1: no end */
    int64_t end_us;     /* of CLOCK_MONOTONIC; INT64_MAX: no end */
};

/* ws://…/ws/orders/events from OXE_URL. */
static void watch_url(const struct watch *watch, struct buffer *out)
{
    const char *url = watch->context->url;
    bool secure = strncmp(url, "https://", 8) == 0;
    buffer_append_format(out, "%s://%s/ws/orders/events", secure ? "wss" : "ws", strstr(url, "://") + 3);
    if (watch->last_seq >= 0)
        buffer_append_format(out, "?last_seq=%lld", watch->last_seq);
}

static int remaining_ms(const struct watch *watch)
{
    if (watch->end_us == INT64_MAX)
        return 3600 * 1000;
    int64_t left_ms = (watch->end_us - clock_monotonic_us()) / 1000;
    return left_ms < 0 ? 0 : (int)left_ms;
}

static void handle_frame(struct watch *watch, const char *text)
{
    yajl_val frame = yajl_tree_parse(text, NULL, 0);
    long long seq = atoll(json_text(frame, "seq"));
    bool ready = strcmp(json_text(frame, "event"), "session.ready") == 0;
    /* session.ready names the newest seq of the log: where a watch without last_seq begins. */
    if (!ready || watch->last_seq < 0)
        watch->last_seq = seq;
    if (!ready && watch->left > 0)
        watch->left--;
    yajl_tree_free(frame);
    (void)printf("%s\n", text);
    (void)fflush(stdout);
}

/* One connection. 0: reconnect, or all that was wanted has come; otherwise an exit status. */
static int watch_once(struct watch *watch)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(4096);
    CLEANUP(buffer_release) struct buffer authorization = BUFFER_INIT(16384);
    CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
    watch_url(watch, &url);
    buffer_append_format(&authorization, "Authorization: Bearer %s", watch->context->token);
    const char *headers[] = {authorization.data, NULL};
    int status = 0;
    int error = ws_client_open(url.data, headers, CONNECT_TIMEOUT_MS, &client, &status);
    if (error == -EACCES && status >= 400 && status < 500)
        return refuse("the gateway refused the WebSocket with %d", status);
    const char *text;
    size_t length;
    while (error == 0 && watch->left != 0) {
        error = ws_client_next(client, remaining_ms(watch), &text, &length);
        if (error == 0)
            handle_frame(watch, text);
    }
    uint16_t code = error == -ESHUTDOWN ? ws_client_close_code(client) : 0;
    if (code == CLOSE_NOT_IN_LOG || code == CLOSE_UNAUTHENTICATED || code == CLOSE_TOO_MANY)
        return refuse("the gateway closed with %u: %s", code,
                      code == CLOSE_NOT_IN_LOG
                          ? "that last_seq is above the log's, or what follows it is archived"
                      : code == CLOSE_TOO_MANY ? "this trader has opened too many newer ones"
                                               : "the token has ended");
    if (error == 0 && client != NULL)
        (void)ws_client_close(client, 1000, 1000);
    if (error != 0 && error != -ETIMEDOUT)
        (void)fprintf(stderr, "oxectl: connection lost (%s), trying again\n", log_errno_name(error));
    return 0;
}

int watch_run(const struct context *context, const struct args *args)
{
    int64_t seconds = args_number(args, "--timeout", -1);
    struct watch watch = {.context = context,
                          .last_seq = args_number(args, "--last-seq", -1),
                          .left = args_number(args, "--count", -1),
                          .end_us = seconds < 0 ? INT64_MAX : clock_monotonic_us() + seconds * 1000000};
    if (strstr(context->url, "://") == NULL)
        return usage_error(args->command, "OXE_URL is no URL: %s", context->url);
    for (;;) {
        int status = watch_once(&watch);
        if (status != 0 || watch.left == 0)
            return status;
        if (remaining_ms(&watch) == 0)
            return watch.left > 0 ? trouble("the time is over, %lld events have not come", watch.left) : 0;
        struct timespec pause = {.tv_nsec = RECONNECT_MS * 1000000L};
        (void)nanosleep(&pause, NULL);
    }
}
