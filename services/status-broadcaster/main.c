/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-status-broadcaster: see status_broadcaster.h. */
#include "common/cleanup.h"
#include "common/suite_config.h"
#include "services/status-broadcaster/status_broadcaster.h"

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct status_broadcaster_config),
    SERVICE_CONFIG_TRACES(struct status_broadcaster_config),
    {"OXE_BROADCASTER_BIND", CONFIG_TEXT, offsetof(struct status_broadcaster_config, bind), NULL, 1, 200,
     "endpoint at which audit-writer pushes recorded events", NULL},
    SUITE_CONFIG_REDIS(struct status_broadcaster_config),
    PIPE_CONFIG_ITEMS(struct status_broadcaster_config),
};

static const char *const checks[] = {[CHECK_REDIS] = "redis"};

static const struct metric_def metrics[] = {
    [METRIC_MESSAGES] = {"oxe_broadcast_messages_total", METRIC_COUNTER, "messages of recorded events", NULL,
                         NULL},
    [METRIC_EVENTS] = {"oxe_broadcast_events_total", METRIC_COUNTER, "events for traders among them", NULL,
                       NULL},
    [METRIC_PUBLISHED] = {"oxe_broadcast_published_total", METRIC_COUNTER, "PUBLISH commands that Redis took",
                          NULL, NULL},
    [METRIC_RECEIVERS] = {"oxe_broadcast_receivers_total", METRIC_COUNTER, "subscribers that these reached",
                          NULL, NULL},
    [METRIC_DROPPED] = {"oxe_broadcast_dropped_total", METRIC_COUNTER,
                        "events not published; gateways read them from the log", NULL, NULL},
    [METRIC_BAD_MESSAGES] = {"oxe_broadcast_bad_messages_total", METRIC_COUNTER,
                             "messages that could not be read", NULL, NULL},
    [METRIC_REDIS_ERRORS] = {"oxe_broadcast_redis_errors_total", METRIC_COUNTER,
                             "failed round trips to Redis", NULL, NULL},
    [METRIC_FLUSH_TIME] = {"oxe_broadcast_flush_seconds", METRIC_HISTOGRAM, "one round trip to Redis", NULL,
                           NULL},
};

_Static_assert(ARRAY_LEN(metrics) == METRIC_COUNT, "every metric is declared");
_Static_assert(ARRAY_LEN(checks) == CHECK_COUNT, "every check is named");

static const struct service_class class = {
    .name = "status-broadcaster",
    .summary = "Publishes recorded events to Redis, one channel per trader.",
    .manual =
        "Keeps no state. While Redis is away events are dropped: gateways read what they miss from the log.",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct status_broadcaster_config),
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .run = status_broadcaster_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &class);
}
