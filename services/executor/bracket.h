/* Brackets: the stop loss and take profit of an entry, as orders of their own (DESIGN section 4). Pure.
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
 * `left` of a pair: the entry's fills that it covers less what both legs have executed. Only legs whose pair
 * has something left are resized; when nothing is, they are cancelled. The exchange may fill both before our
 * word reaches it: such a fill counts like any other, is flagged BOTH_LEGS and raises an alarm. */
#ifndef OXE_EXECUTOR_BRACKET_H
#define OXE_EXECUTOR_BRACKET_H

#include "services/executor/execute.h"

enum { BRACKET_EVENTS_MAX = 4 }; /* beside those of the fact that causes them */

/* Whether a fill of the entry, which was `before` it, joins the latest legs (NULL: there is none). */
bool bracket_joins(const struct execution *before, const struct execution *const legs[EXECUTE_LEGS]);

/* The leg of the entry for a fill of `quantity`, not yet ADMITTED by anybody; its sibling is the caller's to
 * name. */
void bracket_make_leg(const struct execution *entry, enum execute_leg which, struct decimal quantity,
                      struct uuid id, struct execution *ret_leg);
/* Admits it, or refuses it for `refusal` (NULL: none), with the events that tell so. */
void bracket_submit(struct execution *leg, const char *refusal_code, const char *refusal,
                    const struct execute_policy *policy, struct instant now,
                    struct execute_effect *ret_effect);

/* The entry was filled by so much more. Begins the effect, as does the next. */
void bracket_grow(struct execution *leg, struct decimal quantity, const struct execute_policy *policy,
                  struct instant now, struct execute_effect *ret_effect);
/* The other leg was filled by `quantity`. */
void bracket_shrink(struct execution *leg, struct decimal quantity, const struct execute_policy *policy,
                    struct instant now, struct execute_effect *ret_effect);

/* Whether the exchange has ended a leg, which was `before`, at a quantity that was too small: it was filled
 * before it could grow. */
bool bracket_fell_short(const struct execution *before, const struct execution *leg);
/* Makes the leg that takes over what such a one leaves, paired with its sibling (NULL: none). */
void bracket_succeed(struct execution *ended, struct execution *sibling, struct uuid id,
                     struct execution *ret_leg);

/* What the pair can still close while a leg of it is open: it counts once in the position's open quantities.
 * sibling NULL: none. */
struct decimal bracket_open(const struct execution *leg, const struct execution *sibling);

/* Nothing is left for the legs of this pair; false for an order that is no leg. */
bool bracket_is_closed(const struct execution *leg);

/* For execute.c and its parts. */

/* With the fill that is added already, both legs have executed more than the pair covers. */
bool bracket_takes_both(const struct execution *leg);
/* Gives the leg the quantity that the exchange may still work, so that it ends only when that is known to be
 * over. */
void bracket_reopen(struct execution *leg);
/* Asks for the leg's end. */
void bracket_cancel(struct execution *leg, const struct execute_policy *policy, struct instant now,
                    struct execute_effect *effect);
/* The exchange is done with the leg at what was filled. */
void bracket_filled_smaller(struct execution *leg, const struct execute_policy *policy, struct instant now,
                            struct execute_effect *effect);
void bracket_note_quantity(struct execution *leg, const struct venue_event *report);
void bracket_replace_refused(struct execution *leg, const struct venue_event *report,
                             const struct execute_policy *policy, struct instant now,
                             struct execute_effect *effect);
/* Whether the exchange works another quantity than the leg's, or has not answered about it. */
bool bracket_resizes(const struct execution *order);
/* Lets the exchange be asked to work the leg's quantity when it is known to work another. */
void bracket_want_replace(struct execution *order, const struct execute_policy *policy, struct instant now,
                          struct execute_effect *effect);

#endif
