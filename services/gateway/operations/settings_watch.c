/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/settings_watch.h"

#include "gateway_sql.h"
#include "services/gateway/gateway_metrics.h"

enum {
    POLL_US = 400 * 1000,
    QUERY_TIMEOUT_US = 5 * 1000 * 1000, /* a connection that misses it is given up, with the reads on it */
};

static void on_settings(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct settings *settings = context;

    (void)token;
    settings->asking = false;
    if (error < 0)
        return;
    settings->known = true;
    metrics_set(settings->service->metrics, METRIC_LAST_BACKUP, 0, db_get_i64(results[0], 0, 3));
    int64_t last_change = db_get_i64(results[0], 0, 1), changes = db_get_i64(results[0], 0, 2);
    if (last_change != settings->last_limit_change || changes != settings->limit_changes)
        trader_cache_clear(settings->traders);
    settings->last_limit_change = last_change;
    settings->limit_changes = changes;
    if (db_is_null(results[0], 0, 0))
        return; /* nobody has set it: the configuration's */
    int percent = (int)db_get_i64(results[0], 0, 0);
    if (percent != settings->percent)
        LOG(&settings->service->log, LOG_INFO, "feature_changed", LOG_I64("before", settings->percent),
            LOG_I64("percent", percent));
    settings->percent = percent;
}

void settings_watch_tick(struct settings *settings, int64_t now_us)
{
    struct db_job *job;

    if (settings->asking || settings->next_poll_us > now_us || (job = db_job_create()) == NULL)
        return;
    (void)db_job_step(job, STATEMENT_GET_FEATURE);
    settings->next_poll_us = now_us + POLL_US;
    settings->asking =
        db_pool_submit(settings->pool, &job, now_us + QUERY_TIMEOUT_US, on_settings, settings, 0) == 0;
}
