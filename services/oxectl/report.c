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
                      "its proof does not show that the day was over: nothing was recorded behind it "
                      "yet, or it is left "
                      "out");
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

static int run_day(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer query = BUFFER_INIT(PATH_BYTES), empty = BUFFER_INIT(PATH_BYTES);
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
    buffer_append_text(&query, "/api/v1/audit/export?format=csv");
    query_append(&query, "from", begin);
    query_append(&query, "to", end);
    buffer_append_text(&empty, "/api/v1/audit?limit=1");
    query_append(&empty, "from", end);
    struct evidence evidence = {.path = args_has(args, "--out") ? args_text(args, "--out") : name,
                                .query = query.data,
                                .empty = empty.data,
                                .neighbours = true};
    status = evidence_write(context, args, &evidence);
    return status == 0 ? check_report(args, evidence.path, &day) : status;
}

const struct command report_day_command = {
    .name = "report day",
    .group = GROUP_COMPLIANCE,
    .needs = NEEDS_TOKEN,
    .summary = "the regulators' report of a trading day, with the proof that it is whole",
    .manual = "A table (CSV) of every entry that was recorded in the trading day, which begins at "
              "OXE_TRADING_DAY_START in "
              "OXE_TRADING_TZ: timestamp,\n"
              "trader_id, order_id, symbol, quantity, price, venue and all else that the entry's hash "
              "covers. FILE" LOG_PROOF_SUFFIX " beside it has the signed\n"
              "checkpoint, and the entries before the first and behind the last. While nothing was recorded "
              "behind the day, "
              "nothing shows that it is\n"
              "over: status 1 then, and the file stays.",
    .args = ARGS(OPERAND("DATE", "of the trading day, as 2026-11-27"),
                 OPTION("--out", "FILE", "where it goes; oxe-report-DATE.csv when not given; must not exist"),
                 TLOG_TRUST, NO_MORE),
    .run = run_day,
};

static int run_check(const struct context *context, const struct args *args)
{
    struct trading_day day;

    int status = day_read(args, args->operands[0], &day);
    return status == 0 ? check_report(args, args->operands[1], &day) : status;
}

const struct command report_check_command = {
    .name = "report check",
    .group = GROUP_TOOLS,
    .summary = "whether a report has all of its trading day, without the log",
    .manual = "Nothing but FILE, FILE" LOG_PROOF_SUFFIX " and the verifier key is asked; OXE_TRADING_TZ and "
              "OXE_TRADING_DAY_START say when the day\n"
              "begins, and what they come to is printed. Status 1: it does not hold.",
    .args = ARGS(OPERAND("DATE", "of the trading day, as 2026-11-27"), OPERAND("FILE", "the report"),
                 TLOG_TRUST, NO_MORE),
    .run = run_check,
};
