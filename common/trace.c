/* SPDX-License-Identifier: Apache-2.0 */
/* Spans to a collector: see trace.h. */
#include "common/trace.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <curl/curl.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "common/thread.h"

enum {
    SEND_EVERY_MS = 500,
    TIMEOUT_MS = 2000, /* of a request, and of all that is sent at the end */
    BODY_MAX = 1024 * TRACE_BATCH_MAX,
};

enum outcome { SENT, DROPPED, FAILED, OUTCOME_COUNT };
static const char *const outcomes[] = {[SENT] = "sent", [DROPPED] = "dropped", [FAILED] = "failed", NULL};

const struct metric_def tracer_metric_defs[] = {
    {"oxe_trace_spans_total", METRIC_COUNTER,
     "Spans by what became of them: sent to the collector, dropped because it is slow, failed to be sent.",
     "outcome", outcomes},
};
const size_t tracer_metric_count = ARRAY_LEN(tracer_metric_defs);

struct tracer {
    const char *service, *instance, *version;
    CURL *curl;
    struct curl_slist *headers;
    struct metrics *metrics;
    uint64_t next_id; /* of the thread that adds */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t wake;
    int64_t stop_us;     /* monotonic: until when what is left may be sent; 0: it goes on */
    size_t first, count; /* in the ring */
    struct trace_span spans[TRACE_SPANS_MAX];
    struct trace_span batch[TRACE_BATCH_MAX]; /* the sender's own, without the mutex */
    struct buffer body;
};

static void append_attribute(struct buffer *out, bool first, const char *key, const char *type,
                             const char *value)
{
    buffer_append_format(out, "%s{\"key\":\"%s\",\"value\":{\"%s\":", first ? "" : ",", key, type);
    buffer_append_json_text(out, value, strlen(value));
    buffer_append_text(out, "}}");
}

static bool is_set(const uint8_t id[static TRACE_SPAN_ID_LENGTH])
{
    static const uint8_t none[TRACE_SPAN_ID_LENGTH];

    return memcmp(id, none, sizeof(none)) != 0;
}

static void append_id(struct buffer *out, const char *name, const uint8_t *id, size_t length)
{
    buffer_append_format(out, "\"%s\":\"", name);
    buffer_append_hex(out, id, length);
    buffer_append_text(out, "\",");
}

static void append_span(struct buffer *out, const struct trace_span *span)
{
    char text[UUID_TEXT_MAX];

    buffer_append_char(out, '{');
    append_id(out, "traceId", span->trace_id, sizeof(span->trace_id));
    append_id(out, "spanId", span->span_id, sizeof(span->span_id));
    if (is_set(span->parent_id))
        append_id(out, "parentSpanId", span->parent_id, sizeof(span->parent_id));
    /* 64-bit numbers are texts in OTLP's JSON. */
    buffer_append_format(out,
                         "\"name\":\"%s\",\"kind\":%d,\"startTimeUnixNano\":\"%" PRId64
                         "000\",\"endTimeUnixNano\":\"%" PRId64 "000\",\"attributes\":[",
                         span->name, (int)span->kind, span->begin.us, span->end.us);
    uuid_format(span->order_id, text);
    append_attribute(out, true, "oxe.order_id", "stringValue", text);
    if (span->outcome != NULL)
        append_attribute(out, false, "oxe.outcome", "stringValue", span->outcome);
    if (span->status != 0) {
        (void)snprintf(text, sizeof(text), "%" PRId64, span->status);
        append_attribute(out, false, "http.response.status_code", "intValue", text);
    }
    buffer_append_format(out, "],\"status\":%s}", span->failed ? "{\"code\":2}" : "{}");
}

