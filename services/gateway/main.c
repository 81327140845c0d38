/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-gateway: the public HTTP and WebSocket interface of OXE. */
#include "common/service.h"
#include "services/gateway/gateway_config.h"
#include "services/gateway/gateway_metrics.h"
#include "services/gateway/gateway_run.h"

int main(int argc, char **argv)
{
    const struct service_class class = {
        .name = "gateway",
        .summary = "the public HTTP and WebSocket interface",
        .manual = "Verifies tokens, parses orders and passes them to the validators, answers when the "
                  "risk-manager has\n"
                  "  made them durable, reads orders and accounts under row-level security, and tells "
                  "traders their\n"
                  "  events over WebSocket. Writes nothing and decides nothing about an order.",
        .config_items = gateway_config_items,
        .config_item_count = gateway_config_item_count,
        .config_size = sizeof(struct gateway_config),
        .checks = gateway_checks,
        .check_count = gateway_check_count,
        .metrics = gateway_metric_defs,
        .metric_count = gateway_metric_count,
        .clock = gateway_clock,
        .check = gateway_config_check,
        .run = gateway_run,
    };
    return service_main(argc, argv, &class);
}
