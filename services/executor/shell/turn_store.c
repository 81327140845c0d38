/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one transaction, statement by statement, in the order in which it locks. */
#include "services/executor/shell/turn_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "services/executor/core/leg.h"
#include "services/executor/shell/lane_numbers.h"
#include "services/executor/shell/order_row.h"
#include "services/executor/shell/statement.h"

/* SQLSTATE: a row was not as it was read, or who locks rows by hand made a ring. */
#define CONFLICT_CLASS "40"

/* The columns of rows of a type. */
#define COLUMNS(name, type, ...)                                                                             \
    static const struct schema_field name##_fields[] = {__VA_ARGS__};                                        \
    static const struct schema_record name = ROW_RECORD(type, name##_fields)

/* A row of read_accounts.sql, in two parts, and what else stands in it. */
#define ACCOUNT(column, member) ROW_FIELD(struct turn_account, column, member)
COLUMNS(account_columns, struct turn_account, ACCOUNT(id, trader_id), ACCOUNT(cash, read.cash),
        ACCOUNT(reserved, read.reserved), ACCOUNT(open_orders, read.open_orders));

#define POSITION(column, member) ROW_FIELD(struct turn_position, column, member)
COLUMNS(position_columns, struct turn_position, POSITION(trader_id, trader_id), POSITION(symbol, symbol),
        POSITION(quantity, read.quantity), POSITION(cost, read.cost), POSITION(open_buy, read.open_buy),
        POSITION(open_sell, read.open_sell), POSITION(realized_pnl, read.realized_pnl),
        ROW_OPTIONAL(struct turn_position, realized_day, read.realized_day),
        POSITION(reducing_buy, read.reducing_buy), POSITION(reducing_sell, read.reducing_sell),
        POSITION(is_new, is_new));

struct day_row {
    struct instant now;
    int64_t trading_day; /* 0: none yet */
};
COLUMNS(day_columns, struct day_row, ROW_FIELD(struct day_row, now, now),
        ROW_OPTIONAL(struct day_row, trading_day, trading_day));

#define FILL(column, member) ROW_FIELD(struct turn_fill, column, member)
COLUMNS(known_fill_columns, struct turn_fill, FILL(order_id, order_id), FILL(venue_exec_id, fill.exec_id),
        FILL(quantity_filled, fill.quantity), FILL(price_at_fill, fill.price));

/* Of the facts that may move money. */
static void add_trader_ids(struct executor *executor)
{
    const struct turn_fact *f;
    DB_ARGS_COLUMN(&executor->args, f, executor->turn->facts, executor->turn->move_count, true,
                   db_args_uuid(&executor->args, f->trader_id));
}

/* Of the facts that are to be decided anew: one of their ids. */
static void add_anew_ids(struct executor *executor, size_t id)
{
    const struct turn *turn = executor->turn;
    const struct turn_fact *f, *first = &turn->facts[turn->move_count - turn->anew_count];
    DB_ARGS_COLUMN(&executor->args, f, first, turn->anew_count, true,
                   db_args_uuid(&executor->args, *(const struct uuid *)((const char *)f + id)));
}

/* The execution that a fact tells of; NULL: none. */
static const char *execution_of(const struct turn *turn, const struct turn_fact *fact)
{
    if (fact->kind == TURN_REPORT && turn->reports[fact->index].type == VENUE_FILL)
        return turn->reports[fact->index].exec_id;
    if (fact->kind == TURN_COMMAND && turn->commands[fact->index].resolve.venue_exec_id[0] != '\0')
        return turn->commands[fact->index].resolve.venue_exec_id;
    return NULL;
}

static size_t send_known_fills(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_fact *f;
    DB_ARGS_COLUMN(args, f, turn->facts, turn->move_count, execution_of(turn, f) != NULL,
                   db_args_uuid(args, f->order_id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return 0;
    }
    DB_ARGS_COLUMN(args, f, turn->facts, turn->move_count, execution_of(turn, f) != NULL,
                   db_args_text(args, execution_of(turn, f)));
    db_args_text(args, executor->policy.venue);
    return statement_send(executor, SQL_KNOWN_FILLS);
}

static int find_account(const struct turn *turn, struct uuid trader_id)
{
    for (size_t i = 0; i < turn->account_count; i++) {
        if (uuid_compare(turn->accounts[i].trader_id, trader_id) == 0)
            return (int)i;
    }
    return TURN_NONE;
}

static int find_position(const struct turn *turn, struct uuid trader_id, const char *symbol)
{
    for (size_t i = 0; i < turn->position_count; i++) {
        if (uuid_compare(turn->positions[i].trader_id, trader_id) == 0 &&
            strcmp(turn->positions[i].symbol, symbol) == 0)
            return (int)i;
    }
    return TURN_NONE;
}

/* What the sibling of each leg has executed. */
static void read_siblings(struct turn *turn)
{
    for (size_t i = 0; i < turn->order_count; i++) {
        struct execution *leg = &turn->orders[i].record;
        const struct turn_order *sibling =
            uuid_is_nil(leg->sibling_id) ? NULL : turn_find_order(turn, leg->sibling_id);
        if (sibling != NULL)
            leg->sibling_filled = sibling->record.filled;
    }
}

/* Whether a fact may concern other orders, which are to be locked with its own: the rest of a bracket; and a
 * fill, the legs that protect the position which it changes. */
static bool reaches_legs(const struct executor *executor, const struct turn_fact *fact)
{
    const struct turn *turn = executor->turn;
    const struct open_order *open = order_table_find(executor->open, fact->order_id);
    if (fact->kind == TURN_ANEW) /* it has no legs yet, and fills nothing */
        return false;
    if (open == NULL || open->waiting || open->bracketed)
        return true;
    return (fact->kind == TURN_REPORT && turn->reports[fact->index].type == VENUE_FILL) ||
           (fact->kind == TURN_COMMAND && turn->commands[fact->index].resolve.action == RESOLVE_ACTION_FILL);
}

static size_t send_orders(struct executor *executor)
{
    const struct turn_fact *f;
    struct db_args *args = &executor->args;
    DB_ARGS_COLUMN(args, f, executor->turn->facts, executor->turn->move_count, reaches_legs(executor, f),
                   db_args_uuid(args, f->order_id));
    bool families = args->array_rows > 0;
    if (families)
        db_args_i64(args, TURN_SIDE_LEGS_MAX);
    else
        db_args_clear(args);
    DB_ARGS_COLUMN(args, f, executor->turn->facts, executor->turn->fact_count, true,
                   db_args_uuid(args, f->order_id));
    return statement_send(executor, families ? SQL_LOCK_FAMILIES : SQL_LOCK_ORDERS);
}

static int read_orders(struct executor *executor, const PGresult *result)
{
    struct turn *turn = executor->turn;
    struct row_reader reader;
    int r = row_reader_open(result, &order_row_record, &reader);
    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        struct turn_order *order = &turn->orders[turn->order_count++];
        *order = (struct turn_order){0};
        r = row_read(&reader, row, &order->record);
        order->account = find_account(turn, order->record.trader_id);
        order->position = find_position(turn, order->record.trader_id, order->record.symbol);
        /* Its money is read whole or not at all. */
        if (order->position == TURN_NONE)
            order->account = TURN_NONE;
        const struct open_order *open = order_table_find(executor->open, order->record.id);
        if (open != NULL)
            order->record.questions = open->questions;
    }
    turn->read_count = turn->order_count;
    read_siblings(turn);
    return r;
}

/* Whether the fact may write its order to the exchange: as a new order, or again. */
static bool may_send(const struct turn *turn, const struct turn_fact *fact)
{
    switch (fact->kind) {
    case TURN_ANEW:
    case TURN_CLAIM:
        return true;
    case TURN_REPORT:
        return turn->reports[fact->index].type == VENUE_UNKNOWN_ORDER;
    case TURN_COMMAND:
        return turn->commands[fact->index].resolve.action == RESOLVE_ACTION_RETRY;
    default:
        return false;
    }
}

/* Asks what holds the orders that may be written; returns the result's index. */
static size_t send_holds(struct executor *executor)
{
    struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_fact *f;
    for (size_t i = 0; i < turn->fact_count; i++)
        turn->sees_halts |= may_send(turn, &turn->facts[i]);
    if (!turn->sees_halts)
        return 0;
    (void)statement_send(executor, SQL_LOCK_HALTS_SHARED);
    DB_ARGS_COLUMN(args, f, turn->facts, turn->fact_count, may_send(turn, f),
                   db_args_uuid(args, f->order_id));
    return statement_send(executor, SQL_HELD_ORDERS);
}

/* Which result of the read is where; zero (BEGIN's) where nothing was asked. */
struct reads {
    size_t accounts, orders, fills, holds, worlds, lanes;
    size_t lane_count;
};

static void send_reads(struct executor *executor, struct reads *reads)
{
    const struct turn *turn = executor->turn;
    const struct turn_fact *f;
    (void)statement_send(executor, SQL_BEGIN);
    if (turn->anew_count > 0) {
        add_anew_ids(executor, offsetof(struct turn_fact, trader_id));
        (void)statement_send(executor, SQL_LOCK_TRADERS);
    }
    if (turn->move_count > 0) {
        add_trader_ids(executor);
        DB_ARGS_COLUMN(&executor->args, f, turn->facts, turn->move_count, true,
                       db_args_text(&executor->args, f->symbol));
        reads->accounts = statement_send(executor, SQL_READ_ACCOUNTS);
    }
    if (turn->fact_count > 0)
        reads->orders = send_orders(executor);
    reads->fills = send_known_fills(executor);
    reads->holds = send_holds(executor);
    if (turn->anew_count > 0) {
        add_anew_ids(executor, offsetof(struct turn_fact, order_id));
        reads->worlds = statement_send(executor, SQL_READ_WORLDS);
    }
    reads->lane_count = lane_numbers_add(executor);
    if (reads->lane_count > 0)
        reads->lanes = statement_send(executor, SQL_ADVANCE_LANES);
}

/* The places in the list are those of the facts that may send. */
static void read_holds(struct turn *turn, const PGresult *result)
{
    int64_t place = 0;
    int row = 0, rows = PQntuples(result);
    for (size_t i = 0; i < turn->fact_count && row < rows; i++) {
        if (!may_send(turn, &turn->facts[i]) || db_get_i64(result, row, 0) != place++)
            continue;
        struct turn_order *order = turn_find_order(turn, turn->facts[i].order_id);
        const char *code = db_get_text(result, row, 1);
        if (order != NULL) {
            (void)reject_parse(code, strlen(code), &order->record.held_by);
            order->record.uncovered = db_get_bool(result, row, 3);
        }
        row++;
    }
}

/* Where so many legs of a side were read that there may be more: what all of them have left. */
static int read_unread(struct executor *executor)
{
    struct turn *turn = executor->turn;
    for (size_t i = 0; i < turn->position_count * TURN_SIDES; i++) {
        struct turn_position *position = &turn->positions[i / TURN_SIDES];
        enum side side = (enum side)(i % TURN_SIDES);
        const PGresult *result;
        size_t legs;
        struct decimal left = turn_bracket_left(turn, (int)(i / TURN_SIDES), side, &legs);
        if (legs < TURN_SIDE_LEGS_MAX)
            continue;
        db_args_uuid(&executor->args, position->trader_id);
        db_args_text(&executor->args, position->symbol);
        db_args_text(&executor->args, side_text(side));
        int r = statement_run(executor, SQL_SUM_LEGS, &result);
        if (r < 0)
            return r;
        position->unread[side].units = db_get_decimal(result, 0, 0).units - left.units;
    }
    return 0;
}

/* The rows of an account stand together. ret_now: the clock of the database; ret_day: the earliest day that
 * an account is in. */
static int read_accounts(struct turn *turn, const PGresult *result, struct instant *ret_now, int64_t *ret_day)
{
    struct row_reader account_reader, position_reader, day_reader;
    struct day_row day = {0};
    int r = row_reader_open(result, &account_columns, &account_reader);
    if (r == 0)
        r = row_reader_open(result, &position_columns, &position_reader);
    if (r == 0)
        r = row_reader_open(result, &day_columns, &day_reader);
    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        struct turn_account *account = &turn->accounts[turn->account_count];
        struct turn_position *position = &turn->positions[turn->position_count++];
        r = row_read(&account_reader, row, account);
        if (r == 0)
            r = row_read(&position_reader, row, position);
        if (r == 0)
            r = row_read(&day_reader, row, &day);
        account->ledger = account->read;
        position->ledger = position->read;
        turn->account_count +=
            turn->account_count == 0 || uuid_compare(account[-1].trader_id, account->trader_id) != 0;
        *ret_now = day.now;
        if (day.trading_day < *ret_day)
            *ret_day = day.trading_day;
    }
    return r;
}

