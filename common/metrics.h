/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics in Prometheus text format 0.0.4: counters, gauges
 * and histograms, declared in a const table per service.
 *
 * The service's thread writes, the probe thread reads: cells are relaxed atomics. Times are given in
 * microseconds and exported in seconds; those of a histogram have fixed buckets from 100 µs to 10 s. Every
 * series has the label service. Up to two further labels have a fixed set of values each, so that the number
 * of series is bounded; a label never holds personal data. docs/operation/metrics.md is made of the tables.
 */
#ifndef OXE_COMMON_METRICS_H
#define OXE_COMMON_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

enum metric_type {
    METRIC_COUNTER,
    METRIC_GAUGE,            /* set by metrics_set */
    METRIC_GAUGE_MILLIONTHS, /* set by metrics_set_millionths: µs become seconds */
    METRIC_HISTOGRAM,
};

struct metric_def {
    const char *name; /* oxe_… ; counters end in _total, times in _seconds */
    enum metric_type type;
    const char *help;
    const char *label;                /* NULL: no label */
    const char *const *label_values;  /* closed by NULL; the index is the `series` below */
    const char *label2;               /* NULL: no second label */
    const char *const *label2_values; /* then `series` is index * count of these + index of these */
};

struct metrics;

/* The table is borrowed for the life of the metrics. -ENOMEM. */
int metrics_create(const struct metric_def *defs, size_t def_count, const char *service,
                   struct metrics **ret_metrics);
void metrics_destroy(struct metrics **metrics);

/* `metric` is the index in the table, `series` that of the
 * label value (0 without a label). Both are asserted. */
void metrics_add(struct metrics *metrics, size_t metric, size_t series, uint64_t count);
void metrics_set(struct metrics *metrics, size_t metric, size_t series, int64_t value);
void metrics_set_millionths(struct metrics *metrics, size_t metric, size_t series, int64_t millionths);
void metrics_observe_us(struct metrics *metrics, size_t metric, size_t series, int64_t us);
int64_t metrics_value(const struct metrics *metrics, size_t metric,
                      size_t series); /* counter, gauge, or histogram count */

void metrics_render(const struct metrics *metrics, struct buffer *out);

/* For what is no table of cells: '# HELP' and '# TYPE' of a metric, and its type's name. */
void metrics_render_head(const struct metric_def *def, struct buffer *out);
const char *metrics_type_name(enum metric_type type);

#endif