static void render(struct tracer *tracer, size_t count)
{
    struct buffer *out = &tracer->body;

    buffer_clear(out);
    buffer_append_text(out, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
    append_attribute(out, true, "service.namespace", "stringValue", "oxe");
    append_attribute(out, false, "service.name", "stringValue", tracer->service);
    append_attribute(out, false, "service.instance.id", "stringValue", tracer->instance);
    append_attribute(out, false, "service.version", "stringValue", tracer->version);
    buffer_append_text(out, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"oxe\"},\"spans\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        append_span(out, &tracer->batch[i]);
    }
    buffer_append_text(out, "]}]}]}");
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static void send_batch(struct tracer *tracer, size_t count, int64_t timeout_ms)
{
    long status = 0;

    render(tracer, count);
    bool taken =
        !buffer_failed(&tracer->body) &&
        curl_easy_setopt(tracer->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
        curl_easy_setopt(tracer->curl, CURLOPT_POSTFIELDS, tracer->body.data) == CURLE_OK &&
        curl_easy_setopt(tracer->curl, CURLOPT_POSTFIELDSIZE, (long)tracer->body.length) == CURLE_OK &&
        curl_easy_perform(tracer->curl) == CURLE_OK &&
        curl_easy_getinfo(tracer->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
    metrics_add(tracer->metrics, 0, taken ? SENT : FAILED, count);
}

/* Moves up to a batch out of the ring; waits until there is one, half a second has passed, or it is to stop.
 */
static size_t take(struct tracer *tracer, int64_t *ret_stop_us)
{
    int64_t until_us = clock_monotonic_us() + SEND_EVERY_MS * INT64_C(1000);
    size_t count = 0;

    (void)pthread_mutex_lock(&tracer->mutex);
    while (tracer->count < TRACE_BATCH_MAX && tracer->stop_us == 0 &&
           thread_wait(&tracer->wake, &tracer->mutex, until_us))
        ;
    for (; count < TRACE_BATCH_MAX && tracer->count > 0; count++) {
        tracer->batch[count] = tracer->spans[tracer->first];
        tracer->first = (tracer->first + 1) % TRACE_SPANS_MAX;
        tracer->count--;
    }
    *ret_stop_us = tracer->stop_us;
    (void)pthread_mutex_unlock(&tracer->mutex);
    return count;
}

static void *send_for_ever(void *context)
{
    struct tracer *tracer = context;

    for (;;) {
        int64_t stop_us;
        size_t count = take(tracer, &stop_us);
        int64_t left_ms = stop_us == 0 ? TIMEOUT_MS : (stop_us - clock_monotonic_us()) / 1000;
        if (count > 0 && left_ms > 0)
            send_batch(tracer, count, left_ms);
        else if (stop_us != 0)
            return NULL;
    }
}

static int open_curl(struct tracer *tracer, const char *url)
{
    tracer->curl = curl_easy_init();
    tracer->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (tracer->curl == NULL || tracer->headers == NULL)
        return -ENOMEM;
    bool good = curl_easy_setopt(tracer->curl, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(tracer->curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                curl_easy_setopt(tracer->curl, CURLOPT_HTTPHEADER, tracer->headers) == CURLE_OK &&
                curl_easy_setopt(tracer->curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(tracer->curl, CURLOPT_WRITEFUNCTION, ignore) == CURLE_OK;
    return good ? 0 : -EINVAL;
}

int tracer_start(const char *url, const char *service, const char *instance, const char *version,
                 struct tracer **ret_tracer)
{
    CLEANUP(tracer_stop) struct tracer *tracer = calloc(1, sizeof(*tracer));

    if (tracer == NULL)
        return -ENOMEM;
    tracer->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    tracer->wake = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    tracer->service = service;
    tracer->instance = instance;
    tracer->version = version;
    tracer->body = (struct buffer)BUFFER_INIT(BODY_MAX);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) !=
        CURLE_OK) /* never undone: others in the process use it too */
        return -ENOMEM;
    int r = metrics_create(tracer_metric_defs, tracer_metric_count, service, &tracer->metrics);
    if (r == 0 && getrandom(&tracer->next_id, sizeof(tracer->next_id), 0) != sizeof(tracer->next_id))
        r = -errno;
    if (r == 0)
        r = open_curl(tracer, url);
    if (r == 0)
        r = thread_start(&tracer->thread, send_for_ever, tracer);
    if (r < 0)
        return r;
    tracer->has_thread = true;
    *ret_tracer = tracer;
    tracer = NULL;
    return 0;
}

void tracer_stop(struct tracer **tracer)
{
    struct tracer *old = *tracer;

    if (old == NULL)
        return;
    if (old->has_thread) {
        (void)pthread_mutex_lock(&old->mutex);
        old->stop_us = clock_monotonic_us() + TIMEOUT_MS * INT64_C(1000);
        (void)pthread_cond_signal(&old->wake);
        (void)pthread_mutex_unlock(&old->mutex);
        (void)pthread_join(old->thread, NULL);
    }
    curl_slist_free_all(old->headers);
    curl_easy_cleanup(old->curl);
    buffer_release(&old->body);
    metrics_destroy(&old->metrics);
    free(old);
    *tracer = NULL;
}

/* Steps of an odd number pass every id once; the multiplication spreads them. */
static void make_id(struct tracer *tracer, uint8_t ret_id[static TRACE_SPAN_ID_LENGTH])
{
    uint64_t id = hash_mix(tracer->next_id += HASH_STEP);

    memcpy(ret_id, &id, sizeof(id));
}

void trace_add(struct tracer *tracer, const struct trace_span *span)
{
    if (tracer == NULL)
        return;
    (void)pthread_mutex_lock(&tracer->mutex);
    bool full = tracer->count == TRACE_SPANS_MAX;
    if (!full) {
        struct trace_span *place = &tracer->spans[(tracer->first + tracer->count) % TRACE_SPANS_MAX];
        *place = *span;
        if (!is_set(place->span_id))
            make_id(tracer, place->span_id);
        if (++tracer->count == TRACE_BATCH_MAX)
            (void)pthread_cond_signal(&tracer->wake);
    }
    (void)pthread_mutex_unlock(&tracer->mutex);
    if (full)
        metrics_add(tracer->metrics, 0, DROPPED, 1);
}

void trace_root(struct uuid order_id, uint8_t ret_span_id[static TRACE_SPAN_ID_LENGTH])
{
    memcpy(ret_span_id, order_id.bytes + sizeof(order_id.bytes) - TRACE_SPAN_ID_LENGTH, TRACE_SPAN_ID_LENGTH);
}

void trace_add_stage(struct tracer *tracer, const char *name, const uint8_t *trace_id, struct uuid order_id,
                     struct instant begin, const char *outcome)
{
    if (tracer == NULL)
        return;
    struct trace_span span = {.name = name,
                              .kind = TRACE_INTERNAL,
                              .begin = begin,
                              .end = clock_now(),
                              .order_id = order_id,
                              .outcome = outcome};
    memcpy(span.trace_id, trace_id, sizeof(span.trace_id));
    trace_root(order_id, span.parent_id);
    trace_add(tracer, &span);
}

void tracer_render_metrics(const struct tracer *tracer, const char *service, struct buffer *out)
{
    metrics_render_head(&tracer_metric_defs[0], out);
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        buffer_append_format(out, "oxe_trace_spans_total{service=\"%s\",outcome=\"%s\"} %" PRId64 "\n",
                             service, outcomes[i], tracer == NULL ? 0 : metrics_value(tracer->metrics, 0, i));
}
