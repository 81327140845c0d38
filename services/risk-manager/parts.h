/* SPDX-License-Identifier: Apache-2.0 */
/* What the shell's files share: the settings, the places in the tables of main.c, and what there is. */
#ifndef OXE_RISK_MANAGER_PARTS_H
#define OXE_RISK_MANAGER_PARTS_H

#include "common/db.h"
#include "common/pipe.h"
#include "common/pipe_config.h"
#include "common/service.h"
#include "common/suite_config.h"
#include "proto/lane.h"

struct risk_manager_config {
    struct service_config common;
    struct pipe_config pipe;
    char database[CONFIG_TEXT_MAX];
    char bind[CONFIG_TEXT_MAX];
    char lane_bind[CONFIG_TEXT_MAX];
    int64_t lanes;
    struct config_list audit_writers;
    char trading_tz[CONFIG_TEXT_MAX];
    char trading_day_start[CONFIG_TEXT_MAX];
    char market_collar_pct[CONFIG_TEXT_MAX];
    int64_t price_age_max_ms;
    int64_t outbox_age_max_ms;
    int64_t outbox_rows_max;
    int64_t db_timeout_ms;
};

enum { CHECK_POSTGRESQL, CHECK_AUDIT, CHECK_CLOCK, RISK_MANAGER_CHECKS };

enum {
#define METRIC(metric, ...) METRIC_##metric,
#include "services/risk-manager/metrics.def"
#undef METRIC
    METRIC_CLOCK_OFFSET,
    RISK_MANAGER_METRICS
};
enum {
    ORDERS_CREATED,
    ORDERS_REPLAYED,
    ORDERS_REJECTED,
    ORDERS_KEY_REUSED,
    ORDERS_PREVIEWED,
    ORDERS_UNAVAILABLE,
    ORDERS_EXPIRED
};
enum {
    COMMANDS_RECORDED,
    COMMANDS_REPEATED,
    COMMANDS_NOT_FOUND,
    COMMANDS_NOT_CANCELLABLE,
    COMMANDS_NOT_IN_DOUBT,
    COMMANDS_UNAVAILABLE,
    COMMANDS_EXPIRED
};
enum { BATCHES_1, BATCHES_5, BATCHES_10, BATCHES_25, BATCHES_49, BATCHES_50 };
enum { STAGE_QUEUE, STAGE_READ, STAGE_WRITE, STAGE_ALL };
enum { PUSH_ANSWER, PUSH_LANE, PUSH_AUDIT };

/* What the risk-manager is made of. Who gets it borrows all of it. */
struct risk_manager_parts {
    struct service *service;
    const struct risk_manager_config *config;
    struct db *db;
    struct admission *admission;
    struct outbox *outbox;
    struct answers *answers;
    struct pipe *lanes[LANES_MAX];
    struct pipe *audit_writers[SUITE_AUDIT_WRITERS_MAX];
    struct buffer out; /* for whatever is sent next */
};

#endif
