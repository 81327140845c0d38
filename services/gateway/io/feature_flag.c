/* SPDX-License-Identifier: Apache-2.0 */
/* Whether orders are taken, and whether limits have changed, as operations set it while the suite runs: asks
 * the database so often that a change is in force within a second. And when the last backup was made. See
 * gateway.h. */
#include "services/gateway/gateway.h"

enum {
    POLL_US = 400 * 1000,
    QUERY_TIMEOUT_US = 5 * 1000 * 1000, /* a connection that misses it is given up, with the reads on it */
};

static void on_percent(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct feature_flag *flag = &gateway->feature;

    (void)token;
    flag->asking = false;
    if (error < 0)
        return;
    flag->known = true;
    metrics_set(gateway_metrics(gateway), METRIC_LAST_BACKUP, 0, db_get_i64(results[0], 0, 3));
    int64_t last_change = db_get_i64(results[0], 0, 1), changes = db_get_i64(results[0], 0, 2);
    if (last_change != flag->last_limit_change || changes != flag->limit_changes)
        trader_cache_clear(gateway->trader_cache);
    flag->last_limit_change = last_change;
    flag->limit_changes = changes;
    if (db_is_null(results[0], 0, 0))
        return; /* nobody has set it: the configuration's */
    int percent = (int)db_get_i64(results[0], 0, 0);
    if (percent != flag->percent)
        LOG(gateway_log(gateway), LOG_INFO, "feature_changed", LOG_I64("before", flag->percent),
            LOG_I64("percent", percent));
    flag->percent = percent;
}

void feature_flag_tick(struct gateway *gateway, int64_t now_us)
{
    struct feature_flag *flag = &gateway->feature;
    struct db_job *job;

    if (flag->asking || flag->next_poll_us > now_us || (job = db_job_create()) == NULL)
        return;
    (void)db_job_step(job, STATEMENT_GET_FEATURE);
    flag->next_poll_us = now_us + POLL_US;
    flag->asking =
        db_pool_submit(gateway->traders, &job, now_us + QUERY_TIMEOUT_US, on_percent, gateway, 0) == 0;
}
