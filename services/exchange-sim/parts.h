/* SPDX-License-Identifier: Apache-2.0 */
/* What the shell's files share: the settings, the metrics, and who there is. */
#ifndef OXE_EXCHANGE_SIM_PARTS_H
#define OXE_EXCHANGE_SIM_PARTS_H

#include "common/clock.h"
#include "common/service.h"

struct exchange_sim_config {
    struct service_config common;
    char listen[CONFIG_TEXT_MAX];
    char control_listen[CONFIG_TEXT_MAX];
    char data[CONFIG_TEXT_MAX];
    char instruments[CONFIG_TEXT_MAX];
    char comp_id[CONFIG_TEXT_MAX];
    struct config_list clients;
    int64_t seed;
    int64_t levels;
    int64_t level_quantity;
    int64_t spread_ticks;
    int64_t volatility_bp;
    int64_t step_ms;
    int64_t publish_ms;
    int64_t orders_expected;
    char trading_tz[CONFIG_TEXT_MAX];
    char trading_day_start[CONFIG_TEXT_MAX];
    int64_t clock_skew_ms; /* how far a SendingTime may be off; 0: any */
    bool sync;
};

enum { EXCHANGE_SIM_CHECK_JOURNAL, EXCHANGE_SIM_CHECKS };

enum exchange_sim_metric {
#define METRIC(metric, ...) METRIC_##metric,
#include "services/exchange-sim/metrics.def"
    EXCHANGE_SIM_METRICS,
};
enum { MESSAGES_RECEIVED, MESSAGES_SENT, MESSAGES_RESENT };
enum { DROPPED_SLOW, DROPPED_REFUSED, DROPPED_TIMEOUT, DROPPED_PROTOCOL, DROPPED_FAULT };

/* The moment at which a turn of the loop began. */
struct turn {
    struct instant now;
    int64_t monotonic_us;
};

/* What the simulator is made of. Who gets it borrows all of it. */
struct exchange_sim_parts {
    struct service *service;
    const struct exchange_sim_config *config;
    int epoll_fd;
    struct turn turn; /* that is under way */
    struct acceptor *acceptor;
    struct exchange *exchange;
    struct journal *journal;
    struct faults *faults;
    struct exchange_faults *exchange_faults;
};

#endif
