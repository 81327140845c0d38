/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl report day, report check: what a trading day has in the log, with the proof that nothing was left
 * out. */
#include <inttypes.h>

#include "common/cleanup.h"
#include "services/oxectl/day.h"
#include "services/oxectl/evidence.h"

/* "PATH: entries 11 to 18, all of the trading day 2026-11-27 (… to …)". */
static void print_report(const char *path, const char *date, const struct trading_day *day,
                         const struct log_range *proof)
{
    char begin[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX], entries[64] = "no entry";

    (void)instant_format(day->begin, begin);
    (void)instant_format(day->end, end);
    if (proof->last >= proof->first)
        (void)snprintf(entries, sizeof(entries), "entries %" PRIu64 " to %" PRIu64, proof->first,
                       proof->last);
    (void)printf("%s: %s, which is all that was recorded in the trading day %s, from %s to %s\n", path,
                 entries, date, begin, end);
}

/* That the entries around the report's are of other days. */
static int check_neighbours(const char *path, const struct log_range *proof, const struct trading_day *day)
{
    struct instant before, after;

    if (proof->first > 1 && !log_range_recorded(&proof->lower, &before))
        return refuse("%s: %s", path, "its proof does not show what was recorded before it");
    if (proof->first > 1 && before.us >= day->begin.us)
        return refuse("%s: %s", path, "the entry before its first is of the day, too");
    if (!log_range_recorded(&proof->upper, &after))
        return refuse("%s: %s", path,
                      "its proof does not show that the day was over: nothing was recorded behind it yet, or "
                      "it is left out");
    return after.us >= day->end.us ? 0
                                   : refuse("%s: %s", path, "the entry behind its last is of the day, too");
}

static int check_report(const struct args *args, const char *path, const struct trading_day *day)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct kept none = {0};
    struct log_check check = {.kept = &none, .day = day};
    struct log_range proof;

    int status = log_check_file(&check, args, path, NULL, &proof, &text);
    if (status == 0)
        status = check_neighbours(path, &proof, day);
    if (status == 0)
        print_report(path, args->operands[0], day, &proof);
    return status;
}

int report_day(const struct context *context, const struct args *args)
{
    char begin[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX], name[64];
    struct trading_day day;

    int status = day_read(args, args->operands[0], &day);
    if (status != 0)
        return status;
    if (clock_now().us < day.end.us)
        return trouble("the trading day %s is not over", args->operands[0]);
    (void)instant_format(day.begin, begin);
    (void)instant_format(day.end, end);
    (void)snprintf(name, sizeof(name), "oxe-report-%s.csv", args->operands[0]);
    struct evidence evidence = {.path = args_has(args, "--out") ? args_text(args, "--out") : name,
                                .from = begin,
                                .to = end,
                                .neighbours = true};
    status = evidence_write(context, args, &evidence);
    return status == 0 ? check_report(args, evidence.path, &day) : status;
}

int report_check(const struct context *context, const struct args *args)
{
    struct trading_day day;

    int status = day_read(args, args->operands[0], &day);
    return status == 0 ? check_report(args, args->operands[1], &day) : status;
}
