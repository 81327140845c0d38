/* SPDX-License-Identifier: Apache-2.0 */
/* An order's execution record from a row of the statements that select it: lock_orders, lock_families,
 * load_lane. */
#ifndef OXE_EXECUTOR_ORDER_ROW_H
#define OXE_EXECUTOR_ORDER_ROW_H

#include "proto/row.h"
#include "services/executor/core/execution.h"

extern const struct schema_record order_row_record;

#endif
