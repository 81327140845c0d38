/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-exchange-sim: see exchange_sim.h and docs/exchange-sim.md. */
#include "common/address.h"
#include "common/cleanup.h"
#include "common/suite_config.h"
#include "services/exchange-sim/core/liquidity.h"
#include "services/exchange-sim/exchange_sim.h"
#include "services/exchange-sim/fix/fix.h"
#include "services/exchange-sim/parts.h"
#include "services/exchange-sim/session/connection.h"

static const char *check_comp_id(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return "must be printable and without blanks";
    return NULL;
}

#define ITEM(field) offsetof(struct exchange_sim_config, field)

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct exchange_sim_config),
    {"OXE_SIM_LISTEN", CONFIG_TEXT, ITEM(listen), "127.0.0.1:8083", 3, 100,
     "address:port of the FIX acceptor", address_check},
    {"OXE_SIM_CONTROL_LISTEN", CONFIG_TEXT, ITEM(control_listen), "127.0.0.1:8084", 3, 100,
     "address:port of the control port; it has no authentication, keep it on loopback", address_check},
    {"OXE_SIM_DATA", CONFIG_TEXT, ITEM(data), NULL, 1, 400, "folder of the journal; created when missing",
     NULL},
    {"OXE_SIM_INSTRUMENTS", CONFIG_TEXT, ITEM(instruments), NULL, 1, 400,
     "CSV file of the listed instruments", NULL},
    {"OXE_SIM_COMP_ID", CONFIG_TEXT, ITEM(comp_id), "SIM", 1, FIX_COMP_ID_MAX - 1, "CompID of the exchange",
     check_comp_id},
    {"OXE_SIM_CLIENTS", CONFIG_LIST, ITEM(clients), "*", 1, CONFIG_LIST_MAX,
     "CompIDs that may log on; * for any", NULL},
    {"OXE_SIM_SEED", CONFIG_INTEGER, ITEM(seed), "1", 0, INT64_MAX,
     "seed of the price paths, and of the chances of faults", NULL},
    {"OXE_SIM_LEVELS", CONFIG_INTEGER, ITEM(levels), "5", 0, LIQUIDITY_LEVELS_MAX / 2,
     "levels of synthetic quotes on each side; 0 for none", NULL},
    {"OXE_SIM_LEVEL_QUANTITY", CONFIG_INTEGER, ITEM(level_quantity), "1000", 1, 1000000000,
     "whole units at each synthetic level", NULL},
    {"OXE_SIM_SPREAD_TICKS", CONFIG_INTEGER, ITEM(spread_ticks), "2", 0, 1000,
     "ticks from the best bid to the best ask", NULL},
    {"OXE_SIM_VOLATILITY_BP", CONFIG_INTEGER, ITEM(volatility_bp), "2", 0, 1000,
     "largest move of a price in one step, in hundredths of a percent; 0 keeps prices constant", NULL},
    {"OXE_SIM_STEP", CONFIG_DURATION, ITEM(step_ms), "1s", 10, 3600000,
     "time between two steps of the price paths", NULL},
    {"OXE_SIM_PUBLISH", CONFIG_DURATION, ITEM(publish_ms), "1s", 100, 3600000,
     "least time between two market data updates of a symbol", NULL},
    {"OXE_SIM_ORDERS_EXPECTED", CONFIG_INTEGER, ITEM(orders_expected), "262144", 1024, 50000000,
     "size of the order table at start, in orders; it grows beyond", NULL},
    SUITE_CONFIG_TRADING_DAY(struct exchange_sim_config),
    {"OXE_SIM_CLOCK_SKEW", CONFIG_DURATION, ITEM(clock_skew_ms), "120s", 0, 86400000,
     "how far SendingTime may be from the exchange's clock, either way; 0 to not compare them", NULL},
    {"OXE_SIM_SYNC", CONFIG_BOOL, ITEM(sync), "false", 0, 0,
     "whether each commit waits for the disk; without it the journal survives a kill, not a power cut", NULL},
};

static const char *const checks[] = {[EXCHANGE_SIM_CHECK_JOURNAL] = "journal"};

static const char *const message_kinds[] = {
    [MESSAGES_RECEIVED] = "received", [MESSAGES_SENT] = "sent", [MESSAGES_RESENT] = "resent", NULL};
static const char *const drop_reasons[] = {
    [DROPPED_SLOW] = "slow",         [DROPPED_REFUSED] = "refused", [DROPPED_TIMEOUT] = "timeout",
    [DROPPED_PROTOCOL] = "protocol", [DROPPED_FAULT] = "fault",     NULL};

static const struct metric_def metrics[EXCHANGE_SIM_METRICS] = {
#define METRIC(metric, type, name, help, label, series)                                                      \
    [METRIC_##metric] = {name, METRIC_##type, help, label, series},
#include "services/exchange-sim/metrics.def"
};

static const struct service_class class = {
    .name = "exchange-sim",
    .summary = "the exchange that ships with OXE: an order book behind a FIX 4.4 acceptor",
    .manual = "Trades the listed instruments by price-time priority, quotes synthetic liquidity around "
              "seeded price\n"
              "  paths, and remembers everything in a journal that survives kill -9.",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct exchange_sim_config),
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .run = exchange_sim_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &class);
}
