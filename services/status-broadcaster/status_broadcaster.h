/* SPDX-License-Identifier: Apache-2.0 */
/* The status-broadcaster: publishes recorded events to Redis, where the gateways of connected traders listen.
 *
 * It keeps no state. The log is the truth: while Redis is away events are dropped and counted, and gateways
 * read what they miss from the log. One PUBLISH per trader and message, many in one round trip. */
#ifndef OXE_STATUS_BROADCASTER_STATUS_BROADCASTER_H
#define OXE_STATUS_BROADCASTER_STATUS_BROADCASTER_H

#include "common/pipe_config.h"
#include "common/service.h"

struct status_broadcaster_config {
    struct service_config common;
    struct pipe_config pipe;
    char bind[CONFIG_TEXT_MAX];
    char redis_url[CONFIG_TEXT_MAX];
    char redis_password[CONFIG_TEXT_MAX];
};

enum status_broadcaster_check { CHECK_REDIS, CHECK_COUNT };

enum status_broadcaster_metric {
    METRIC_MESSAGES,
    METRIC_EVENTS,
    METRIC_PUBLISHED,
    METRIC_RECEIVERS,
    METRIC_DROPPED,
    METRIC_BAD_MESSAGES,
    METRIC_REDIS_ERRORS,
    METRIC_FLUSH_TIME,
    METRIC_COUNT
};

int status_broadcaster_run(struct service *service);

#endif
