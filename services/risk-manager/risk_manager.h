/* SPDX-License-Identifier: Apache-2.0 */
/* risk-manager: the one process that makes an order exist.
 *
 * PULL of ORDER_CHECKED, micro-batches through admission, then ANSWER to the gateways, ADMITTED to the lanes,
 * OUTBOX_WAKE to audit-writer. ORDER_COMMAND comes the same way and ends in COMMANDED. One thread. */
#ifndef OXE_RISK_MANAGER_RISK_MANAGER_H
#define OXE_RISK_MANAGER_RISK_MANAGER_H

#include "common/service.h"

int risk_manager_run(struct service *service);

#endif
