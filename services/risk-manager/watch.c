/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/watch.h"

#include <string.h>

#include "risk_manager_sql.h"

enum { LOOK_US = 1000 * 1000, PAGE = 2000 };

static void begin_round(struct watch *watch)
{
    watch->round = (struct watch_figures){0};
    watch->lane = -1;
    memset(&watch->order_id, 0, sizeof(watch->order_id));
}

static int look_at_page(struct watch *watch, struct db *db, int timeout_ms)
{
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result;

    db_args_i64(&args, watch->lane);
    db_args_uuid(&args, watch->order_id);
    db_args_i64(&args, PAGE);
    int r = db_run(db, SQL_WATCH_ORDERS, &args, timeout_ms, &result);
    if (r < 0)
        return r;
    int64_t oldest_us = db_get_i64(result, 0, 2);
    watch->round.in_doubt += db_get_i64(result, 0, 1);
    if (oldest_us > watch->round.oldest_admitted_us)
        watch->round.oldest_admitted_us = oldest_us;
    if (db_get_i64(result, 0, 0) == PAGE) {
        watch->lane = db_get_i64(result, 0, 3);
        watch->order_id = db_get_uuid(result, 0, 4);
        return 0;
    }
    watch->figures.in_doubt = watch->round.in_doubt;
    watch->figures.oldest_admitted_us = watch->round.oldest_admitted_us;
    begin_round(watch);
    return 0;
}

int watch_look(struct watch *watch, struct db *db, int timeout_ms)
{
    int64_t now_us = clock_monotonic_us();
    const PGresult *result;

    if (watch->looked_us != 0 && now_us - watch->looked_us < LOOK_US)
        return 0;
    if (watch->looked_us == 0)
        begin_round(watch);
    watch->looked_us = now_us;
    int r = db_run(db, SQL_WATCH_LANES, NULL, timeout_ms, &result);
    if (r < 0)
        return r;
    watch->figures.lanes_without_owner = db_get_i64(result, 0, 0);
    return look_at_page(watch, db, timeout_ms);
}
