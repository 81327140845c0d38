/* SPDX-License-Identifier: Apache-2.0 */
/* Spans on their way to a collector: a real HTTP server gets what OTLP's JSON asks for, and one that hangs
 * costs spans, but never time. */
#include "common/trace.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <yajl/yajl_tree.h>

#include "common/cleanup.h"
#include "common/http_port.h"
#include "tests/support/port.h"

enum { BODY_BYTES = 1 << 20, WAIT_MS = 5000 };

/* What the collector was sent, and what it answers. */
struct collector {
    pthread_mutex_t mutex;
    char path[64];
    char body[BODY_BYTES];
    size_t length, requests;
    int status;
    struct http_port *port;
    char url[64];
};

static void answer(void *context, const struct http_port_request *request,
                   struct http_port_answer *ret_answer)
{
    struct collector *collector = context;

    (void)pthread_mutex_lock(&collector->mutex);
    memcpy(collector->path, request->path, request->path_length);
    collector->path[request->path_length] = '\0';
    cr_assert_lt(request->body_length, BODY_BYTES);
    memcpy(collector->body, request->body, request->body_length);
    collector->body[request->body_length] = '\0';
    collector->length = request->body_length;
    collector->requests++;
    ret_answer->status = collector->status;
    ret_answer->content_type = "application/json";
    buffer_append_text(ret_answer->body, "{}");
    (void)pthread_mutex_unlock(&collector->mutex);
}

static void collector_begin(struct collector *collector, int status)
{
    static const struct http_port_class class = {.entity_max = BODY_BYTES - 1, .answer = answer};
    int r = -EADDRINUSE;

    memset(collector, 0, sizeof(*collector));
    collector->status = status;
    cr_assert_eq(pthread_mutex_init(&collector->mutex, NULL), 0);
    for (int i = 0; i < 20 && r == -EADDRINUSE; i++) {
        char address[64];
        int port = port_free();
        (void)snprintf(address, sizeof(address), "127.0.0.1:%d", port);
        (void)snprintf(collector->url, sizeof(collector->url), "http://127.0.0.1:%d/v1/traces", port);
        r = http_port_start(address, &class, collector, &collector->port);
    }
    cr_assert_eq(r, 0);
}

static void collector_end(struct collector *collector)
{
    http_port_stop(&collector->port);
    (void)pthread_mutex_destroy(&collector->mutex);
}

static int64_t spans_of(const struct tracer *tracer, const char *outcome)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    char name[64];

    tracer_render_metrics(tracer, "tester", &text);
    (void)snprintf(name, sizeof(name), "oxe_trace_spans_total{service=\"tester\",outcome=\"%s\"} ", outcome);
    const char *at = strstr(text.data, name);
    cr_assert_not_null(at, "%s", text.data);
    return strtoll(at + strlen(name), NULL, 10);
}

static void await(const struct tracer *tracer, const char *outcome, int64_t count)
{
    for (int i = 0; i < WAIT_MS / 5 && spans_of(tracer, outcome) != count; i++)
        (void)poll(NULL, 0, 5);
    cr_assert_eq(spans_of(tracer, outcome), count, "%s: %ld", outcome, (long)spans_of(tracer, outcome));
}

static const struct uuid order = {
    {0x01, 0x99, 0xf3, 0xa1, 0x0b, 0x2c, 0x7d, 0x4e, 0x8f, 0x10, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6}};
static const uint8_t trace[TRACE_ID_LENGTH] = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                                               0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36};

static const char *text_at(yajl_val object, const char *name)
{
    const char *path[] = {name, NULL};
    yajl_val value = yajl_tree_get(object, path, yajl_t_any);

    return YAJL_IS_STRING(value)   ? YAJL_GET_STRING(value)
           : YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value)
                                   : NULL;
}

