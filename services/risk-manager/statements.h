/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement that the risk-manager prepares on its one connection. */
#ifndef OXE_RISK_MANAGER_STATEMENTS_H
#define OXE_RISK_MANAGER_STATEMENTS_H

#include "common/db.h"

enum statement {
    SQL_SESSION,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_INSERT_OUTBOX,
    /* admission */
    SQL_LOCK_TRADERS,
    SQL_ROLL_DAY,
    SQL_LOCK_HALTS,
    SQL_READ_HALTS,
    SQL_FIND_ORDERS,
    SQL_LOCK_POSITIONS,
    SQL_READ_PRICES,
    SQL_READ_RISKS,
    SQL_READ_OUTBOX,
    SQL_INSERT_ORDERS,
    SQL_RESERVE,
    SQL_OPEN_POSITIONS,
    SQL_TRY_WRITE,
    /* commands */
    SQL_LOCK_ORDER_TRADERS,
    SQL_LOCK_ORDERS,
    SQL_FIND_RESOLVES,
    SQL_TRANSACTION_ID,
    SQL_TRANSACTION_OUTCOME,
    SQL_REQUEST_CANCELS,
    SQL_INSERT_COMMANDS,
    /* halts */
    SQL_LOCK_HALTS_ALONE,
    SQL_INSERT_HALT,
    SQL_DELETE_HALT,
    SQL_FIND_CANCELLING_HALT,
    SQL_PAGE_OPEN_ORDERS,
    SQL_END_CANCELLING,
    /* watch */
    SQL_WATCH_LANES,
    SQL_WATCH_ORDERS,
    SQL_COUNT,
};

extern const struct db_statement statements[SQL_COUNT];

#endif
