/* SPDX-License-Identifier: Apache-2.0 */
#include "common/cleanup.h"
#include "common/suite_config.h"
#include "proto/lane.h"
#include "services/risk-manager/parts.h"
#include "services/risk-manager/risk_manager.h"

#define ITEM(member) offsetof(struct risk_manager_config, member)

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct risk_manager_config),
    SERVICE_CONFIG_TRACES(struct risk_manager_config),
    PIPE_CONFIG_ITEMS(struct risk_manager_config),
    SUITE_CONFIG_DATABASE(struct risk_manager_config, "oxe_risk"),
    {"OXE_RISK_BIND", CONFIG_TEXT, ITEM(bind), NULL, 7, 200, "endpoint where validators push checked orders",
     NULL},
    {"OXE_LANE_BIND", CONFIG_TEXT, ITEM(lane_bind), NULL, 7, 200,
     "endpoint for executors; each lane adds its number to the path or port", NULL},
    LANES_CONFIG_ITEM(struct risk_manager_config),
    SUITE_CONFIG_AUDIT_WRITERS(struct risk_manager_config),
    SUITE_CONFIG_TRADING_DAY(struct risk_manager_config),
    SUITE_CONFIG_MARKET(struct risk_manager_config),
    {"OXE_OUTBOX_MAX_AGE", CONFIG_DURATION, ITEM(outbox_age_max_ms), "30s", 1000, 3600 * 1000,
     "no order is taken while an event waits longer than this for audit-writer", NULL},
    {"OXE_OUTBOX_MAX_ROWS", CONFIG_INTEGER, ITEM(outbox_rows_max), "100000", 100, 100 * 1000 * 1000,
     "no order is taken while more batches of events than this wait for audit-writer", NULL},
    {"OXE_DATABASE_TIMEOUT", CONFIG_DURATION, ITEM(db_timeout_ms), "4s", 100, 60 * 1000,
     "longest wait for one round trip to PostgreSQL", NULL},
};

static const char *const checks[RISK_MANAGER_CHECKS] = {
    [CHECK_POSTGRESQL] = "postgresql", [CHECK_AUDIT] = "audit", [CHECK_CLOCK] = CLOCK_WATCH_CHECK};

static const char *const outcomes[] = {"created",   "replayed",    "rejected", "key_reused",
                                       "previewed", "unavailable", "expired",  NULL};
static const char *const command_outcomes[] = {"recorded",     "repeated",    "not_found", "not_cancellable",
                                               "not_in_doubt", "unavailable", "expired",   NULL};
static const char *const sizes[] = {"1", "2-5", "6-10", "11-25", "26-49", "50", NULL};
static const char *const stages[] = {"queue", "read", "write", "all", NULL};
static const char *const targets[] = {"answer", "lane", "audit", NULL};

#define METRIC(member, name, type, help, label, values)                                                      \
    [METRIC_##member] = {name, METRIC_##type, help, label, values},
static const struct metric_def metrics[RISK_MANAGER_METRICS] = {
#include "services/risk-manager/metrics.def"
    [METRIC_CLOCK_OFFSET] = CLOCK_WATCH_METRIC,
};
#undef METRIC

static const char *check_config(const void *config)
{
    const struct risk_manager_config *c = config;
    char endpoint[LANE_ENDPOINT_MAX];

    if (lane_endpoint(c->lane_bind, (int)c->lanes - 1, endpoint) < 0)
        return "OXE_LANE_BIND is not ipc:// or tcp:// with room for every lane";
    return suite_config_check_price_age(c->price_age_max_ms);
}

static const struct service_class class = {
    .name = "risk-manager",
    .summary =
        "Decides about orders by the risk rules and records them; the only process that admits an order.",
    .manual = "It takes checked orders from the validators, decides in batches under row locks in "
              "PostgreSQL, answers\n"
              "  the gateways after COMMIT and wakes the executors and audit-writer. Several may run: the "
              "locks keep\n"
              "  every limit exact. Without PostgreSQL every request is answered as unavailable.",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct risk_manager_config),
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .check = check_config,
    .clock = {offsetof(struct risk_manager_config, database), CHECK_CLOCK, METRIC_CLOCK_OFFSET},
    .run = risk_manager_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &class);
}
