/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/statements.h"

#include "begin.sql.h"
#include "commit.sql.h"
#include "delete_halt.sql.h"
#include "end_cancelling.sql.h"
#include "find_cancelling_halt.sql.h"
#include "find_orders.sql.h"
#include "find_resolves.sql.h"
#include "insert_commands.sql.h"
#include "insert_halt.sql.h"
#include "insert_orders.sql.h"
#include "insert_outbox.sql.h"
#include "lock_halts.sql.h"
#include "lock_halts_alone.sql.h"
#include "lock_order_traders.sql.h"
#include "lock_orders.sql.h"
#include "lock_positions.sql.h"
#include "lock_traders.sql.h"
#include "open_positions.sql.h"
#include "page_open_orders.sql.h"
#include "read_halts.sql.h"
#include "read_outbox.sql.h"
#include "read_prices.sql.h"
#include "read_risks.sql.h"
#include "request_cancels.sql.h"
#include "reserve.sql.h"
#include "roll_day.sql.h"
#include "session.sql.h"
#include "transaction_id.sql.h"
#include "transaction_outcome.sql.h"
#include "try_write.sql.h"
#include "watch_lanes.sql.h"
#include "watch_orders.sql.h"

const struct db_statement statements[SQL_COUNT] = {
    [SQL_SESSION] = {"session", sql_session},
    [SQL_BEGIN] = {"begin", sql_begin},
    [SQL_COMMIT] = {"commit", sql_commit},
    [SQL_INSERT_OUTBOX] = {"insert_outbox", sql_insert_outbox},
    [SQL_LOCK_TRADERS] = {"lock_traders", sql_lock_traders},
    [SQL_ROLL_DAY] = {"roll_day", sql_roll_day},
    [SQL_LOCK_HALTS] = {"lock_halts", sql_lock_halts},
    [SQL_READ_HALTS] = {"read_halts", sql_read_halts},
    [SQL_FIND_ORDERS] = {"find_orders", sql_find_orders},
    [SQL_LOCK_POSITIONS] = {"lock_positions", sql_lock_positions},
    [SQL_READ_PRICES] = {"read_prices", sql_read_prices},
    [SQL_READ_RISKS] = {"read_risks", sql_read_risks},
    [SQL_READ_OUTBOX] = {"read_outbox", sql_read_outbox},
    [SQL_INSERT_ORDERS] = {"insert_orders", sql_insert_orders},
    [SQL_RESERVE] = {"reserve", sql_reserve},
    [SQL_OPEN_POSITIONS] = {"open_positions", sql_open_positions},
    [SQL_TRY_WRITE] = {"try_write", sql_try_write},
    [SQL_LOCK_ORDER_TRADERS] = {"lock_order_traders", sql_lock_order_traders},
    [SQL_LOCK_ORDERS] = {"lock_orders", sql_lock_orders},
    [SQL_FIND_RESOLVES] = {"find_resolves", sql_find_resolves},
    [SQL_TRANSACTION_ID] = {"transaction_id", sql_transaction_id},
    [SQL_TRANSACTION_OUTCOME] = {"transaction_outcome", sql_transaction_outcome},
    [SQL_REQUEST_CANCELS] = {"request_cancels", sql_request_cancels},
    [SQL_INSERT_COMMANDS] = {"insert_commands", sql_insert_commands},
    [SQL_LOCK_HALTS_ALONE] = {"lock_halts_alone", sql_lock_halts_alone},
    [SQL_INSERT_HALT] = {"insert_halt", sql_insert_halt},
    [SQL_DELETE_HALT] = {"delete_halt", sql_delete_halt},
    [SQL_FIND_CANCELLING_HALT] = {"find_cancelling_halt", sql_find_cancelling_halt},
    [SQL_PAGE_OPEN_ORDERS] = {"page_open_orders", sql_page_open_orders},
    [SQL_END_CANCELLING] = {"end_cancelling", sql_end_cancelling},
    [SQL_WATCH_LANES] = {"watch_lanes", sql_watch_lanes},
    [SQL_WATCH_ORDERS] = {"watch_orders", sql_watch_orders},
};
