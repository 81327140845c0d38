/* SPDX-License-Identifier: Apache-2.0 */
/* One leg of a bracket (bracket.h), by its own record. Pure. */
#ifndef OXE_EXECUTOR_LEG_H
#define OXE_EXECUTOR_LEG_H

#include "services/executor/core/execution.h"

/* What its pair covers less what it has executed, in units; negative when more was executed. Sums of fills of
 * one entry: they fit. */
int64_t leg_left(const struct execution *leg);
/* Nothing is left for the legs of this pair; false for an order that is no leg. */
bool leg_is_closed(const struct execution *leg);

/* With the fill that is added already, its pair has executed more than it covers, but the exchange no more
 * than it was asked to at some time. Why, as the fill's flag; NULL: it is not so. */
const char *leg_overtaken(const struct execution *leg);
/* Gives the leg the quantity that the exchange may still work, so that it ends only when that is known to be
 * over. */
void leg_reopen(struct execution *leg);
/* The leg ends in a way that nobody asked for, while its pair has something left. */
bool leg_is_lost(const struct execution *leg);
/* Tells its trader so in the event of its end; `why` may be empty. */
void leg_tell_lost(const struct execution *leg, const char *why, struct event *event);

#endif
