/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl report criteria: whether the suite does what it was built to do, in figures. The statement judges;
 * what only Prometheus knows it is given. */
#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "services/oxectl/database.h"

#include "criteria.sql.h"

enum { QUERY_TIMEOUT_MS = 120000, PATH_BYTES_MAX = 4096, FIGURE_MAX = 64 };

static const int64_t second_us = 1000000;
static const int64_t day_us = INT64_C(24) * 60 * 60 * 1000000;

/* Orders that were submitted from `begin` to before `end`. */
struct range {
    struct instant begin, end;
};

static int read_time(const struct args *args, const char *name, struct instant *ret_time)
{
    const char *text = args_text(args, name);

    if (text == NULL || instant_parse(text, strlen(text), ret_time) == 0)
        return 0;
    return usage_error(args->command, "%s is a time as 2025-10-17T12:01:05Z, not '%s'", name, text);
}

static int read_range(const struct args *args, struct range *ret_range)
{
    struct range range = {.end = clock_now()};

    int status = read_time(args, "--to", &range.end);
    range.begin.us = range.end.us - day_us;
    if (status == 0)
        status = read_time(args, "--from", &range.begin);
    if (status == 0 && range.begin.us >= range.end.us)
        status = usage_error(args->command, "--from is to be before --to");
    if (status == 0)
        *ret_range = range;
    return status;
}

/* The value of the first series of an instant query; what cannot be divided is no figure. */
static bool read_value(yajl_val json, char figure[static FIGURE_MAX])
{
    yajl_val series = json_get(json_get(json, "data"), "result");

    if (json_length(series) != 1)
        return false;
    yajl_val value = json_get(json_item(series, 0), "value");
    if (json_length(value) != 2)
        return false;
    const char *text = YAJL_GET_STRING(json_item(value, 1));
    if (text == NULL || strcmp(text, "NaN") == 0 || strlen(text) >= FIGURE_MAX)
        return false;
    memcpy(figure, text, strlen(text) + 1);
    return true;
}

/* The share of events that reached WebSockets in time. *ret_known: whether there were any. */
static int ask_prometheus(const struct context *context, const char *url, const struct range *range,
                          char figure[static FIGURE_MAX], bool *ret_known)
{
    static const char name[] = "oxe_websocket_event_age_seconds";
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(PATH_BYTES_MAX);
    CLEANUP(reply_release) struct reply reply = {0};
    struct context prometheus = {.url = url, .curl = context->curl};
    int64_t seconds = (range->end.us - range->begin.us + second_us - 1) / second_us;
    char query[512], time[32];

    (void)snprintf(query, sizeof(query),
                   "sum(increase(%s_bucket{le=\"0.5\"}[%" PRId64 "s])) / sum(increase(%s_count[%" PRId64
                   "s]))",
                   name, seconds, name, seconds);
    (void)snprintf(time, sizeof(time), "%" PRId64, range->end.us / second_us);
    buffer_append_text(&path, "/api/v1/query");
    query_append(&path, "query", query);
    query_append(&path, "time", time);
    int status = http_request(&prometheus, "GET", path.data, NULL, NULL, &reply);
    if (status != 0)
        return status;
    if (reply.status != 200)
        return trouble("Prometheus answers %ld", reply.status);
    *ret_known = read_value(reply.json, figure);
    return 0;
}

/* In Prometheus' text format, for the textfile collector of its node exporter. What is not known is left out.
 */
static void print_metrics(yajl_val criteria)
{
    size_t count = json_length(criteria);

    (void)puts("# HELP oxe_criterion_figure What 'oxectl report criteria' has found: a share, or a number of "
               "orders.\n"
               "# TYPE oxe_criterion_figure gauge");
    for (size_t i = 0; i < count; i++) {
        yajl_val row = json_item(criteria, i);
        if (YAJL_IS_NUMBER(json_get(row, "figure")))
            (void)printf("oxe_criterion_figure{criterion=\"%s\"} %s\n", json_text(row, "criterion"),
                         json_text(row, "figure"));
    }
    (void)puts("# HELP oxe_criterion_met 1 for a criterion that is met, 0 for one that is not.\n"
               "# TYPE oxe_criterion_met gauge");
    for (size_t i = 0; i < count; i++) {
        yajl_val row = json_item(criteria, i);
        if (json_get(row, "met") != NULL)
            (void)printf("oxe_criterion_met{criterion=\"%s\"} %d\n", json_text(row, "criterion"),
                         YAJL_IS_TRUE(json_get(row, "met")));
    }
    (void)printf("# HELP oxe_criteria_timestamp_seconds When that was, in seconds since 1970.\n"
                 "# TYPE oxe_criteria_timestamp_seconds gauge\noxe_criteria_timestamp_seconds %" PRId64 "\n",
                 clock_now().us / second_us);
}

static int print(const PGresult *result, const struct args *args)
{
    static const struct column columns[] = {
        {"#", "number", true}, {"CRITERION", "criterion", false}, {"FIGURE", "figure_text", true},
        {"BAR", "bar", false}, {"MET", "met_text", false},        {"WHAT WAS COUNTED", "detail", false},
    };
    yajl_val criteria;

    if (!args_has(args, "--metrics"))
        return database_print(result, args_has(args, "--json"), columns, ARRAY_LEN(columns));
    int status = database_rows(result, &criteria);
    if (status == 0)
        print_metrics(criteria);
    yajl_tree_free(criteria);
    return status;
}

int criteria_run(const struct context *context, const struct args *args)
{
    static const struct db_statement statements[] = {{"criteria", sql_criteria}};
    CLEANUP(db_destroy) struct db *db = NULL;
    CLEANUP(db_args_release) struct db_args values = {0};
    const char *url = args_text(args, "--prometheus");
    const PGresult *result = NULL;
    char begin[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX], figure[FIGURE_MAX];
    struct range range;
    bool known = false;

    int status = read_range(args, &range);
    if (status == 0 && url != NULL)
        status = ask_prometheus(context, url, &range, figure, &known);
    if (status == 0)
        status = database_open(context, statements, ARRAY_LEN(statements), &db);
    if (status != 0)
        return status;
    (void)instant_format(range.begin, begin);
    (void)instant_format(range.end, end);
    db_args_text(&values, begin);
    db_args_text(&values, end);
    db_args_text(&values, known ? figure : NULL);
    status = database_run_within(db, 0, &values, QUERY_TIMEOUT_MS, &result);
    if (status == 0)
        status = print(result, args);
    if (status == 0 && db_get_i64(result, 0, 1) > 0)
        status = EXIT_REFUSED;
    return status;
}
