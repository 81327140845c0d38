/* SPDX-License-Identifier: Apache-2.0 */
/* The skeleton of every OXE process: arguments, configuration, signals, logs, metrics, health, and the end.
 *
 * main() is one line: `return service_main(argc, argv, &class);`. service_main
 *   - prints --help (purpose, usage, the table of variables), --version and --describe (describe.h), or
 * validates with --check (exit 0 or 78);
 *   - loads the configuration (faults: one line each on standard error, exit 78, EX_CONFIG);
 *   - ignores SIGPIPE, turns SIGTERM and SIGINT into `service_stopping`, SIGHUP into `service_take_reload`;
 *   - opens the log, the metrics, the health table and the probe port;
 *   - calls class->run, which loops until service_stopping, drains, and returns 0 or -errno (exit 0 or 1);
 *   - frees everything. A second SIGTERM while draining does nothing; the supervisor's SIGKILL is the last
 * word. Every service's table begins with SERVICE_CONFIG_ITEMS over its `struct service_config common` at the
 * start. */
#ifndef OXE_COMMON_SERVICE_H
#define OXE_COMMON_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock_watch.h"
#include "common/config.h"
#include "common/health.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/trace.h"

/* First member of every service's config struct. */
struct service_config {
    char probe_listen[CONFIG_TEXT_MAX]; /* OXE_PROBE_LISTEN */
    char log_level[CONFIG_TEXT_MAX];    /* OXE_LOG_LEVEL */
    char instance[CONFIG_TEXT_MAX];     /* OXE_INSTANCE */
    char otlp_url[CONFIG_TEXT_MAX];     /* OXE_OTLP_URL; "" where a service has no spans */
};

/* Expands inside a `static const struct config_item[]`. `type`
 * is the service's config struct with a member `common`. */
#define SERVICE_CONFIG_ITEMS(type)                                                                           \
    {"OXE_PROBE_LISTEN",                                                                                     \
     CONFIG_TEXT,                                                                                            \
     offsetof(type, common.probe_listen),                                                                    \
     NULL,                                                                                                   \
     3,                                                                                                      \
     100,                                                                                                    \
     "address:port of /healthz, /readyz and /metrics",                                                       \
     NULL},                                                                                                  \
        {"OXE_LOG_LEVEL",                                                                                    \
         CONFIG_TEXT,                                                                                        \
         offsetof(type, common.log_level),                                                                   \
         "info",                                                                                             \
         4,                                                                                                  \
         7,                                                                                                  \
         "debug, info, warning or error",                                                                    \
         service_check_log_level},                                                                           \
    {                                                                                                        \
        "OXE_INSTANCE", CONFIG_TEXT, offsetof(type, common.instance), "0", 1, 63,                            \
            "which one of several processes of this service this is; in logs and heartbeats", NULL           \
    }

const char *service_check_log_level(const char *text);

/* Of the services that an order goes through. */
#define SERVICE_CONFIG_TRACES(type)                                                                          \
    {                                                                                                        \
        "OXE_OTLP_URL", CONFIG_TEXT, offsetof(type, common.otlp_url), "", 0, 500,                            \
            "where traces go by OTLP/HTTP, as http://127.0.0.1:4318/v1/traces; empty: nowhere",              \
            service_check_otlp_url                                                                           \
    }

const char *service_check_otlp_url(const char *text);

struct service {
    struct log log;
    struct metrics *metrics;
    struct health *health;
    struct tracer *tracer; /* NULL: traces are off */
    const void *config;    /* the service's config struct */
    int stop_fd; /* becomes readable for ever when SIGTERM or SIGINT came: put it into the poll set */
};

struct service_class {
    const char *name;    /* "risk-manager" */
    const char *summary; /* one sentence for --help */
    const char *manual;  /* further paragraphs for --help; may be NULL */
    const struct config_item *config_items;
    size_t config_item_count;
    size_t config_size;
    const char *const *checks; /* of health_create */
    size_t check_count;
    const struct metric_def *metrics;
    size_t metric_count;
    struct clock_watch_place clock; /* zeros: it knows no PostgreSQL */
    /* Semantic check of a whole configuration for --check and start; NULL or a sentence. May be NULL. */
    const char *(*check)(const void *config);
    int (*run)(struct service *service);
};

int service_main(int argc, char **argv, const struct service_class *class);

/* Once true, readiness fails, so that nobody sends more work while this drains. */
bool service_stopping(const struct service *service);
/* True once after each SIGHUP. */
bool service_take_reload(struct service *service);
/* Once a turn of the loop. */
static inline void service_beat(struct service *service)
{
    health_beat(service->health);
}

#endif
