/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: what is counted is what is exported, in the text format that Prometheus reads. */
#include "common/metrics.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "common/cleanup.h"

static const char *const outcomes[] = {"accepted", "rejected", NULL};

static const char *const classes[] = {"2xx", "5xx", NULL};

enum { ORDERS, DEPTH, LATENCY, STAGE, AGE, REQUESTS };

static const struct metric_def defs[] = {
    [ORDERS] = {"oxe_orders_total", METRIC_COUNTER, "Orders by outcome.", "outcome", outcomes},
    [DEPTH] = {"oxe_queue_depth", METRIC_GAUGE, "Messages waiting.", NULL, NULL},
    [LATENCY] = {"oxe_latency_seconds", METRIC_HISTOGRAM, "Latency.", NULL, NULL},
    [STAGE] = {"oxe_stage_seconds", METRIC_HISTOGRAM, "Stages.", "outcome", outcomes},
    [AGE] = {"oxe_age_seconds", METRIC_GAUGE_MILLIONTHS, "Age.", NULL, NULL},
    [REQUESTS] = {"oxe_requests_total", METRIC_COUNTER, "Requests.", "outcome", outcomes, "class", classes},
};

static void expect_rendered(const struct metrics *metrics, const char *text)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    metrics_render(metrics, &out);
    cr_expect_not_null(strstr(out.data, text), "no '%s' in:\n%s", text, out.data);
}

Test(metrics, counters_and_gauges_are_exported_with_service_and_label)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;

    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &metrics), 0);
    metrics_add(metrics, ORDERS, 1, 3);
    metrics_add(metrics, ORDERS, 1, 2);
    metrics_set(metrics, DEPTH, 0, 7);
    metrics_set(metrics, DEPTH, 0, -4);
    cr_expect_eq(metrics_value(metrics, ORDERS, 0), 0);
    cr_expect_eq(metrics_value(metrics, ORDERS, 1), 5);
    cr_expect_eq(metrics_value(metrics, DEPTH, 0), -4);
    expect_rendered(metrics, "# HELP oxe_orders_total Orders by outcome.\n"
                             "# TYPE oxe_orders_total counter\n"
                             "oxe_orders_total{service=\"tester\",outcome=\"accepted\"} 0\n"
                             "oxe_orders_total{service=\"tester\",outcome=\"rejected\"} 5\n"
                             "# HELP oxe_queue_depth Messages waiting.\n"
                             "# TYPE oxe_queue_depth gauge\n"
                             "oxe_queue_depth{service=\"tester\"} -4\n");
}

Test(metrics, bucket_bounds_are_inclusive_and_buckets_cumulative)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;

    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &metrics), 0);
    metrics_observe_us(metrics, LATENCY, 0, 100);
    metrics_observe_us(metrics, LATENCY, 0, 101);
    metrics_observe_us(metrics, LATENCY, 0, 10000000);
    metrics_observe_us(metrics, LATENCY, 0, 10000001);
    metrics_observe_us(metrics, LATENCY, 0, -5);
    cr_expect_eq(metrics_value(metrics, LATENCY, 0), 5);
    expect_rendered(metrics, "oxe_latency_seconds_bucket{service=\"tester\",le=\"0.0001\"} 2\n"
                             "oxe_latency_seconds_bucket{service=\"tester\",le=\"0.00025\"} 3\n");
    expect_rendered(metrics, "oxe_latency_seconds_bucket{service=\"tester\",le=\"5\"} 3\n"
                             "oxe_latency_seconds_bucket{service=\"tester\",le=\"10\"} 4\n"
                             "oxe_latency_seconds_bucket{service=\"tester\",le=\"+Inf\"} 5\n"
                             "oxe_latency_seconds_sum{service=\"tester\"} 20.000202\n"
                             "oxe_latency_seconds_count{service=\"tester\"} 5\n");
}

Test(metrics, series_of_a_labelled_histogram_are_apart)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;

    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &metrics), 0);
    metrics_observe_us(metrics, STAGE, 1, 1000);
    cr_expect_eq(metrics_value(metrics, STAGE, 0), 0);
    cr_expect_eq(metrics_value(metrics, STAGE, 1), 1);
    expect_rendered(metrics,
                    "oxe_stage_seconds_bucket{service=\"tester\",outcome=\"rejected\",le=\"0.0005\"} 0\n"
                    "oxe_stage_seconds_bucket{service=\"tester\",outcome=\"rejected\",le=\"0.001\"} 1\n");
    expect_rendered(metrics, "oxe_stage_seconds_sum{service=\"tester\",outcome=\"accepted\"} 0.000000\n");
}

Test(metrics, microseconds_are_exported_as_seconds)
{
    static const struct {
        int64_t us;
        const char *line;
    } cases[] = {
        {0, "oxe_age_seconds{service=\"tester\"} 0.000000\n"},
        {1500000, "oxe_age_seconds{service=\"tester\"} 1.500000\n"},
        {-50000, "oxe_age_seconds{service=\"tester\"} -0.050000\n"},
    };
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;

    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &metrics), 0);
    expect_rendered(metrics, "# TYPE oxe_age_seconds gauge\n");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        metrics_set_millionths(metrics, AGE, 0, cases[i].us);
        expect_rendered(metrics, cases[i].line);
    }
}

Test(metrics, two_labels_make_a_series_of_each_pair)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;

    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &metrics), 0);
    for (size_t series = 0; series < 4; series++)
        metrics_add(metrics, REQUESTS, series, series + 1);
    expect_rendered(metrics, "oxe_requests_total{service=\"tester\",outcome=\"accepted\",class=\"2xx\"} 1\n"
                             "oxe_requests_total{service=\"tester\",outcome=\"accepted\",class=\"5xx\"} 2\n"
                             "oxe_requests_total{service=\"tester\",outcome=\"rejected\",class=\"2xx\"} 3\n"
                             "oxe_requests_total{service=\"tester\",outcome=\"rejected\",class=\"5xx\"} 4\n");
}

Test(metrics, a_table_without_entries_renders_nothing)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    cr_assert_eq(metrics_create(NULL, 0, "tester", &metrics), 0);
    metrics_render(metrics, &out);
    cr_expect_eq(out.length, 0);
    cr_expect_not(buffer_failed(&out));
}

enum { THREAD_ADDS = 100000 };

static void *add_many(void *data)
{
    for (int i = 0; i < THREAD_ADDS; i++) {
        metrics_add(data, ORDERS, 0, 1);
        metrics_observe_us(data, LATENCY, 0, i);
    }
    return NULL;
}

Test(metrics, threads_lose_no_counts)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;
    pthread_t threads[4];

    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &metrics), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, add_many, metrics), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    cr_expect_eq(metrics_value(metrics, ORDERS, 0), THREAD_ADDS * (int64_t)ARRAY_LEN(threads));
    cr_expect_eq(metrics_value(metrics, LATENCY, 0), THREAD_ADDS * (int64_t)ARRAY_LEN(threads));
}
