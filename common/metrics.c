/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics in Prometheus text format: see metrics.h. */
#include "common/metrics.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static const struct {
    int64_t max_us; /* inclusive */
    const char *le; /* the same in seconds, as text, so that no floating point is needed */
} buckets[] = {
    {100, "0.0001"}, {250, "0.00025"}, {500, "0.0005"},  {1000, "0.001"}, {2500, "0.0025"}, {5000, "0.005"},
    {10000, "0.01"}, {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"}, {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1"},  {2000000, "2"},   {2500000, "2.5"}, {5000000, "5"},  {10000000, "10"},
};

enum {
    BUCKET_COUNT = sizeof(buckets) / sizeof(buckets[0]),
    HISTOGRAM_CELLS = BUCKET_COUNT + 2, /* the buckets, the one past the last, the sum */
};

struct metrics {
    const struct metric_def *defs;
    size_t def_count;
    const char *service;
    size_t *first_cells;   /* of each def */
    size_t *series_counts; /* of each def */
    _Atomic int64_t *cells;
};

static size_t cells_per_series(const struct metric_def *def)
{
    return def->type == METRIC_HISTOGRAM ? HISTOGRAM_CELLS : 1;
}

static size_t count_values(const char *label, const char *const *values)
{
    size_t count = 0;

    if (label == NULL)
        return 1;
    while (values[count] != NULL)
        count++;
    return count;
}

static size_t count_series(const struct metric_def *def)
{
    return count_values(def->label, def->label_values) * count_values(def->label2, def->label2_values);
}

int metrics_create(const struct metric_def *defs, size_t def_count, const char *service,
                   struct metrics **ret_metrics)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = calloc(1, sizeof(*metrics));
    size_t cell_count = 0;

    if (metrics == NULL)
        return -ENOMEM;
    metrics->defs = defs;
    metrics->def_count = def_count;
    metrics->service = service;
    metrics->first_cells = calloc(def_count + 1, sizeof(*metrics->first_cells));
    metrics->series_counts = calloc(def_count + 1, sizeof(*metrics->series_counts));
    if (metrics->first_cells == NULL || metrics->series_counts == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < def_count; i++) {
        metrics->first_cells[i] = cell_count;
        metrics->series_counts[i] = count_series(&defs[i]);
        cell_count += metrics->series_counts[i] * cells_per_series(&defs[i]);
    }
    metrics->cells = calloc(cell_count + 1, sizeof(*metrics->cells));
    if (metrics->cells == NULL)
        return -ENOMEM;
    *ret_metrics = metrics;
    metrics = NULL;
    return 0;
}

void metrics_destroy(struct metrics **metrics)
{
    if (*metrics == NULL)
        return;
    free((void *)(*metrics)->cells);
    free((*metrics)->series_counts);
    free((*metrics)->first_cells);
    free(*metrics);
    *metrics = NULL;
}

static _Atomic int64_t *find_cells(const struct metrics *metrics, size_t metric, size_t series)
{
    assert(metric < metrics->def_count);
    assert(series < metrics->series_counts[metric]);
    return metrics->cells + metrics->first_cells[metric] + series * cells_per_series(&metrics->defs[metric]);
}

static void add(_Atomic int64_t *cell, int64_t value)
{
    (void)atomic_fetch_add_explicit(cell, value, memory_order_relaxed);
}

static int64_t load(const _Atomic int64_t *cell)
{
    return atomic_load_explicit(cell, memory_order_relaxed);
}

void metrics_add(struct metrics *metrics, size_t metric, size_t series, uint64_t count)
{
    _Atomic int64_t *cell = find_cells(metrics, metric, series);

    assert(metrics->defs[metric].type != METRIC_HISTOGRAM);
    add(cell, (int64_t)count);
}

void metrics_set(struct metrics *metrics, size_t metric, size_t series, int64_t value)
{
    _Atomic int64_t *cell = find_cells(metrics, metric, series);

    assert(metrics->defs[metric].type == METRIC_GAUGE);
    atomic_store_explicit(cell, value, memory_order_relaxed);
}

void metrics_set_millionths(struct metrics *metrics, size_t metric, size_t series, int64_t millionths)
{
    _Atomic int64_t *cell = find_cells(metrics, metric, series);

    assert(metrics->defs[metric].type == METRIC_GAUGE_MILLIONTHS);
    atomic_store_explicit(cell, millionths, memory_order_relaxed);
}