/* Within the turn's transaction. */
static int read_day(struct executor *executor)
{
    const PGresult *result;
    db_args_text(&executor->args, executor->config->trading_tz);
    db_args_text(&executor->args, executor->config->trading_day_start);
    int r = statement_run(executor, SQL_READ_DAY, &result);
    if (r == 0)
        trading_day_take(&executor->today, result);
    return r;
}

/* Outside the turn's transaction, which is given up for it: what the roll locks, it locks before others. */
static int roll_day(struct executor *executor)
{
    int r = statement_run(executor, SQL_ROLLBACK, NULL);
    if (r < 0)
        return r;
    add_trader_ids(executor);
    db_args_i64(&executor->args, executor->today.day);
    return statement_run(executor, SQL_ROLL_DAY, NULL);
}

/* -EAGAIN: the day was rolled, and the transaction given up. */
static int begin_day(struct executor *executor, struct instant now, int64_t earliest)
{
    int r = trading_day_is_over(&executor->today, now) ? read_day(executor) : 0;
    executor->turn->day = executor->today.day;
    if (r == 0 && earliest < executor->today.day) {
        r = roll_day(executor);
        return r < 0 ? r : -EAGAIN;
    }
    return r;
}

static int take_reads(struct executor *executor, const struct reads *reads)
{
    struct turn *turn = executor->turn;
    const struct db *db = executor->db;
    struct instant now = {0};
    int64_t earliest = INT64_MAX;
    int r = 0;
    if (reads->lane_count > 0)
        r = lane_numbers_check(db_result(db, reads->lanes), reads->lane_count);
    if (r == 0 && turn->move_count > 0)
        r = read_accounts(turn, db_result(db, reads->accounts), &now, &earliest);
    if (r == 0 && turn->fact_count > 0)
        r = read_orders(executor, db_result(db, reads->orders));
    if (r == 0 && reads->holds > 0)
        read_holds(turn, db_result(db, reads->holds));
    if (r == 0 && reads->worlds > 0)
        r = turn_anew_store_read(executor, db_result(db, reads->worlds));
    if (r == 0 && reads->fills > 0)
        r = STATEMENT_READ_ROWS(db_result(db, reads->fills), &known_fill_columns, turn->fills,
                                &turn->fill_count);
    for (size_t i = 0; i < turn->fill_count; i++)
        turn->fills[i].known = true;
    /* Last: its statements' results take the place of these. */
    return r == 0 && turn->account_count > 0 ? begin_day(executor, now, earliest) : r;
}

