/* SPDX-License-Identifier: Apache-2.0 */
/* Which prices lane 0 hears: those of everything that can be traded, also of what becomes tradable while the
 * lane stands. */
#ifndef OXE_EXECUTOR_FEED_H
#define OXE_EXECUTOR_FEED_H

#include "services/executor/shell/state.h"

/* Subscribes the prices when lane 0 has come to us, and anew within FEED_LOOK_US of a change of the
 * instruments. Errors are the database's. */
enum { FEED_LOOK_US = 5 * 1000000 };
int feed_follow(struct executor *executor);

#endif
