/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an order's execution record from a row of the statements that select it (lock_orders,
 * lock_families, load_lane): all name the same columns in the same order. */
#ifndef OXE_EXECUTOR_ORDER_ROW_H
#define OXE_EXECUTOR_ORDER_ROW_H

#include "common/db.h"
#include "services/executor/core/execute.h"

void order_row_read(const PGresult *result, int row, struct execution *ret_order);

#endif
