/* SPDX-License-Identifier: Apache-2.0 */
/* An order as SQL hands it out: the columns of find_orders.sql and lock_orders.sql from 1 to 22. */
#ifndef OXE_RISK_MANAGER_ORDER_ROW_H
#define OXE_RISK_MANAGER_ORDER_ROW_H

#include "common/db.h"
#include "proto/proto.h"

void order_row_read(const PGresult *result, int row, struct order_view *ret_order);

#endif
