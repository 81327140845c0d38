/* SPDX-License-Identifier: Apache-2.0 */
/* Health of a process, and the probe port that serves it:
 * GET /healthz, /readyz, /metrics (contract: schema Health).
 *
 * The probe server runs libh2o in a thread of its own, so that it answers (503) also when the service's loop
 * hangs. The service's thread says health_beat once a turn and health_set when a dependency changes; the
 * probe thread only reads. /healthz: 200 while the last beat is younger than HEALTH_BEAT_MAX_MS, else 503.
 * /readyz: 200 when no check is failing, the loop turns and the service is not draining; `status` is the
 * worst of the checks (degraded is still 200). Checks start as failing. */
#ifndef OXE_COMMON_HEALTH_H
#define OXE_COMMON_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/metrics.h"

enum {
    HEALTH_CHECKS_MAX = 16,
    HEALTH_DETAIL_MAX = 160,
    HEALTH_FOLDER_MAX = 512,
    HEALTH_BEAT_MAX_MS = 5000,
};

enum health_status { HEALTH_OK, HEALTH_DEGRADED, HEALTH_FAILING };

struct health;

/* `checks` names what readiness depends on ("postgresql", "redis", "exchange" …), borrowed for life. */
int health_create(const char *service, const char *version, const char *const *checks, size_t check_count,
                  struct health **ret_health);
void health_destroy(struct health **health);

const char *health_service(const struct health *health);

void health_beat(struct health *health);
/* detail may be NULL; it is copied and cut at HEALTH_DETAIL_MAX.
 * `check` is asserted. Cheap when nothing changes. */
void health_set(struct health *health, size_t check, enum health_status status, const char *detail);
void health_set_draining(struct health *health);
/* A further check, "disk", looked at whenever readiness is asked for: degraded from DISK_LOW_PERCENT on,
 * failing where the folder is gone. The path is copied and must be shorter than HEALTH_FOLDER_MAX. */
void health_watch_disk(struct health *health, const char *folder);

/* The bodies, for the gateway that serves them on its public port too. Return the HTTP status (200 or 503).
 */
int health_render_live(struct health *health, struct buffer *out);
int health_render_ready(struct health *health, struct buffer *out);

/* The same as metrics, for whoever watches many processes: oxe_ready, oxe_check, oxe_loop_age_seconds. */
void health_render_metrics(struct health *health, struct buffer *out);
extern const struct metric_def health_metric_defs[];
extern const size_t health_metric_count;

struct tracer;
struct probe; /* the server thread */

/* Listens on address ("127.0.0.1:8090"; port 0 is not allowed) and serves until probe_stop. /metrics shows
 * health's own, the process' (vitals.h), the tracer's, and `metrics`; each of the latter may be NULL. All are
 * borrowed until probe_stop. -EADDRINUSE and the like. */
int probe_start(const char *address, struct health *health, const struct tracer *tracer,
                const struct metrics *metrics, struct probe **ret_probe);
void probe_stop(struct probe **probe);

#endif
