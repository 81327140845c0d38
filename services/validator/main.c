/* SPDX-License-Identifier: Apache-2.0 */
#include "common/cleanup.h"
#include "common/suite_config.h"
#include "services/validator/validator.h"

#define ITEM(member) offsetof(struct validator_config, member)

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct validator_config),
    SERVICE_CONFIG_TRACES(struct validator_config),
    PIPE_CONFIG_ITEMS(struct validator_config),
    SUITE_CONFIG_DATABASE(struct validator_config, "oxe_validator"),
    {"OXE_VALIDATOR_BIND", CONFIG_TEXT, ITEM(bind), NULL, 7, 200, "endpoint where gateways push orders",
     NULL},
    {"OXE_RISK_MANAGERS", CONFIG_LIST, ITEM(risk_managers), NULL, 1, RISK_MANAGERS_MAX,
     "endpoints of the risk-managers, in the same order in every validator", NULL},
    {"OXE_INSTRUMENTS_RELOAD", CONFIG_DURATION, ITEM(reload_ms), "5s", 100, 3600 * 1000,
     "how often the instruments are read again", NULL},
};

static const char *const checks[VALIDATOR_CHECKS] = {[CHECK_INSTRUMENTS] = "instruments",
                                                     [CHECK_RISK_MANAGERS] = "risk-managers",
                                                     [CHECK_CLOCK] = CLOCK_WATCH_CHECK};

static const char *const outcomes[] = {"passed",        "faulty",         "expired",
                                       "not_passed_on", "no_instruments", NULL};
static const char *const command_outcomes[] = {"passed", "dropped", NULL};
static const char *const stages[] = {"queue", "check", NULL};

static const struct metric_def metrics[VALIDATOR_METRICS] = {
    [METRIC_ORDERS] = {"oxe_validator_orders_total", METRIC_COUNTER,
                       "Orders by verdict, and dropped ones by the reason.", "outcome", outcomes},
    [METRIC_COMMANDS] = {"oxe_validator_commands_total", METRIC_COUNTER,
                         "Cancels and resolves, which it judges not.", "outcome", command_outcomes},
    [METRIC_STAGE] = {"oxe_validator_stage_seconds", METRIC_HISTOGRAM,
                      "Time of an order in the queue, and of its check.", "stage", stages},
    [METRIC_BAD_MESSAGES] = {"oxe_validator_bad_messages_total", METRIC_COUNTER,
                             "Messages that could not be read.", NULL, NULL},
    [METRIC_INSTRUMENTS] = {"oxe_validator_instruments", METRIC_GAUGE, "Instruments in memory.", NULL, NULL},
    [METRIC_RELOAD_FAILURES] = {"oxe_validator_reload_failures_total", METRIC_COUNTER,
                                "Failed attempts to read the instruments; the old ones stay.", NULL, NULL},
    [METRIC_CLOCK_OFFSET] = CLOCK_WATCH_METRIC,
};

static const struct service_class class = {
    .name = "validator",
    .summary =
        "Checks orders against the static rules of their instrument and passes them to the risk-manager.",
    .manual =
        "An order that breaks a rule is passed on too, with every fault: the risk-manager alone records and\n"
        "  answers. The instruments stay in memory while PostgreSQL is away.",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct validator_config),
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .clock = {ITEM(database), CHECK_CLOCK, METRIC_CLOCK_OFFSET},
    .run = validator_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &class);
}
