/* SPDX-License-Identifier: Apache-2.0 */
/* Traces: what each stage did for an order, as spans that go to a collector by OTLP/HTTP in JSON.
 *
 * The spans of an order have the trace id of its request (W3C traceparent), and hang on the span of the
 * gateway's answer, whose id is the end of the order's id (trace_root), so that no stage has to be told it.
 * trace_add puts a span into a ring; a thread sends what is in it every half second, or sooner when much is.
 * It never waits: what finds the ring full is dropped and counted, and so is what the collector does not
 * take. Spans hold no personal data: ids of orders, names of stages and outcomes.
 *
 * One thread adds. A NULL tracer takes spans and does nothing: tracing is off. */
#ifndef OXE_COMMON_TRACE_H
#define OXE_COMMON_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "common/uuid.h"

enum { TRACE_SPANS_MAX = 8192, TRACE_BATCH_MAX = 512, TRACE_ID_LENGTH = 16, TRACE_SPAN_ID_LENGTH = 8 };

enum trace_kind { TRACE_INTERNAL = 1, TRACE_SERVER = 2, TRACE_CLIENT = 3 }; /* as OTLP numbers them */

struct trace_span {
    const char *name; /* a literal, as the outcome */
    enum trace_kind kind;
    uint8_t trace_id[TRACE_ID_LENGTH];
    uint8_t span_id[TRACE_SPAN_ID_LENGTH];   /* all zero: trace_add makes one */
    uint8_t parent_id[TRACE_SPAN_ID_LENGTH]; /* all zero: none */
    struct instant begin, end;
    struct uuid order_id;
    const char *outcome; /* NULL: none */
    int64_t status;      /* of HTTP; 0: none */
    bool failed;
};

struct tracer;

/* url: of the collector's traces, as http://127.0.0.1:4318/v1/traces. service, instance and version are
 * borrowed for life. -ENOMEM and the like. */
int tracer_start(const char *url, const char *service, const char *instance, const char *version,
                 struct tracer **ret_tracer);
/* Sends what is left, for two seconds at most. */
void tracer_stop(struct tracer **tracer);

void trace_add(struct tracer *tracer, const struct trace_span *span);
/* A span of an order, below the gateway's. */
void trace_add_stage(struct tracer *tracer, const char *name, const uint8_t *trace_id, struct uuid order_id,
                     struct instant begin, const char *outcome);
/* The id of the gateway's span of an order. */
void trace_root(struct uuid order_id, uint8_t ret_span_id[static TRACE_SPAN_ID_LENGTH]);

/* oxe_trace_spans_total; of a NULL tracer, zeros. */
void tracer_render_metrics(const struct tracer *tracer, const char *service, struct buffer *out);
extern const struct metric_def tracer_metric_defs[];
extern const size_t tracer_metric_count;

#endif
