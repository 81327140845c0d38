/* SPDX-License-Identifier: Apache-2.0 */
/* The decision about one order: its record and one fact give the new record and what to do
 * (docs/decisions/0031).
 *
 * Pure: no clock, database, socket, log or allocation. State is a fold over facts, never 'the last message
 * wins'. A fill always counts once; a duplicate changes nothing; a status answer is a snapshot and never a
 * fill. What the table of an order's life (proto/order_state.def) does not allow changes nothing and is put
 * aside. */
#ifndef OXE_EXECUTOR_EXECUTE_H
#define OXE_EXECUTOR_EXECUTE_H

#include "services/executor/core/execution.h"

/* Clears the effect for a decision by this policy at this time, and returns it: each function below wants one
 * that begins so, as do those of bracket.h, and adds what is to be done. */
struct execute_effect *execute_begin(struct execute_effect *effect, const struct execute_policy *policy,
                                     struct instant now);

/* Claims an order that is ADMITTED: only what is SENT by a committed transaction may be written to the
 * exchange. Its end, when it was cancelled or its day is over, is for execute_command_cancel and
 * execute_tick. */
enum execute_claim execute_claim(struct execution *order, struct execute_effect *effect);

/* What the risk rules say now about an order whose claim was ANEW. Accepted: it is claimed with what the
 * verdict reserves. Else it is cancelled; the event names the rules and their numbers. */
enum execute_claim execute_decide_anew(struct execution *order, const struct risk_verdict *verdict,
                                       struct execute_effect *effect);

/* To be told when the turn in which `acknowledged` was said ends; nothing when more has become of the order
 * than that. */
void execute_acknowledged(const struct execution *order, struct execute_effect *effect);

/* Whether a report of an order that we do not have tells of money, or of an order that lives: an alarm. */
bool execute_stray_alarms(const struct venue_event *report);

/* A report of the exchange about this order (VENUE_ACKNOWLEDGED to VENUE_UNEXPECTED). `recorded` is the fill
 * that is on record under the report's exec_id, NULL when there is none. */
void execute_report(struct execution *order, const struct venue_event *report,
                    const struct execute_fill *recorded, struct execute_effect *effect);

/* The time that next_check_at names has come, or the owner wants to know what is due: an order that was not
 * answered is asked about, then sent again, rejected or called in doubt; a late report is asked for; a cancel
 * that was not answered is repeated; one that was never sent is cancelled or expired. Before its time nothing
 * happens. line_ready: the lane's session stands. */
void execute_tick(struct execution *order, bool line_ready, struct execute_effect *effect);
/* The lane's session was lost; it stands again. What was sent on it and not answered is asked about. */
void execute_tick_line_lost(struct execution *order, struct execute_effect *effect);
void execute_tick_line_ready(struct execution *order, struct execute_effect *effect);

/* cancel_requested_at was set: what is to be done now. */
void execute_command_cancel(struct execution *order, struct execute_effect *effect);
/* `recorded` is the fill that is on record under the command's venue_exec_id, NULL when there is none. */
void execute_command_resolve(struct execution *order, const struct execute_resolve *command,
                             const struct execute_fill *recorded, struct execute_effect *effect);

#endif
