/* SPDX-License-Identifier: Apache-2.0 */
/* Trading halts in the risk-manager: set and lifted for operations, and the cancelling of what is open.
 *
 * A halt is one small transaction under the advisory lock that every admission holds shared, so an order is
 * decided before the halt or under it, with any number of risk-managers. Once the halt is answered no order
 * in its scope is admitted. When the answer to COMMIT gets lost, PostgreSQL is asked what became of the
 * transaction.
 *
 * A halt with cancel_open keeps a mark until every order in its scope that was open has its cancel request,
 * asked for in the operator's name, batch by batch. Any risk-manager that finds the mark carries on, so the
 * death of one does not matter. Legs that a fill makes meanwhile protect what was bought and are not
 * orders of before the halt. */
#ifndef OXE_RISK_MANAGER_HALTS_H
#define OXE_RISK_MANAGER_HALTS_H

#include "services/risk-manager/parts.h"

struct halts;

/* -ENOMEM */
int halts_create(struct risk_manager_parts *parts, struct halts **ret_halts);
void halts_destroy(struct halts **halts);

/* Whether one more can be taken. */
bool halts_have_room(const struct halts *halts);
/* Takes an encoded HALT_REQUEST, which has waited waited_max_us at most (deadline.h). -EBADMSG. */
int halts_take(struct halts *halts, const uint8_t *bytes, size_t length, int64_t waited_max_us);

/* Records and answers what was taken, then cancels some of what is open. True: events were written,
 * audit-writer is to be woken. */
bool halts_process(struct halts *halts);
/* How soon to come back; -1: nothing waits. */
int halts_wait_ms(const struct halts *halts);

#endif
