/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the decision about one order share: execute.c (reports), execute_tick.c (time),
 * execute_command.c (people). Pure, as execute.h says. */
#ifndef OXE_EXECUTOR_EXECUTE_STEP_H
#define OXE_EXECUTOR_EXECUTE_STEP_H

#include <stdio.h>

#include "services/executor/core/execution.h"

/* Adds the event `action` about the order as it is now; the caller adds what is special to it. */
struct event *execute_step_tell(struct execute_effect *effect, const struct execution *order,
                                enum audit_action action);
/* The same with a message, printf-like, and a reason; NULL: the order's. */
void execute_step_tell_why(struct execute_effect *effect, const struct execution *order,
                           enum audit_action action, const char *reason, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Takes `next` over as the order's new record, with the time of its next check. When the table of an order's
 * life or the columns refuse it, the order stays as it is, the fact is put aside, and the answer is false. */
bool execute_step_take(struct execution *order, struct execution *next, struct execute_effect *effect);

/* Ends the order with the event of the same name as its status; true when it was taken. */
bool execute_step_finish(struct execution *order, enum order_status status, const char *reason,
                         const char *message, struct execute_effect *effect);

/* Carries out a cancel whose request stands in the record, as far as it can be now. */
void execute_step_cancel(struct execution *order, struct execute_effect *effect);

/* Has the exchange cancel a DONE order that it may still hold (execute_recall.c). */
void execute_step_recall(struct execution *order, struct execute_effect *effect);
/* Its time has come, or the line stands again: it is asked for again, or people are told that nothing helps.
 */
void execute_step_recall_again(struct execution *order, bool line_ready, struct execute_effect *effect);
/* What a report says about a DONE order at the exchange, besides what it says of any. was_known: the order's
 * venue_known before it. */
void execute_step_recall_report(struct execution *order, const struct venue_event *report, bool was_known,
                                bool conclusive, struct execute_effect *effect);

/* Requests a cancel that no trader asked for, unless one is under way, and carries it out. */
void execute_step_request_cancel(struct execution *order, const char *reason, const char *message,
                                 struct execute_effect *effect);

/* The same of a leg, for the reason EXECUTE_REASON_OCO or EXECUTE_REASON_POSITION_CLOSED. */
void execute_step_cancel_leg(struct execution *leg, const char *reason, struct execute_effect *effect);

/* IN_DOUBT, with alarm; in doubt already, only the alarm. */
void execute_step_doubt(struct execution *order, const char *reason, const char *message,
                        struct execute_effect *effect);

/* The order, which the exchange does not know, is sent once more. */
void execute_step_resend(struct execution *order, const char *message, struct execute_effect *effect);

/* The order, which is not to be written to the exchange now, says why. */
void execute_step_hold(struct execution *order, struct execute_effect *effect);
/* An order in state SENT is asked about when its next delay is over. */
void execute_step_ask_later(struct execution *order, struct execute_effect *effect);

/* Counts a fill; execute_report says what `recorded` is. `cum_quantity` is what the exchange has executed of
 * the order in all. */
void execute_step_fill(struct execution *order, const struct execute_fill *fill, struct decimal cum_quantity,
                       bool recovered, struct execute_effect *effect);
/* True when the execution is on record already: a duplicate, or other figures, which are put aside. */
bool execute_step_is_recorded(const struct execute_fill *fill, const struct execute_fill *recorded,
                              struct execute_effect *effect);

/* In doubt, since the exchange has ended it and counts more than it has told: only an answer that agrees ends
 * that. */
bool execute_step_is_ended_with_more(const struct execution *order);
/* The execution changes are people's to carry out: nothing but they, or the order's end, ends that doubt. */
bool execute_step_is_changed(const struct execution *order);

/* How many checks of an order in state SENT are over; the answer to a check with the number attempts_max
 * decides. */
int execute_step_checks(const struct execution *order, const struct execute_policy *policy);

/* The order's day is over. */
bool execute_step_is_past(const struct execution *order, struct instant now);
/* When an order that works is to be looked at though no report is owed: the exchange ends a DAY order by
 * itself, but one that it got after the day's end it would work for a day too long. 0: never. */
struct instant execute_step_day_check(const struct execution *order, const struct execute_effect *effect);
void execute_step_set_reason(struct execution *order, const char *reason);

static inline bool execute_step_cancels(const struct execution *order)
{
    return order->cancel_requested_at.us != 0;
}

static inline struct instant execute_step_later(struct instant now, int64_t us)
{
    return (struct instant){now.us + us};
}

/* What is asked or sent now counts as unanswered then. */
static inline struct instant execute_step_answer_due(const struct execute_effect *effect)
{
    return execute_step_later(effect->now, effect->policy->answer_timeout_us);
}

/* The exchange works the order, by the status that the report tells. */
static inline bool execute_step_is_open_there(const struct venue_event *report)
{
    return report->venue_status == ORDER_STATUS_PENDING || report->venue_status == ORDER_STATUS_PARTIAL;
}

static inline enum order_status execute_step_open_status(const struct execution *order)
{
    return decimal_is_zero(order->filled) ? ORDER_STATUS_PENDING : ORDER_STATUS_PARTIAL;
}

/* The detail is printf-like. */
#define EXECUTE_STEP_ASIDE(effect, kind, is_alarm, ...)                                                      \
    do {                                                                                                     \
        (void)snprintf((effect)->aside_detail, sizeof((effect)->aside_detail), __VA_ARGS__);                 \
        (effect)->aside = (kind);                                                                            \
        (effect)->alarm = (effect)->alarm || (is_alarm);                                                     \
    } while (0)

#endif