int turn_store_read(struct executor *executor)
{
    struct reads reads = {0};
    int r = db_pipeline_begin(executor->db);
    if (r < 0)
        return r;
    send_reads(executor, &reads);
    r = db_pipeline_end(executor->db, EXECUTOR_DB_TIMEOUT_MS);
    if (r == 0)
        r = take_reads(executor, &reads);
    return r < 0 ? r : read_unread(executor);
}

/* What a turn writes of its rows: which of them, and what stands in which column. */
#define ROWS_THAT(name, type, row, condition)                                                                \
    static bool name(const void *item)                                                                       \
    {                                                                                                        \
        const struct type *row = item;                                                                       \
        return condition;                                                                                    \
    }
#define FIELD(column, member)      ROW_FIELD(struct turn_order, column, record.member)
#define OPTIONAL(column, member)   ROW_OPTIONAL(struct turn_order, column, record.member)
#define WORD(column, member, text) ROW_WORD(struct turn_order, column, record.member, text)

ROWS_THAT(account_changed, turn_account, account, account->changed)
COLUMNS(added_columns, struct turn_account, ACCOUNT(id, trader_id), ACCOUNT(cash, added.cash),
        ACCOUNT(reserved, added.reserved), ACCOUNT(open_orders, added.open_orders));

ROWS_THAT(position_is_new, turn_position, position, position->changed && position->is_new)
COLUMNS(new_position_columns, struct turn_position, POSITION(trader_id, trader_id), POSITION(symbol, symbol));

