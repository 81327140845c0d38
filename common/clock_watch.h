/* SPDX-License-Identifier: Apache-2.0 */
/* Holds this machine's clock against PostgreSQL's (clock_offset.h) once in a while, in a thread of its own
 * and by a connection that it opens for that: the check "clock" is degraded while they are apart, never
 * failing, and a gauge has the figure. What cannot be measured changes neither: others report
 * that the database is away.
 *
 * A service that knows PostgreSQL names the check and the
 * metric in its tables, and their places in its class. */
#ifndef OXE_COMMON_CLOCK_WATCH_H
#define OXE_COMMON_CLOCK_WATCH_H

#include "common/health.h"
#include "common/metrics.h"

#define CLOCK_WATCH_CHECK "clock"
#define CLOCK_WATCH_METRIC                                                                                   \
    {                                                                                                        \
        "oxe_clock_offset_seconds", METRIC_GAUGE_MILLIONTHS,                                                 \
            "How far this machine's clock is ahead of PostgreSQL's, as last measured.", NULL, NULL           \
    }

/* Of service_class: where the conninfo (char[]) is in the service's config, 0 for no watch. */
struct clock_watch_place {
    size_t database;
    size_t check, metric;
};

struct clock_watch;

/* conninfo is copied, the others borrowed until clock_watch_stop. -EINVAL: no conninfo. */
int clock_watch_start(const char *conninfo, const struct clock_watch_place *place, struct health *health,
                      struct metrics *metrics, struct clock_watch **ret_watch);
/* Waits for a measurement under way. */
void clock_watch_stop(struct clock_watch **watch);

#endif
