/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "common/suite_config.h"
#include "proto/lane.h"
#include "services/executor/shell/executor.h"
#include "services/executor/shell/state.h"

static const char *check_config(const void *config)
{
    const struct executor_config *executor = config;
    char endpoint[LANE_ENDPOINT_MAX];
    for (size_t i = 0; i < executor->risk_lanes.count; i++) {
        if (lane_endpoint(executor->risk_lanes.items[i], (int)executor->lanes - 1, endpoint) < 0)
            return "OXE_RISK_LANES: an entry is neither ipc://path nor tcp://host:port with room for all "
                   "lanes";
    }
    if (strlen(executor->venue) >= VENUE_MAX)
        return "OXE_VENUE: at most 16 characters";
    return suite_config_check_price_age(executor->price_age_max_ms);
}

#define ITEM(field) offsetof(struct executor_config, field)

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct executor_config),
    SERVICE_CONFIG_TRACES(struct executor_config),
    PIPE_CONFIG_ITEMS(struct executor_config),
    SUITE_CONFIG_DATABASE(struct executor_config,
                          "oxe_executor; a direct connection, never through a pooler"),
    LANES_CONFIG_ITEM(struct executor_config),
    {"OXE_RISK_LANES", CONFIG_LIST, ITEM(risk_lanes), NULL, 1, CONFIG_LIST_MAX,
     "lane endpoints of the risk-managers: the base of each", NULL},
    SUITE_CONFIG_AUDIT_WRITERS(struct executor_config),
    {"OXE_FIX_HOST", CONFIG_TEXT, ITEM(fix_host), "127.0.0.1", 1, 255, "the exchange's FIX 4.4 host", NULL},
    {"OXE_FIX_PORT", CONFIG_INTEGER, ITEM(fix_port), NULL, 1, 65535, "the exchange's FIX 4.4 port", NULL},
    {"OXE_FIX_SENDER_PREFIX", CONFIG_TEXT, ITEM(fix_sender_prefix), "OXE-L", 1, 32,
     "our SenderCompID without the lane's number", NULL},
    {"OXE_FIX_TARGET", CONFIG_TEXT, ITEM(fix_target), "SIM", 1, 32, "the exchange's CompID", NULL},
    {"OXE_FIX_HEARTBEAT", CONFIG_DURATION, ITEM(fix_heartbeat_ms), "2s", 1000, 60000,
     "HeartBtInt, whole seconds; the exchange frees a dead session after about twice that", NULL},
    {"OXE_VENUE", CONFIG_TEXT, ITEM(venue), "SIM", 1, VENUE_MAX - 1,
     "the exchange's name in fills and events", NULL},
    {"OXE_VENUE_REFUSES_KNOWN_IDS", CONFIG_BOOL, ITEM(refuses_known_ids), "true", 0, 0,
     "the exchange refuses a second order of the same ClOrdID for ever; without that no order is sent again",
     NULL},
    SUITE_CONFIG_TRADING_DAY(struct executor_config),
    SUITE_CONFIG_MARKET(struct executor_config),
    {"OXE_DECISION_MAX_AGE", CONFIG_DURATION, ITEM(decision_age_max_ms), "2s", 0, 3600000,
     "an order that was admitted longer ago is decided anew before it is sent; 0s: never for its age", NULL},
    {"EXCHANGE_API_RATE_LIMIT", CONFIG_INTEGER, ITEM(rate_limit), "100", 0, 1000000,
     "messages a minute that the suite sends to the exchange; 0: no limit", NULL},
    {"ORDER_RETRY_MAX_ATTEMPTS", CONFIG_INTEGER, ITEM(attempts_max), "3", 1, 10,
     "how often an order is sent in all, while the exchange does not know it", NULL},
    {"OXE_RETRY_TIMEOUT", CONFIG_DURATION, ITEM(retry_timeout_ms), "5s", 100, 600000,
     "an order, a question or a cancel that the exchange has not answered until then is followed up", NULL},
    {"OXE_RETRY_DELAY", CONFIG_DURATION, ITEM(retry_delay_ms), "1s", 10, 60000,
     "before an order without answer is asked about; each further time twice as long", NULL},
    {"ORDER_STATUS_UPDATE_TIMEOUT", CONFIG_DURATION, ITEM(status_timeout_ms), "30s", 100, 3600000,
     "an expected report that is so late is asked for; so often is an order in doubt", NULL},
    {"OXE_OPEN_ORDERS_MAX", CONFIG_INTEGER, ITEM(open_orders_max), "1048576", 16, ORDER_TABLE_MAX,
     "open orders that this executor keeps an eye on; about 250 bytes each", NULL},
};

static const char *const checks[CHECK_COUNT] = {[CHECK_POSTGRESQL] = "postgresql",
                                                [CHECK_EXCHANGE] = "exchange",
                                                [CHECK_LANES] = "lanes",
                                                [CHECK_CLOCK] = CLOCK_WATCH_CHECK};

static const char *const sent_kinds[] = {"first", "retry", NULL};
static const char *const command_outcomes[] = {"taken", "moot", "put_aside", NULL};
static const char *const stages[] = {"admitted_to_sent", "admitted_to_confirmed", "report_to_commit", NULL};
static const char *const failures[] = {"in_doubt", "exchange_unavailable", NULL};
static const char *const lane_numbers[] = {
    "0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",  "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33",
    "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "50",
    "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", NULL};
static_assert(ARRAY_LEN(lane_numbers) == LANES_MAX + 1, "each lane has its series");

#define METRIC(member, name, type, help, label, values)                                                      \
    [METRIC_##member] = {name, METRIC_##type, help, label, values},
static const struct metric_def metrics[METRIC_COUNT] = {
#include "services/executor/metrics.def"
    [METRIC_CLOCK_OFFSET] = CLOCK_WATCH_METRIC,
};
#undef METRIC

static const struct service_class executor_class = {
    .name = "executor",
    .summary = "Works admitted orders at the exchange and records what is executed.",
    .manual =
        "Owns lanes, each one FIX session, by advisory locks of its database connection; live "
        "executors share\n"
        "  them evenly. An order is claimed in PostgreSQL before it is written to the exchange, and the "
        "number of\n"
        "  each report is committed with its effects, so nothing is lost and nothing counts twice.",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct executor_config),
    .checks = checks,
    .check_count = CHECK_COUNT,
    .metrics = metrics,
    .metric_count = METRIC_COUNT,
    .check = check_config,
    .clock = {ITEM(database), CHECK_CLOCK, METRIC_CLOCK_OFFSET},
    .run = executor_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &executor_class);
}