ROWS_THAT(position_changed, turn_position, position, position->changed)
COLUMNS(moved_columns, struct turn_position, POSITION(trader_id, trader_id), POSITION(symbol, symbol),
        POSITION(quantity, ledger.quantity), POSITION(was_quantity, read.quantity),
        POSITION(cost, ledger.cost), POSITION(was_cost, read.cost),
        POSITION(realized_pnl, ledger.realized_pnl), POSITION(was_realized_pnl, read.realized_pnl),
        ROW_OPTIONAL(struct turn_position, realized_day, ledger.realized_day),
        POSITION(open_buy, added.open_buy), POSITION(open_sell, added.open_sell),
        POSITION(reducing_buy, added.reducing_buy), POSITION(reducing_sell, added.reducing_sell));

ROWS_THAT(is_made, turn_order, order, order->made)
COLUMNS(made_columns, struct turn_order, FIELD(id, id), FIELD(trader_id, trader_id), FIELD(symbol, symbol),
        WORD(side, side, side_text), FIELD(quantity, quantity), WORD(order_type, order_type, order_type_text),
        FIELD(price, price), FIELD(lane, lane), FIELD(parent, parent_id), OPTIONAL(sibling, sibling_id),
        FIELD(protects, protects), OPTIONAL(trace_id, trace_id));

