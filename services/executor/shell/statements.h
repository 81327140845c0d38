/* SPDX-License-Identifier: Apache-2.0 */
/* The executor's SQL, as prepared statements: sql/NAME.sql is SQL_NAME. */
#ifndef OXE_EXECUTOR_STATEMENTS_H
#define OXE_EXECUTOR_STATEMENTS_H

#include "common/db.h"

/* clang-format off */
#define EXECUTOR_STATEMENTS(X) \
    X(session, SESSION)                                                                                               \
    X(begin, BEGIN) \
    X(commit, COMMIT) \
    X(lock_traders, LOCK_TRADERS) \
    X(roll_day, ROLL_DAY) \
    X(lock_positions, LOCK_POSITIONS) \
    X(lock_orders, LOCK_ORDERS) \
    X(lock_families, LOCK_FAMILIES) \
    X(known_fills, KNOWN_FILLS) \
    X(find_orders, FIND_ORDERS) \
    X(advance_lanes, ADVANCE_LANES) \
    X(write_traders, WRITE_TRADERS) \
    X(write_positions, WRITE_POSITIONS) \
    X(write_orders, WRITE_ORDERS) \
    X(insert_legs, INSERT_LEGS) \
    X(write_brackets, WRITE_BRACKETS) \
    X(read_worlds, READ_WORLDS) \
    X(write_reserves, WRITE_RESERVES) \
    X(write_fills, WRITE_FILLS) \
    X(close_orders, CLOSE_ORDERS) \
    X(release_legs, RELEASE_LEGS) \
    X(sum_legs, SUM_LEGS) \
    X(reopen_orders, REOPEN_ORDERS) \
    X(lock_halts, LOCK_HALTS) \
    X(lock_halts_shared, LOCK_HALTS_SHARED) \
    X(held_orders, HELD_ORDERS) \
    X(halt_symbols, HALT_SYMBOLS) \
    X(put_aside, PUT_ASIDE) \
    X(write_outbox, WRITE_OUTBOX) \
    X(read_commands, READ_COMMANDS) \
    X(delete_commands, DELETE_COMMANDS) \
    X(make_lanes, MAKE_LANES) \
    X(count_lanes, COUNT_LANES) \
    X(try_lanes, TRY_LANES) \
    X(take_lane, TAKE_LANE) \
    X(release_lane, RELEASE_LANE) \
    X(load_lane, LOAD_LANE) \
    X(sweep, SWEEP) \
    X(sweep_recent, SWEEP_RECENT) \
    X(beat, BEAT) \
    X(end_beat, END_BEAT) \
    X(count_live, COUNT_LIVE) \
    X(end_frozen, END_FROZEN) \
    X(tradable_symbols, TRADABLE_SYMBOLS) \
    X(write_prices, WRITE_PRICES) \
    X(write_bars, WRITE_BARS) \
    X(count_volumes, COUNT_VOLUMES) \
    X(prune_bars, PRUNE_BARS) \
    X(write_sessions, WRITE_SESSIONS) \
    X(find_resyncs, FIND_RESYNCS) \
    X(resync_lane, RESYNC_LANE)
/* clang-format on */

#define STATEMENT_MEMBER(name, upper) SQL_##upper,
enum statement { EXECUTOR_STATEMENTS(STATEMENT_MEMBER) STATEMENT_COUNT };
#undef STATEMENT_MEMBER

extern const struct db_statement executor_statements[STATEMENT_COUNT];

#endif
