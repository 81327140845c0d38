/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/resync.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "services/executor/core/turn.h"
#include "services/executor/shell/lanes.h"
#include "services/executor/shell/statement.h"

static int begin_anew(struct executor *executor, int number)
{
    const PGresult *result;
    db_args_i64(&executor->args, number);
    db_args_i64(&executor->args, executor->lanes[number].epoch);
    db_args_text(&executor->args, executor->process);
    int r = statement_run(executor, SQL_RESYNC_LANE, &result);
    if (r < 0)
        return r;
    if (PQntuples(result) == 0)
        return -ESTALE;
    metrics_add(executor->service->metrics, METRIC_LANES_RESYNCED, 0, 1);
    for (int row = 0; row < PQntuples(result); row++)
        LOG_ALARM(executor_log(executor), LOG_WARNING, "lane_resynced", "session_down",
                  db_get_text(result, row, 2), "oxectl lanes", LOG_I64("lane", number),
                  LOG_TEXT("actor", db_get_text(result, row, 1)),
                  LOG_I64("from", db_get_i64(result, row, 3)));
    return lanes_take_anew(executor, number);
}

int resync_run(struct executor *executor)
{
    const PGresult *result;
    const struct lane *lane;
    int lanes[LANES_MAX];
    assert(executor->turn->report_count == 0);
    if (executor_owned(executor) == 0)
        return 0;
    DB_ARGS_COLUMN(&executor->args, lane, executor->lanes, LANES_MAX, lane->owned && !lane->handing_over,
                   db_args_i64(&executor->args, lane->number));
    int r = statement_run(executor, SQL_FIND_RESYNCS, &result);
    int count = r == 0 ? PQntuples(result) : 0;
    for (int row = 0; row < count; row++)
        lanes[row] = (int)db_get_i64(result, row, 0);
    for (int i = 0; r == 0 && i < count; i++)
        r = begin_anew(executor, lanes[i]);
    return r;
}