ROWS_THAT(is_reshaped, turn_order, order, order->reshaped && !order->made)
COLUMNS(bracket_columns, struct turn_order, FIELD(id, id), FIELD(quantity, quantity),
        FIELD(protects, protects), OPTIONAL(sibling, sibling_id),
        OPTIONAL(stop_loss, leg_ids[EXECUTE_STOP_LOSS]), OPTIONAL(take_profit, leg_ids[EXECUTE_TAKE_PROFIT]));

ROWS_THAT(reserves_anew, turn_order, order, order->reserves_anew)
COLUMNS(reserve_columns, struct turn_order, FIELD(id, id), FIELD(reserve_price, reserve_price),
        FIELD(reserve_quantity, reserve_quantity));

/* A leg that is made here is inserted as ADMITTED; the turn may have ended it since. */
ROWS_THAT(order_changed, turn_order, order,
          order->changed && !(order->made && order->record.state == EXECUTION_STATE_ADMITTED))
COLUMNS(order_columns, struct turn_order, FIELD(id, id), WORD(status, status, order_status_text),
        WORD(execution_state, state, execution_state_text), FIELD(attempts, attempts),
        FIELD(filled_quantity, filled), FIELD(filled_notional, notional), FIELD(average_price, average),
        FIELD(reserved, reserved), OPTIONAL(reason, reason), OPTIONAL(venue_order_id, venue_order_id),
        OPTIONAL(next_check_at, next_check_at), OPTIONAL(cancel_requested_at, cancel_requested_at),
        FIELD(venue_known, venue_known),
        ROW_FLAGGED(struct turn_order, recalls, record.recalled, record.recalls));

/* Off the list of open orders; or on it again: DONE, and the exchange may still hold it. */
ROWS_THAT(is_over, turn_order, order, order->changed &&execution_is_over(&order->record))
ROWS_THAT(is_recalled, turn_order, order, order->changed && order->record.recalled)
COLUMNS(listed_columns, struct turn_order, FIELD(lane, lane), FIELD(order_id, id));