void metrics_observe_us(struct metrics *metrics, size_t metric, size_t series, int64_t us)
{
    _Atomic int64_t *cells = find_cells(metrics, metric, series);
    size_t bucket = 0;

    assert(metrics->defs[metric].type == METRIC_HISTOGRAM);
    if (us < 0) /* two clocks that disagree */
        us = 0;
    while (bucket < BUCKET_COUNT && us > buckets[bucket].max_us)
        bucket++;
    add(&cells[bucket], 1);
    add(&cells[BUCKET_COUNT + 1], us);
}

int64_t metrics_value(const struct metrics *metrics, size_t metric, size_t series)
{
    const _Atomic int64_t *cells = find_cells(metrics, metric, series);
    int64_t count = 0;

    if (metrics->defs[metric].type != METRIC_HISTOGRAM)
        return load(cells);
    for (size_t i = 0; i <= BUCKET_COUNT; i++)
        count += load(&cells[i]);
    return count;
}

/* {service="gateway",outcome="accepted"; what follows is the caller's, up to the closing brace. */
static void open_series(const struct metrics *metrics, size_t metric, size_t series, const char *suffix,
                        struct buffer *out)
{
    const struct metric_def *def = &metrics->defs[metric];
    size_t inner = count_values(def->label2, def->label2_values);

    buffer_append_format(out, "%s%s{service=\"%s\"", def->name, suffix, metrics->service);
    if (def->label != NULL)
        buffer_append_format(out, ",%s=\"%s\"", def->label, def->label_values[series / inner]);
    if (def->label2 != NULL)
        buffer_append_format(out, ",%s=\"%s\"", def->label2, def->label2_values[series % inner]);
}

static void append_millionths(struct buffer *out, int64_t value)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    buffer_append_format(out, "%s%" PRIu64 ".%06" PRIu64, value < 0 ? "-" : "", size / 1000000,
                         size % 1000000);
}

static void render_histogram(const struct metrics *metrics, size_t metric, size_t series, struct buffer *out)
{
    const _Atomic int64_t *cells = find_cells(metrics, metric, series);
    int64_t count = 0;

    /* The count is that of the buckets read here, so that both agree while the service goes on observing. */
    for (size_t i = 0; i <= BUCKET_COUNT; i++) {
        count += load(&cells[i]);
        open_series(metrics, metric, series, "_bucket", out);
        buffer_append_format(out, ",le=\"%s\"} %" PRId64 "\n", i < BUCKET_COUNT ? buckets[i].le : "+Inf",
                             count);
    }
    open_series(metrics, metric, series, "_sum", out);
    buffer_append_text(out, "} ");
    append_millionths(out, load(&cells[BUCKET_COUNT + 1]));
    buffer_append_char(out, '\n');
    open_series(metrics, metric, series, "_count", out);
    buffer_append_format(out, "} %" PRId64 "\n", count);
}

const char *metrics_type_name(enum metric_type type)
{
    switch (type) {
    case METRIC_COUNTER:
        return "counter";
    case METRIC_GAUGE:
    case METRIC_GAUGE_MILLIONTHS:
        return "gauge";
    case METRIC_HISTOGRAM:
        return "histogram";
    }
    assert(false);
    return "";
}

void metrics_render_head(const struct metric_def *def, struct buffer *out)
{
    buffer_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", def->name, def->help, def->name,
                         metrics_type_name(def->type));
}

void metrics_render(const struct metrics *metrics, struct buffer *out)
{
    for (size_t metric = 0; metric < metrics->def_count; metric++) {
        const struct metric_def *def = &metrics->defs[metric];
        metrics_render_head(def, out);
        for (size_t series = 0; series < metrics->series_counts[metric]; series++) {
            if (def->type == METRIC_HISTOGRAM) {
                render_histogram(metrics, metric, series, out);
                continue;
            }
            open_series(metrics, metric, series, "", out);
            buffer_append_text(out, "} ");
            if (def->type == METRIC_GAUGE_MILLIONTHS)
                append_millionths(out, metrics_value(metrics, metric, series));
            else
                buffer_append_i64(out, metrics_value(metrics, metric, series));
            buffer_append_char(out, '\n');
        }
    }
}