static yajl_val item_at(yajl_val object, const char *name, size_t index)
{
    const char *path[] = {name, NULL};
    yajl_val value = yajl_tree_get(object, path, yajl_t_array);

    cr_assert_not_null(value, "no %s", name);
    cr_assert_gt(YAJL_GET_ARRAY(value)->len, index);
    return YAJL_GET_ARRAY(value)->values[index];
}

/* The text of an attribute, whatever its type; NULL: there is none. */
static const char *attribute(yajl_val object, const char *key)
{
    const char *path[] = {"attributes", NULL}, *value[] = {"value", NULL};
    yajl_val list = yajl_tree_get(object, path, yajl_t_array);

    for (size_t i = 0; i < YAJL_GET_ARRAY(list)->len; i++) {
        yajl_val entry = YAJL_GET_ARRAY(list)->values[i];
        if (strcmp(text_at(entry, "key"), key) != 0)
            continue;
        yajl_val typed = yajl_tree_get(entry, value, yajl_t_object);
        return YAJL_GET_STRING(YAJL_GET_OBJECT(typed)->values[0]);
    }
    return NULL;
}

Test(trace, the_collector_gets_what_otlp_asks_for)
{
    static struct collector collector;
    CLEANUP(tracer_stop) struct tracer *tracer = NULL;
    char error[256];
    struct trace_span root = {.name = "submitOrder",
                              .kind = TRACE_SERVER,
                              .parent_id = {0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
                              .begin = {1760702465000001},
                              .end = {1760702465012345},
                              .order_id = order,
                              .status = 503,
                              .failed = true};
    memcpy(root.trace_id, trace, sizeof(trace));
    trace_root(order, root.span_id);

    collector_begin(&collector, 200);
    cr_assert_eq(tracer_start(collector.url, "tester", "7", "1.2.3", &tracer), 0);
    trace_add(tracer, &root);
    trace_add_stage(tracer, "validate", trace, order, (struct instant){1760702465000100}, "passed");
    await(tracer, "sent", 2);
    cr_expect_str_eq(collector.path, "/v1/traces");
    yajl_val tree = yajl_tree_parse(collector.body, error, sizeof(error));
    cr_assert_not_null(tree, "%s in %s", error, collector.body);
    yajl_val resource_spans = item_at(tree, "resourceSpans", 0);
    const char *resource_path[] = {"resource", NULL};
    yajl_val resource = yajl_tree_get(resource_spans, resource_path, yajl_t_object);
    cr_expect_str_eq(attribute(resource, "service.name"), "tester");
    cr_expect_str_eq(attribute(resource, "service.instance.id"), "7");
    cr_expect_str_eq(attribute(resource, "service.version"), "1.2.3");
    yajl_val scope = item_at(resource_spans, "scopeSpans", 0);
    yajl_val first = item_at(scope, "spans", 0), second = item_at(scope, "spans", 1);
    cr_expect_str_eq(text_at(first, "traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
    cr_expect_str_eq(text_at(first, "spanId"), "8f10a1b2c3d4e5f6", "the end of the order's id");
    cr_expect_str_eq(text_at(first, "parentSpanId"), "00f067aa0ba902b7");
    cr_expect_str_eq(text_at(first, "name"), "submitOrder");
    cr_expect_str_eq(text_at(first, "kind"), "2");
    cr_expect_str_eq(text_at(first, "startTimeUnixNano"), "1760702465000001000");
    cr_expect_str_eq(text_at(first, "endTimeUnixNano"), "1760702465012345000");
    cr_expect_str_eq(attribute(first, "oxe.order_id"), "0199f3a1-0b2c-7d4e-8f10-a1b2c3d4e5f6");
    cr_expect_str_eq(attribute(first, "http.response.status_code"), "503");
    const char *status_path[] = {"status", "code", NULL};
    cr_expect_str_eq(YAJL_GET_NUMBER(yajl_tree_get(first, status_path, yajl_t_number)), "2");
    cr_expect_str_eq(text_at(second, "traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
    cr_expect_str_eq(text_at(second, "parentSpanId"), "8f10a1b2c3d4e5f6", "below the gateway's");
    cr_expect_eq(strlen(text_at(second, "spanId")), 16);
    cr_expect_str_neq(text_at(second, "spanId"), "8f10a1b2c3d4e5f6");
    cr_expect_str_eq(text_at(second, "kind"), "1");
    cr_expect_str_eq(attribute(second, "oxe.outcome"), "passed");
    cr_expect_null(attribute(second, "http.response.status_code"));
    cr_expect_null(yajl_tree_get(second, status_path, yajl_t_number), "it did not fail");
    yajl_tree_free(tree);
    tracer_stop(&tracer);
    collector_end(&collector);
}

Test(trace, many_go_in_few_requests, .timeout = 30)
{
    static struct collector collector;
    CLEANUP(tracer_stop) struct tracer *tracer = NULL;

    collector_begin(&collector, 200);
    cr_assert_eq(tracer_start(collector.url, "tester", "0", "1", &tracer), 0);
    for (int i = 0; i < 4 * TRACE_BATCH_MAX; i++)
        trace_add_stage(tracer, "send", trace, order, clock_now(), NULL);
    await(tracer, "sent", 4 * TRACE_BATCH_MAX);
    cr_expect_lt(collector.requests, 20, "%zu requests", collector.requests);
    tracer_stop(&tracer);
    collector_end(&collector);
}

Test(trace, what_is_left_goes_at_the_end)
{
    static struct collector collector;
    struct tracer *tracer = NULL;

    collector_begin(&collector, 200);
    cr_assert_eq(tracer_start(collector.url, "tester", "0", "1", &tracer), 0);
    trace_add_stage(tracer, "send", trace, order, clock_now(), NULL);
    tracer_stop(&tracer);
    cr_expect_null(tracer);
    cr_expect_eq(collector.requests, 1);
    collector_end(&collector);
}

Test(trace, what_the_collector_refuses_is_counted)
{
    static struct collector collector;
    CLEANUP(tracer_stop) struct tracer *tracer = NULL;

    collector_begin(&collector, 503);
    cr_assert_eq(tracer_start(collector.url, "tester", "0", "1", &tracer), 0);
    trace_add_stage(tracer, "send", trace, order, clock_now(), NULL);
    await(tracer, "failed", 1);
    cr_expect_eq(spans_of(tracer, "sent"), 0);
    tracer_stop(&tracer);
    collector_end(&collector);
}

/* It takes connections, by the kernel, and never reads. */
Test(trace, a_collector_that_hangs_costs_spans_and_no_time, .timeout = 30)
{
    CLEANUP(tracer_stop) struct tracer *tracer = NULL;
    CLEANUP_CLOSE int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    char url[64];

    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(listener, 8), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/v1/traces", ntohs(address.sin_port));
    cr_assert_eq(tracer_start(url, "tester", "0", "1", &tracer), 0);
    int64_t began_us = clock_monotonic_us();
    for (int i = 0; i < 3 * TRACE_SPANS_MAX; i++)
        trace_add_stage(tracer, "send", trace, order, clock_now(), NULL);
    cr_expect_lt(clock_monotonic_us() - began_us, 1000000, "nobody waits for the collector");
    cr_expect_geq(spans_of(tracer, "dropped"), TRACE_SPANS_MAX, "%ld", (long)spans_of(tracer, "dropped"));
    began_us = clock_monotonic_us();
    tracer_stop(&tracer);
    cr_expect_lt(clock_monotonic_us() - began_us, 3000000, "nor at the end, for long");
}

Test(trace, without_a_collector_nothing_happens)
{
    struct tracer *tracer = NULL;

    trace_add_stage(NULL, "send", trace, order, clock_now(), NULL);
    tracer_stop(&tracer);
    cr_expect_eq(spans_of(NULL, "dropped"), 0);
}
