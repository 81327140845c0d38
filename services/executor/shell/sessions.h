/* SPDX-License-Identifier: Apache-2.0 */
/* The lanes' sessions at the exchange: what becomes of a lane when its session stands, is lost, is refused or
 * begins anew, and where people see that: the log, the lane's row, readiness and metrics.
 *
 * A lane without a session stops nothing else, and needs no restart: it is degraded, never failing. */
#ifndef OXE_EXECUTOR_SESSIONS_H
#define OXE_EXECUTOR_SESSIONS_H

#include "services/executor/shell/state.h"

/* What the venue says about a session (venue.h). */
void sessions_on_ready(struct executor *executor, const struct venue_event *event);
void sessions_on_down(struct executor *executor, const struct venue_event *event);
void sessions_on_unreachable(struct executor *executor, const struct venue_event *event);
void sessions_on_reset(struct executor *executor, const struct venue_event *event);
void sessions_on_anew(struct executor *executor, const struct venue_event *event);

/* Appends the parameters of SQL_WRITE_SESSIONS for the lanes whose rows do not say yet how their sessions
 * are; how many these are. */
size_t sessions_write_args(struct executor *executor);
/* After the commit. */
void sessions_written(struct executor *executor);

void sessions_report_health(struct executor *executor);

#endif