/* A leg whose pair has nothing left protects nothing any more, whether it has ended or not. */
ROWS_THAT(is_released, turn_order, order,
          order->changed &&execution_is_leg(&order->record) &&
              (order->record.state == EXECUTION_STATE_DONE || leg_is_closed(&order->record)))
COLUMNS(released_columns, struct turn_order, FIELD(order_id, id), FIELD(trader_id, trader_id),
        FIELD(symbol, symbol), WORD(side, side, side_text));

ROWS_THAT(is_new_fill, turn_fill, fill, !fill->known)
COLUMNS(fill_columns, struct turn_fill, FILL(id, id), FILL(order_id, order_id), FILL(quantity, fill.quantity),
        FILL(price, fill.price), FILL(venue_exec_id, fill.exec_id), FILL(at, fill.at),
        FILL(trader_id, trader_id), FILL(symbol, symbol), ROW_WORD(struct turn_fill, side, side, side_text),
        ROW_OPTIONAL(struct turn_fill, flag, flag));

COLUMNS(command_columns, struct turn_command, ROW_FIELD(struct turn_command, id, id));

#define ARRAY(array, number)                                                                                 \
    offsetof(struct turn, array), sizeof(((struct turn *)NULL)->array[0]), offsetof(struct turn, number)

struct write {
    enum statement statement;
    const struct schema_record *record;
    bool (*includes)(const void *item); /* NULL: all */
    size_t first, stride, count;        /* where the turn has them */
    bool actor, now, venue;             /* further parameters */
};

/* In this order: an entry names its legs. */
static const struct write writes[] = {
    {SQL_INSERT_LEGS, &made_columns, is_made, ARRAY(orders, order_count), .actor = true, .now = true},
    {SQL_WRITE_BRACKETS, &bracket_columns, is_reshaped, ARRAY(orders, order_count)},
    {SQL_WRITE_RESERVES, &reserve_columns, reserves_anew, ARRAY(orders, order_count)},
    {SQL_WRITE_ORDERS, &order_columns, order_changed, ARRAY(orders, order_count), .now = true},
    {SQL_CLOSE_ORDERS, &listed_columns, is_over, ARRAY(orders, order_count)},
    {SQL_REOPEN_ORDERS, &listed_columns, is_recalled, ARRAY(orders, order_count)},
    {SQL_RELEASE_LEGS, &released_columns, is_released, ARRAY(orders, order_count)},
    {SQL_DELETE_COMMANDS, &command_columns, NULL, ARRAY(commands, command_count)},
    {SQL_WRITE_FILLS, &fill_columns, is_new_fill, ARRAY(fills, fill_count), .venue = true},
};

/* Last, because admission waits for these rows until COMMIT; and in this order, as admission locks them. */
static const struct write money[] = {
    {SQL_WRITE_TRADERS, &added_columns, account_changed, ARRAY(accounts, account_count)},
    {SQL_MAKE_POSITIONS, &new_position_columns, position_is_new, ARRAY(positions, position_count)},
    {SQL_WRITE_POSITIONS, &moved_columns, position_changed, ARRAY(positions, position_count), .now = true},
};

static void count_added(struct turn *turn)
{
    for (struct turn_account *a = turn->accounts; a < &turn->accounts[turn->account_count]; a++) {
        a->added.cash.units = a->ledger.cash.units - a->read.cash.units;
        a->added.reserved.units = a->ledger.reserved.units - a->read.reserved.units;
        a->added.open_orders = a->ledger.open_orders - a->read.open_orders;
    }
    for (struct turn_position *p = turn->positions; p < &turn->positions[turn->position_count]; p++) {
        p->added.open_buy.units = p->ledger.open_buy.units - p->read.open_buy.units;
        p->added.open_sell.units = p->ledger.open_sell.units - p->read.open_sell.units;
        p->added.reducing_buy.units = p->ledger.reducing_buy.units - p->read.reducing_buy.units;
        p->added.reducing_sell.units = p->ledger.reducing_sell.units - p->read.reducing_sell.units;
    }
}

