/* SPDX-License-Identifier: Apache-2.0 */
/* Brackets: the stop loss and take profit of an entry, as orders of their own (docs/decisions/0008). Pure.
 *
 * A pair of legs, a STOP and a LIMIT on the other side (or one of them), comes into being with the entry's
 * first fill and grows with each further one. One cancels the other: what a leg executes shrinks its sibling,
 * and the last of it cancels the sibling. A fill of an entry that has ended, or whose legs have, makes a pair
 * of its own.
 *
 * A leg's quantity is what we want of it; the exchange learns of a change by OrderCancelReplaceRequest after
 * the commit, one at a time (execute_questions). A new owner of the lane asks, and finds from OrderQty(38)
 * what is still to be changed, so nothing about a replace is stored.
 *
 * The exchange may fill a leg whole before it could grow. Another leg then takes over what is left.
 *
 * `left` of a pair: what of the entry's fills it covers less what both legs have executed. Only legs whose
 * pair has something left are resized; when nothing is, they are cancelled. The exchange may fill both before
 * our word reaches it: such a fill counts like any other, is flagged BOTH_LEGS and raises an alarm.
 *
 * Legs only ever reduce the position. A pair covers what its entry's fills leave held in the entry's
 * direction, and all pairs of a side together never have more left than is held on the other side: whenever a
 * fill of that side, of whatever order, takes the position below them, the youngest pairs give up the rest
 * (bracket_excess, bracket_cut). They do not grow back. The exchange may execute a leg before it learns that:
 * such a fill is flagged BEYOND_POSITION and raises an alarm. */
#ifndef OXE_EXECUTOR_BRACKET_H
#define OXE_EXECUTOR_BRACKET_H

#include "services/executor/core/execution.h"

enum { BRACKET_EVENTS_MAX = 4 }; /* beside those of the fact that causes them */

/* Whether a fill of the entry, which was `before` it, joins the latest legs (NULL: there is none). */
bool bracket_joins(const struct execution *before, const struct execution *const legs[EXECUTE_LEGS]);

/* How much of an entry's fill its legs are to cover when `held` is the position after it: what does not close
 * a position of the other direction. */
struct decimal bracket_covers(enum side entry_side, struct decimal held, struct decimal fill);

/* The leg of the entry that covers `quantity`; its sibling is the caller's to name. */
void bracket_make_leg(const struct execution *entry, enum execute_leg which, struct decimal quantity,
                      struct uuid id, struct execution *ret_leg);
/* Admits it: the events that tell so. Begins the effect, as do the next ones. */
void bracket_submit(const struct execution *leg, struct execute_effect *effect);

/* The pair covers so much more of the entry's fills. */
void bracket_grow(struct execution *leg, struct decimal quantity, struct execute_effect *effect);
/* The other leg was filled by `quantity`. */
void bracket_shrink(struct execution *leg, struct decimal quantity, struct execute_effect *effect);

/* What pairs of legs of this side, which have `left` together, have beyond the position; never negative. */
struct decimal bracket_excess(enum side leg_side, struct decimal held, struct decimal left);
/* The pair of the leg gives up `quantity` of what it has left, since the position no longer holds it.
 */
void bracket_cut(struct execution *leg, struct decimal quantity, struct execute_effect *effect);

/* Whether the exchange has ended a leg, which was `before`, at a quantity that was too small: it was filled
 * before it could grow. */
bool bracket_fell_short(const struct execution *before, const struct execution *leg);
/* Makes the leg that takes over what such a one leaves, paired with its sibling (NULL: none). */
void bracket_succeed(struct execution *ended, struct execution *sibling, struct uuid id,
                     struct execution *ret_leg);

/* What the pair can still close while a leg of it is open: it counts once in the position's open quantities.
 * sibling NULL: none. */
struct decimal bracket_open(const struct execution *leg, const struct execution *sibling);

/* For execute.c and its parts. */

/* The exchange is done with the leg at what was filled. */
void bracket_filled_smaller(struct execution *leg, struct execute_effect *effect);
void bracket_note_quantity(struct execution *leg, const struct venue_event *report);
void bracket_replace_refused(struct execution *leg, const struct venue_event *report,
                             struct execute_effect *effect);
/* Whether the exchange works another quantity than the leg's, or has not answered about it. */
bool bracket_resizes(const struct execution *order);
/* Lets the exchange be asked to work the leg's quantity when it is known to work another. */
void bracket_want_replace(struct execution *order, struct execute_effect *effect);

#endif
