/* SPDX-License-Identifier: Apache-2.0 */
/* exchange-sim: the exchange that ships with the suite. This is its shell.
 *
 * One thread, one epoll loop. A turn reads what has arrived, lets the exchange answer into memory, commits
 * the journal with one write, and only then sends. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_SIM_H
#define OXE_EXCHANGE_SIM_EXCHANGE_SIM_H

#include "common/service.h"

int exchange_sim_run(struct service *service);

#endif
