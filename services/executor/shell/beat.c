/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/beat.h"

#include "services/executor/shell/statement.h"

enum {
    STEADY_GAP_US = 2500000, /* our signs of life come in time when no gap is longer */
    STEADY_US = 6000000,     /* and for so long before we judge others by theirs */
};

static void note(struct executor *executor)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us - executor->beat_us > STEADY_GAP_US)
        executor->steady_us = now_us;
    executor->beat_us = now_us;
}

int beat_write(struct executor *executor)
{
    service_beat(executor->service);
    if (clock_monotonic_us() - executor->beat_us < BEAT_US)
        return 0;
    db_args_text(&executor->args, executor->process);
    int r = statement_run(executor, SQL_BEAT, NULL);
    if (r == 0)
        note(executor);
    return r;
}

int beat_end_frozen(struct executor *executor)
{
    const PGresult *result;
    note(executor);
    if (executor->beat_us - executor->steady_us < STEADY_US)
        return 0;
    db_args_i64(&executor->args, LANE_LOCK_CLASS);
    int r = statement_run(executor, SQL_END_FROZEN, &result);
    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        metrics_add(executor->service->metrics, METRIC_FROZEN_ENDED, 0, 1);
        LOG(executor_log(executor), LOG_WARNING, "frozen_executor_ended",
            LOG_I64("backend_pid", db_get_i64(result, row, 0)));
    }
    return r;
}
