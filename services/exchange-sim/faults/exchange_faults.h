/* SPDX-License-Identifier: Apache-2.0 */
/* What faults do to orders and reports: the hooks of the exchange.
 *
 * Pure but for memory. What it holds back or puts off is known to nobody else: an exchange that is killed has
 * forgotten it. Bounds: HELD_MAX reports, EXCHANGE_FAULTS_LATE_MAX fills. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_FAULTS_H
#define OXE_EXCHANGE_SIM_EXCHANGE_FAULTS_H

#include "services/exchange-sim/core/exchange.h"
#include "services/exchange-sim/faults/fault.h"

enum { EXCHANGE_FAULTS_LATE_MAX = 1024 };

struct exchange_faults;

/* A session's CompID. */
typedef const char *exchange_faults_client(const void *context, uint32_t session);

/* Hooks into the exchange, which outlives what is made here, as do the faults. `context` is for `client`.
 * -ENOMEM. */
int exchange_faults_create(struct faults *faults, struct exchange *exchange, exchange_faults_client *client,
                           const void *context, struct exchange_faults **ret_exchange_faults);
void exchange_faults_destroy(struct exchange_faults **exchange_faults);

/* What was put off until now; and when there is more to do, INT64_MAX: not for a reason of time. */
void exchange_faults_run_due(struct exchange_faults *exchange_faults, struct instant now);
struct instant exchange_faults_due(const struct exchange_faults *exchange_faults);
/* Lets go what a fault that is about to be cleared holds back; returns how many reports. */
size_t exchange_faults_release(struct exchange_faults *exchange_faults, uint32_t fault);
/* Tells a session of a fill of an order that nobody sent. */
void exchange_faults_stray(struct exchange_faults *exchange_faults, uint32_t session,
                           const struct fault *fault, struct instant now);

#endif
