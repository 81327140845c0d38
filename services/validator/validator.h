/* SPDX-License-Identifier: Apache-2.0 */
/* validator: gives each order its verdict by the static
 * rules and passes it on; it neither answers nor writes.
 *
 * PULL of ORDER_REQUEST, PUSH of ORDER_CHECKED to the risk-manager of the trader; ORDER_COMMAND goes on as it
 * comes. What it cannot pass on it drops and counts: the gateway's deadline answers then. This header is what
 * main.c and the shell share. */
#ifndef OXE_VALIDATOR_VALIDATOR_H
#define OXE_VALIDATOR_VALIDATOR_H

#include "common/pipe_config.h"
#include "common/service.h"

enum { RISK_MANAGERS_MAX = 32 };

struct validator_config {
    struct service_config common;
    struct pipe_config pipe;
    char database[CONFIG_TEXT_MAX];
    char bind[CONFIG_TEXT_MAX];
    struct config_list risk_managers;
    int64_t reload_ms;
};

/* Places in the tables of main.c. */
enum { CHECK_INSTRUMENTS, CHECK_RISK_MANAGERS, CHECK_CLOCK, VALIDATOR_CHECKS };

enum {
    METRIC_ORDERS,
    METRIC_COMMANDS,
    METRIC_STAGE,
    METRIC_BAD_MESSAGES,
    METRIC_INSTRUMENTS,
    METRIC_RELOAD_FAILURES,
    METRIC_CLOCK_OFFSET,
    VALIDATOR_METRICS
};
enum { ORDERS_PASSED, ORDERS_FAULTY, ORDERS_EXPIRED, ORDERS_NOT_PASSED_ON, ORDERS_NO_INSTRUMENTS };
enum { COMMANDS_PASSED, COMMANDS_DROPPED };
enum { STAGE_QUEUE, STAGE_CHECK };

int validator_run(struct service *service);

#endif