static void write_rows(struct executor *executor, const struct write *first, size_t count)
{
    const char *turn = (const char *)executor->turn;
    for (const struct write *write = first; write < first + count; write++) {
        size_t rows = *(const size_t *)(turn + write->count);
        if (statement_add_rows(executor, write->record, turn + write->first, write->stride, rows,
                               write->includes) == 0)
            continue;
        if (write->actor)
            db_args_text(&executor->args, executor->policy.actor);
        if (write->now)
            db_args_instant(&executor->args, executor->turn->now);
        if (write->venue)
            db_args_text(&executor->args, executor->policy.venue);
        (void)statement_send(executor, write->statement);
    }
}

static void halt_symbols(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const char(*symbol)[SYMBOL_MAX];
    if (turn->halted_count == 0)
        return;
    /* Two that have it shared would wait for each other. */
    if (!turn->sees_halts)
        (void)statement_send(executor, SQL_LOCK_HALTS);
    DB_ARGS_COLUMN(args, symbol, turn->halted, turn->halted_count, true,
                   db_args_uuid(args, uuid_next(&executor->ids, turn->now)));
    DB_ARGS_COLUMN(args, symbol, turn->halted, turn->halted_count, true, db_args_text(args, *symbol));
    db_args_instant(args, turn->now);
    (void)statement_send(executor, SQL_HALT_SYMBOLS);
}

static void add_text(struct db_args *args, const char *text)
{
    db_args_text(args, text[0] == '\0' ? NULL : text);
}

static void add_amount(struct db_args *args, struct decimal amount)
{
    if (decimal_is_zero(amount))
        db_args_null(args);
    else
        db_args_decimal(args, amount);
}

static void add_message(struct db_args *args, const struct turn *turn, const struct venue_event *report)
{
    if (report == NULL || report->message_length == 0)
        db_args_null(args);
    else
        db_args_bytes(args, (const uint8_t *)turn->messages.data + turn->message_at[report - turn->reports],
                      report->message_length);
}

static const struct venue_event *report_of(const struct turn_note *note)
{
    static const struct venue_event none;
    return note->report == NULL ? &none : note->report;
}

static void put_aside(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_note *n;
#define COLUMN(add) DB_ARGS_COLUMN(args, n, turn->notes, turn->note_count, turn_note_is_aside(n), add)
    COLUMN(db_args_text(args, execute_aside_texts[n->aside]));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(n->has_order ? db_args_uuid(args, n->order_id) : db_args_null(args));
    COLUMN(db_args_text(args, n->detail));
    COLUMN(add_text(args, report_of(n)->exec_id));
    COLUMN(add_amount(args, report_of(n)->last_quantity));
    COLUMN(add_amount(args, report_of(n)->last_price));
    COLUMN(add_text(args, report_of(n)->cl_ord_id));
    COLUMN(add_text(args, (char[]){report_of(n)->exec_type, '\0'}));
    COLUMN(add_message(args, turn, n->report));
#undef COLUMN
    (void)statement_send(executor, SQL_PUT_ASIDE);
}

int turn_store_write(struct executor *executor)
{
    const struct buffer *events = &executor->message;
    size_t ends[TURN_BATCHES] = {0};
    int r = turn_encode_events(executor->turn, &executor->message, ends);
    if (r == 0)
        r = db_pipeline_begin(executor->db);
    if (r < 0)
        return r;
    count_added(executor->turn);
    write_rows(executor, writes, ARRAY_LEN(writes));
    halt_symbols(executor);
    put_aside(executor);
    for (size_t i = 0, begin = 0; i < TURN_BATCHES && begin < ends[i]; begin = ends[i++]) {
        db_args_bytes(&executor->args, (const uint8_t *)events->data + begin, ends[i] - begin);
        (void)statement_send(executor, SQL_WRITE_OUTBOX);
    }
    write_rows(executor, money, ARRAY_LEN(money));
    (void)statement_send(executor, SQL_COMMIT);
    r = db_pipeline_end(executor->db, EXECUTOR_DB_TIMEOUT_MS);
    return r == -ECANCELED && strncmp(db_sqlstate(executor->db), CONFLICT_CLASS, 2) == 0 ? -EAGAIN : r;
}
