/* SPDX-License-Identifier: Apache-2.0 */
/* The regulators' report of a trading day: all of the day's entries, and nothing passes for all that is not.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/log_history.h"
#include "tests/support/log_world.h"

enum { DAY_S = 24 * 60 * 60 };

/* Last month: 1 to 10 before its second day begins in UTC, 11 to 15 as it begins, 16 to 18 before it ends, 19
 * and 20 as the third begins. And 600 now. */
static void write_days(struct world *world)
{
    struct log_history history;

    log_history_begin(&history, world, 1);
    log_history_write(&history, 1, DAY_S - 10, 10);
    log_history_write(&history, 1, DAY_S, 5);
    log_history_write(&history, 1, 2 * DAY_S - 3, 3);
    log_history_write(&history, 1, 2 * DAY_S, 2);
    log_history_end(&history);
}

static void begin_days(struct log_world *world)
{
    log_world_begin_after(world, write_days, "620");
    (void)setenv("M", log_history_month(&world->gateway.world, 1), 1);
    (void)setenv("TODAY", world_value(&world->gateway.world, "SELECT (now() AT TIME ZONE 'UTC')::date"), 1);
    (void)setenv("OXE_TRADING_TZ", "UTC", 1);
}

Test(report, a_day_is_whole_and_shows_it_without_the_log, .timeout = 120)
{
    struct log_world world = {0};

    begin_days(&world);
    log_world_expect("report day $M-02 --out $LOG/day.csv", 0,
                     "day.csv: entries 11 to 18, which is all that was recorded in the trading day ");
    log_world_shell("head -n 1 $LOG/day.csv", 0, "order_id,trader_id,");
    log_world_shell("head -n 1 $LOG/day.csv", 0, "symbol,quantity,price,");
    log_world_shell("head -n 1 $LOG/day.csv", 0, "venue,");
    log_world_shell("head -n 1 $LOG/day.csv", 0, "timestamp,");
    log_world_shell("wc -l <$LOG/day.csv", 0, "9");
    log_world_expect("report day $M-02 --out $LOG/day.csv", 2, "exists already");
    log_world_expect("report day $M-01 --out $LOG/first.csv", 0, "first.csv: entries 1 to 10, which is all");
    log_world_expect("report day $M-03 --out $LOG/third.csv", 0, "third.csv: entries 19 to 20, which is all");
    log_world_expect("report day $M-04 --out $LOG/none.csv", 0, "none.csv: no entry, which is all");
    log_world_expect("report day $TODAY --out $LOG/today.csv", 2, " is not over");
    /* Where the day begins elsewhere, other entries are of it. */
    log_world_shell(
        "OXE_TRADING_TZ=America/New_York $OXE_CTL_BINARY report day $M-01 --out $LOG/york.csv 2>&1", 0,
        "york.csv: entries 1 to 15, which is all");
    log_world_shell("cd $LOG && $OXE_CTL_BINARY report day $M-02 2>&1 && ls oxe-report-$M-02.csv.proof", 0,
                    "entries 11 to 18");

    (void)setenv("OXE_URL", "http://127.0.0.1:9", 1);
    (void)unsetenv("OXE_TOKEN");
    log_world_expect("report check $M-02 $LOG/day.csv", 0, "day.csv: entries 11 to 18, which is all");
    log_world_expect("report check $M-02 $LOG/day.csv", 0, "-02T00:00:00.000000Z to ");
    log_world_expect("report check $M-01 $LOG/first.csv", 0, "entries 1 to 10");
    log_world_expect("report check $M-04 $LOG/none.csv", 0, "no entry");
    log_world_expect("audit verify $LOG/first.csv $LOG/day.csv $LOG/third.csv", 0,
                     "third.csv: entries 19 to 20 of");
    log_world_expect("report check $M-03 $LOG/day.csv", 1, "entry 11 is of another day");
    log_world_expect("report check $M-05 $LOG/none.csv", 0, "no entry");
    log_world_expect("report check $M-03 $LOG/none.csv", 1, "the entry before its first is of the day, too");
    log_world_expect("report check 2026-02-30 $LOG/day.csv", 64, "DATE is as ");
    log_world_expect("report check today $LOG/day.csv", 64, "DATE is as ");
    log_world_shell("OXE_TRADING_TZ=Mars $OXE_CTL_BINARY report check $M-02 $LOG/day.csv 2>&1", 64,
                    "is no time zone");
    log_world_shell("OXE_TRADING_DAY_START=25 $OXE_CTL_BINARY report check $M-02 $LOG/day.csv 2>&1", 64,
                    "is as 17:00");
    log_world_end(&world);
}

/* Each is a run of the log that verifies, and not all of the day. */
Test(report, what_was_left_out_is_found, .timeout = 120)
{
    struct log_world world = {0};

    begin_days(&world);
    log_world_expect("report day $M-02 --out $LOG/day.csv", 0, "entries 11 to 18");
    log_world_shell("cd $LOG && cp day.csv.proof bad.csv.proof && sed 5d day.csv >bad.csv", 0, "");
    log_world_expect("report check $M-02 $LOG/bad.csv", 1, "entry 14 is missing");
    log_world_shell("cd $LOG && sed '5s/AAPL/MSFT/' day.csv >bad.csv", 0, "");
    log_world_expect("report check $M-02 $LOG/bad.csv", 1, "entry 14 is not what was recorded");
    log_world_shell("cd $LOG && sed '/^lower/d' day.csv.proof >bad.csv.proof; cp day.csv bad.csv", 0, "");
    log_world_expect("report check $M-02 $LOG/bad.csv", 2, "is no proof of an export");
    log_world_shell("cd $LOG && sed '/^upper/d' day.csv.proof >bad.csv.proof", 0, "");
    log_world_expect("report check $M-02 $LOG/bad.csv", 1, "entries 11 to 18 one or more are not");

    /* Proofs that hold, of less than the day. */
    log_world_expect(
        "audit export --from $M-02T00:00:00Z --to $M-02T12:00:00Z --format csv --out $LOG/half.csv", 0,
        "entries 11 to 15");
    log_world_expect("report check $M-02 $LOG/half.csv", 1, "does not show what was recorded before it");
    log_world_expect("audit export --to $M-01T12:00:00Z --format csv --out $LOG/nothing.csv", 0,
                     "entries 1 to 0");
    log_world_expect("report check $M-01 $LOG/nothing.csv", 1, "does not show that the day was over");
    log_world_shell("OXE_TRADING_DAY_START=12:00 $OXE_CTL_BINARY report day $M-01 --out $LOG/noon.csv 2>&1",
                    0, "entries 1 to 15");
    log_world_expect("report check $M-01 $LOG/noon.csv", 1, "entry 11 is of another day");
    log_world_expect("report check $M-02 $LOG/noon.csv", 1, "entry 1 is of another day");
    log_world_shell("OXE_TRADING_TZ=Etc/GMT-14 $OXE_CTL_BINARY report day $M-01 --out $LOG/early.csv 2>&1", 0,
                    "no entry");
    log_world_expect("report check $M-01 $LOG/early.csv", 1, "the entry behind its last is of the day, too");
    log_world_shell("OXE_TRADING_DAY_START=00:00 OXE_TRADING_TZ=Etc/GMT+12 $OXE_CTL_BINARY report day $M-02 "
                    "--out $LOG/less.csv 2>&1",
                    0, "entries 16 to 20");
    log_world_expect("report check $M-02 $LOG/less.csv", 1, "entry 19 is of another day");
    log_world_end(&world);
}
