/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "services/executor/core/bracket.h"
#include "services/executor/shell/lanes.h"
#include "services/executor/shell/order_row.h"
#include "services/executor/shell/turn_store.h"

/* Sends a statement with executor->args; keeps the first error of a pipeline. Returns the result's index. */
static size_t add_statement(struct executor *executor, enum statement statement, int *error)
{
    int r = *error == 0 ? db_send(executor->db, (size_t)statement, &executor->args) : 0;
    if (r < 0)
        *error = r;
    db_args_clear(&executor->args);
    return r < 0 ? 0 : (size_t)r;
}

/* Adds an array with one element for each item that passes. */
#define COLUMN(args, item, first, count, condition, add)                                                     \
    do {                                                                                                     \
        db_args_array_begin(args);                                                                           \
        item = (first);                                                                                      \
        for (size_t left_ = (count); left_ > 0; left_--, item++) {                                           \
            if (condition)                                                                                   \
                add;                                                                                         \
        }                                                                                                    \
        db_args_array_end(args);                                                                             \
    } while (0)

static void add_trader_ids(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    db_args_array_begin(&executor->args);
    for (size_t i = 0; i < turn->move_count; i++)
        db_args_uuid(&executor->args, turn->facts[i].trader_id);
    db_args_array_end(&executor->args);
}

static void add_position_keys(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    add_trader_ids(executor);
    db_args_array_begin(&executor->args);
    for (size_t i = 0; i < turn->move_count; i++)
        db_args_text(&executor->args, turn->facts[i].symbol);
    db_args_array_end(&executor->args);
}

static void add_order_ids(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    db_args_array_begin(&executor->args);
    for (size_t i = 0; i < turn->fact_count; i++)
        db_args_uuid(&executor->args, turn->facts[i].order_id);
    db_args_array_end(&executor->args);
}

/* The executions just reported; returns how many. */
static size_t add_execution_keys(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    size_t count = 0;
    for (int column = 0; column < 2; column++) {
        count = 0;
        db_args_array_begin(&executor->args);
        for (size_t i = 0; i < turn->report_count; i++) {
            const struct venue_event *report = &turn->reports[i];
            if (report->type != VENUE_FILL || !report->known)
                continue;
            if (column == 0)
                db_args_uuid(&executor->args, report->order_id);
            else
                db_args_text(&executor->args, report->exec_id);
            count++;
        }
        for (size_t i = 0; i < turn->command_count; i++) {
            const struct turn_command *command = &turn->commands[i];
            if (command->resolve.venue_exec_id[0] == '\0')
                continue;
            if (column == 0)
                db_args_uuid(&executor->args, command->order_id);
            else
                db_args_text(&executor->args, command->resolve.venue_exec_id);
            count++;
        }
        db_args_array_end(&executor->args);
    }
    db_args_text(&executor->args, executor->policy.venue);
    return count;
}

static void read_accounts(struct turn *turn, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        turn->accounts[turn->account_count++] = (struct turn_account){
            .trader_id = db_get_uuid(result, row, 0),
            .ledger = {.cash = db_get_decimal(result, row, 1),
                       .reserved = db_get_decimal(result, row, 2),
                       .open_orders = db_get_i64(result, row, 3)},
        };
    }
}

static void read_positions(struct turn *turn, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        struct turn_position *position = &turn->positions[turn->position_count++];
        *position = (struct turn_position){
            .trader_id = db_get_uuid(result, row, 0),
            .ledger = {.quantity = db_get_decimal(result, row, 2),
                       .cost = db_get_decimal(result, row, 3),
                       .open_buy = db_get_decimal(result, row, 4),
                       .open_sell = db_get_decimal(result, row, 5),
                       .realized_pnl = db_get_decimal(result, row, 6),
                       .realized_day =
                           db_is_null(result, row, 7) ? LEDGER_NO_DAY : db_get_i64(result, row, 7),
                       .reducing_buy = db_get_decimal(result, row, 8),
                       .reducing_sell = db_get_decimal(result, row, 9)},
        };
        (void)snprintf(position->symbol, sizeof(position->symbol), "%s", db_get_text(result, row, 1));
    }
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

/* Begins the positions of the facts that are none yet. */
static void begin_positions(struct turn *turn)
{
    for (size_t i = 0; i < turn->move_count; i++) {
        const struct turn_fact *fact = &turn->facts[i];
        if (find_account(turn, fact->trader_id) == TURN_NONE ||
            find_position(turn, fact->trader_id, fact->symbol) != TURN_NONE)
            continue;
        struct turn_position *position = &turn->positions[turn->position_count++];
        *position =
            (struct turn_position){.trader_id = fact->trader_id, .ledger.realized_day = LEDGER_NO_DAY};
        memcpy(position->symbol, fact->symbol, SYMBOL_MAX);
    }
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

/* The orders of facts that reach others; returns how many. */
static size_t add_reaching_ids(struct executor *executor)
{
    const struct turn *turn = executor->turn;
    size_t count = 0;
    db_args_array_begin(&executor->args);
    for (size_t i = 0; i < turn->move_count; i++) {
        if (!reaches_legs(executor, &turn->facts[i]))
            continue;
        db_args_uuid(&executor->args, turn->facts[i].order_id);
        count++;
    }
    db_args_array_end(&executor->args);
    return count;
}

static void read_orders(struct executor *executor, const PGresult *result)
{
    struct turn *turn = executor->turn;
    begin_positions(turn);
    for (int row = 0; row < PQntuples(result); row++) {
        struct turn_order *order = &turn->orders[turn->order_count++];
        *order = (struct turn_order){0};
        order_row_read(result, row, &order->record);
        order->account = find_account(turn, order->record.trader_id);
        order->position = find_position(turn, order->record.trader_id, order->record.symbol);
        /* Its money is locked whole or not at all. */
        if (order->position == TURN_NONE)
            order->account = TURN_NONE;
        const struct open_order *open = order_table_find(executor->open, order->record.id);
        if (open != NULL)
            order->record.questions = open->questions;
    }
    turn->read_count = turn->order_count;
    read_siblings(turn);
}

static void read_known_fills(struct turn *turn, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        struct turn_fill *fill = &turn->fills[turn->fill_count++];
        *fill = (struct turn_fill){.order_id = db_get_uuid(result, row, 0), .known = true};
        (void)snprintf(fill->fill.exec_id, sizeof(fill->fill.exec_id), "%s", db_get_text(result, row, 1));
        fill->fill.quantity = db_get_decimal(result, row, 2);
        fill->fill.price = db_get_decimal(result, row, 3);
    }
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
static size_t send_holds(struct executor *executor, int *error)
{
    struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_fact *f;
    for (size_t i = 0; i < turn->fact_count; i++)
        turn->sees_halts |= may_send(turn, &turn->facts[i]);
    if (!turn->sees_halts)
        return 0;
    (void)add_statement(executor, SQL_LOCK_HALTS_SHARED, error);
    COLUMN(args, f, turn->facts, turn->fact_count, may_send(turn, f), db_args_uuid(args, f->order_id));
    return add_statement(executor, SQL_HELD_ORDERS, error);
}

/* Which result of the read is where; zero (BEGIN's) where nothing was asked. */
struct reads {
    size_t traders, day, positions, orders, fills, holds, worlds, lanes;
    size_t lane_count;
};

static void send_order_reads(struct executor *executor, struct reads *reads, int *error)
{
    bool families = add_reaching_ids(executor) > 0;
    if (families)
        db_args_i64(&executor->args, TURN_SIDE_LEGS_MAX);
    else
        db_args_clear(&executor->args);
    add_order_ids(executor);
    reads->orders = add_statement(executor, families ? SQL_LOCK_FAMILIES : SQL_LOCK_ORDERS, error);
}

static int send_reads(struct executor *executor, struct reads *reads)
{
    const struct turn *turn = executor->turn;
    int error = db_pipeline_begin(executor->db);
    db_args_clear(&executor->args);
    (void)add_statement(executor, SQL_BEGIN, &error);
    if (turn->move_count > 0) {
        add_trader_ids(executor);
        reads->traders = add_statement(executor, SQL_LOCK_TRADERS, &error);
        add_trader_ids(executor);
        db_args_text(&executor->args, executor->config->trading_tz);
        db_args_text(&executor->args, executor->config->trading_day_start);
        reads->day = add_statement(executor, SQL_ROLL_DAY, &error);
        add_position_keys(executor);
        reads->positions = add_statement(executor, SQL_LOCK_POSITIONS, &error);
    }
    if (turn->fact_count > 0)
        send_order_reads(executor, reads, &error);
    if (add_execution_keys(executor) > 0)
        reads->fills = add_statement(executor, SQL_KNOWN_FILLS, &error);
    db_args_clear(&executor->args);
    reads->holds = send_holds(executor, &error);
    if (turn->anew_count > 0) {
        turn_anew_ids(turn, &executor->args);
        reads->worlds = add_statement(executor, SQL_READ_WORLDS, &error);
    }
    reads->lane_count = lanes_advance_args(executor, &executor->args);
    if (reads->lane_count > 0)
        reads->lanes = add_statement(executor, SQL_ADVANCE_LANES, &error);
    return error;
}

/* The places in the list are those of the facts that may send. */
static void read_holds(struct turn *turn, const PGresult *result)
{
    int64_t place = 0;
    int row = 0, rows = PQntuples(result);
    for (size_t i = 0; i < turn->fact_count && row < rows; i++) {
        if (!may_send(turn, &turn->facts[i]))
            continue;
        if (db_get_i64(result, row, 0) == place++) {
            struct turn_order *order = turn_find_order(turn, turn->facts[i].order_id);
            const char *code = db_get_text(result, row, 1);
            if (order != NULL) {
                (void)reject_parse(code, strlen(code), &order->record.held_by);
                order->record.uncovered = db_get_bool(result, row, 3);
            }
            row++;
        }
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
        db_args_clear(&executor->args);
        db_args_uuid(&executor->args, position->trader_id);
        db_args_text(&executor->args, position->symbol);
        db_args_text(&executor->args, side_text(side));
        int r = db_run(executor->db, SQL_SUM_LEGS, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
        if (r < 0)
            return r;
        position->unread[side].units = db_get_decimal(result, 0, 0).units - left.units;
    }
    return 0;
}

int turn_store_read(struct executor *executor)
{
    struct turn *turn = executor->turn;
    struct reads reads = {0};
    int r = send_reads(executor, &reads);
    int ended = db_pipeline_end(executor->db, EXECUTOR_DB_TIMEOUT_MS);
    if (r == 0)
        r = ended;
    if (r == 0 && reads.lane_count > 0)
        r = lanes_check_advance(db_result(executor->db, reads.lanes), reads.lane_count);
    if (r < 0)
        return r;
    if (turn->move_count > 0) {
        read_accounts(turn, db_result(executor->db, reads.traders));
        turn->day = db_get_i64(db_result(executor->db, reads.day), 0, 0);
        read_positions(turn, db_result(executor->db, reads.positions));
    }
    if (turn->fact_count > 0)
        read_orders(executor, db_result(executor->db, reads.orders));
    if (reads.holds > 0)
        read_holds(turn, db_result(executor->db, reads.holds));
    if (reads.worlds > 0)
        turn_anew_read(executor, db_result(executor->db, reads.worlds));
    if (reads.fills > 0)
        read_known_fills(turn, db_result(executor->db, reads.fills));
    return read_unread(executor);
}

static void write_accounts(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_account *a;
    COLUMN(args, a, turn->accounts, turn->account_count, a->changed, db_args_uuid(args, a->trader_id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, a, turn->accounts, turn->account_count, a->changed, db_args_decimal(args, a->ledger.cash));
    COLUMN(args, a, turn->accounts, turn->account_count, a->changed,
           db_args_decimal(args, a->ledger.reserved));
    COLUMN(args, a, turn->accounts, turn->account_count, a->changed,
           db_args_i64(args, a->ledger.open_orders));
    (void)add_statement(executor, SQL_WRITE_TRADERS, error);
}

static void add_day(struct db_args *args, int64_t day)
{
    if (day == LEDGER_NO_DAY)
        db_args_null(args);
    else
        db_args_i64(args, day);
}

static void write_positions(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_position *p, *all = turn->positions;
    size_t count = turn->position_count;
    COLUMN(args, p, all, count, p->changed, db_args_uuid(args, p->trader_id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, p, all, count, p->changed, db_args_text(args, p->symbol));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.quantity));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.cost));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.open_buy));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.open_sell));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.realized_pnl));
    COLUMN(args, p, all, count, p->changed, add_day(args, p->ledger.realized_day));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.reducing_buy));
    COLUMN(args, p, all, count, p->changed, db_args_decimal(args, p->ledger.reducing_sell));
    db_args_instant(args, turn->now);
    (void)add_statement(executor, SQL_WRITE_POSITIONS, error);
}

static void add_optional_text(struct db_args *args, const char *text)
{
    db_args_text(args, text[0] == '\0' ? NULL : text);
}

static void add_optional_instant(struct db_args *args, struct instant at)
{
    if (at.us == 0)
        db_args_null(args);
    else
        db_args_instant(args, at);
}

static void add_average(struct db_args *args, const struct execution *order)
{
    if (decimal_is_zero(order->filled))
        db_args_null(args);
    else
        db_args_decimal(args, order->average);
}

/* A leg that is made here is inserted as ADMITTED; the turn may have ended it since. */
static void write_orders(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_order *o, *all = turn->orders;
    size_t count = turn->order_count;
#define WRITES(order)                                                                                        \
    ((order)->changed && !((order)->made && (order)->record.state == EXECUTION_STATE_ADMITTED))
    COLUMN(args, o, all, count, WRITES(o), db_args_uuid(args, o->record.id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, o, all, count, WRITES(o), db_args_text(args, order_status_text(o->record.status)));
    COLUMN(args, o, all, count, WRITES(o), db_args_text(args, execution_state_text(o->record.state)));
    COLUMN(args, o, all, count, WRITES(o), db_args_i64(args, o->record.attempts));
    COLUMN(args, o, all, count, WRITES(o), db_args_decimal(args, o->record.filled));
    COLUMN(args, o, all, count, WRITES(o), db_args_decimal(args, o->record.notional));
    COLUMN(args, o, all, count, WRITES(o), add_average(args, &o->record));
    COLUMN(args, o, all, count, WRITES(o), db_args_decimal(args, o->record.reserved));
    COLUMN(args, o, all, count, WRITES(o), add_optional_text(args, o->record.reason));
    COLUMN(args, o, all, count, WRITES(o), add_optional_text(args, o->record.venue_order_id));
    COLUMN(args, o, all, count, WRITES(o), add_optional_instant(args, o->record.next_check_at));
    COLUMN(args, o, all, count, WRITES(o), add_optional_instant(args, o->record.cancel_requested_at));
    COLUMN(args, o, all, count, WRITES(o), db_args_bool(args, o->record.venue_known));
    COLUMN(args, o, all, count, WRITES(o),
           (o->record.recalled ? db_args_i64(args, o->record.recalls) : db_args_null(args)));
    db_args_instant(args, turn->now);
#undef WRITES
    (void)add_statement(executor, SQL_WRITE_ORDERS, error);
}

static void add_optional_uuid(struct db_args *args, struct uuid id)
{
    if (uuid_is_nil(id))
        db_args_null(args);
    else
        db_args_uuid(args, id);
}

static void add_trace_id(struct db_args *args, const uint8_t trace_id[static TRACE_ID_BYTES])
{
    static const uint8_t none[TRACE_ID_BYTES];
    if (memcmp(trace_id, none, sizeof(none)) == 0)
        db_args_null(args);
    else
        db_args_bytes(args, trace_id, TRACE_ID_BYTES);
}

static void insert_legs(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_order *o, *made = &turn->orders[turn->read_count];
    size_t count = turn->order_count - turn->read_count;
    if (count == 0)
        return;
    COLUMN(args, o, made, count, true, db_args_uuid(args, o->record.id));
    COLUMN(args, o, made, count, true, db_args_uuid(args, o->record.trader_id));
    COLUMN(args, o, made, count, true, db_args_text(args, o->record.symbol));
    COLUMN(args, o, made, count, true, db_args_text(args, side_text(o->record.side)));
    COLUMN(args, o, made, count, true, db_args_decimal(args, o->record.quantity));
    COLUMN(args, o, made, count, true, db_args_text(args, order_type_text(o->record.order_type)));
    COLUMN(args, o, made, count, true, db_args_decimal(args, o->record.price));
    COLUMN(args, o, made, count, true, db_args_i64(args, o->record.lane));
    COLUMN(args, o, made, count, true, db_args_uuid(args, o->record.parent_id));
    COLUMN(args, o, made, count, true, add_optional_uuid(args, o->record.sibling_id));
    COLUMN(args, o, made, count, true, db_args_decimal(args, o->record.protects));
    COLUMN(args, o, made, count, true, add_trace_id(args, o->record.trace_id));
    db_args_text(args, executor->policy.actor);
    db_args_instant(args, turn->now);
    (void)add_statement(executor, SQL_INSERT_LEGS, error);
}

/* After the legs, which an entry names. */
static void write_brackets(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_order *o, *all = turn->orders;
    size_t count = turn->read_count;
    COLUMN(args, o, all, count, o->reshaped, db_args_uuid(args, o->record.id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, o, all, count, o->reshaped, db_args_decimal(args, o->record.quantity));
    COLUMN(args, o, all, count, o->reshaped, db_args_decimal(args, o->record.protects));
    COLUMN(args, o, all, count, o->reshaped, add_optional_uuid(args, o->record.sibling_id));
    COLUMN(args, o, all, count, o->reshaped, add_optional_uuid(args, o->record.leg_ids[EXECUTE_STOP_LOSS]));
    COLUMN(args, o, all, count, o->reshaped, add_optional_uuid(args, o->record.leg_ids[EXECUTE_TAKE_PROFIT]));
    (void)add_statement(executor, SQL_WRITE_BRACKETS, error);
}

static void write_reserves(struct executor *executor, int *error)
{
    turn_anew_args(executor->turn, &executor->args);
    (void)add_statement(executor, SQL_WRITE_RESERVES, error);
}

/* Takes orders that are over off the list of open ones, or lists DONE ones again that the exchange may still
 * hold. */
static void list_orders(struct executor *executor, bool closes, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_order *o, *all = turn->orders;
    size_t count = turn->order_count;
#define LISTED(order)                                                                                        \
    ((order)->changed && (closes ? execute_is_over(&(order)->record) : (order)->record.recalled))
    COLUMN(args, o, all, count, LISTED(o), db_args_i64(args, o->record.lane));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, o, all, count, LISTED(o), db_args_uuid(args, o->record.id));
#undef LISTED
    (void)add_statement(executor, closes ? SQL_CLOSE_ORDERS : SQL_REOPEN_ORDERS, error);
}

/* Legs whose pair has nothing left protect nothing any more, whether they have ended or not. */
static void release_legs(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_order *o, *all = turn->orders;
    size_t count = turn->order_count;
#define RELEASES(order)                                                                                      \
    ((order)->changed && execute_is_leg(&(order)->record) &&                                                 \
     ((order)->record.state == EXECUTION_STATE_DONE || bracket_is_closed(&(order)->record)))
    COLUMN(args, o, all, count, RELEASES(o), db_args_uuid(args, o->record.id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, o, all, count, RELEASES(o), db_args_uuid(args, o->record.trader_id));
    COLUMN(args, o, all, count, RELEASES(o), db_args_text(args, o->record.symbol));
    COLUMN(args, o, all, count, RELEASES(o), db_args_text(args, side_text(o->record.side)));
#undef RELEASES
    (void)add_statement(executor, SQL_RELEASE_LEGS, error);
}

static void write_fills(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_fill *f, *all = turn->fills;
    size_t count = turn->fill_count;
    COLUMN(args, f, all, count, !f->known, db_args_uuid(args, uuid_next(&executor->ids, turn->now)));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return;
    }
    COLUMN(args, f, all, count, !f->known, db_args_uuid(args, f->order_id));
    COLUMN(args, f, all, count, !f->known, db_args_uuid(args, turn->orders[f->order].record.trader_id));
    COLUMN(args, f, all, count, !f->known, db_args_text(args, turn->orders[f->order].record.symbol));
    COLUMN(args, f, all, count, !f->known, db_args_text(args, side_text(turn->orders[f->order].record.side)));
    COLUMN(args, f, all, count, !f->known, db_args_decimal(args, f->fill.quantity));
    COLUMN(args, f, all, count, !f->known, db_args_decimal(args, f->fill.price));
    COLUMN(args, f, all, count, !f->known, db_args_text(args, f->fill.exec_id));
    COLUMN(args, f, all, count, !f->known, db_args_text(args, f->fill.flag));
    COLUMN(args, f, all, count, !f->known, db_args_instant(args, f->fill.at));
    db_args_text(args, executor->policy.venue);
    (void)add_statement(executor, SQL_WRITE_FILLS, error);
}

static void delete_commands(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    const struct turn_command *c;
    if (turn->command_count == 0)
        return;
    COLUMN(&executor->args, c, turn->commands, turn->command_count, true,
           db_args_uuid(&executor->args, c->id));
    (void)add_statement(executor, SQL_DELETE_COMMANDS, error);
}

static void halt_symbols(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const char(*symbol)[SYMBOL_MAX];
    if (turn->halted_count == 0)
        return;
    /* Two that have it shared would wait for each other. */
    if (!turn->sees_halts)
        (void)add_statement(executor, SQL_LOCK_HALTS, error);
    COLUMN(args, symbol, turn->halted, turn->halted_count, true,
           db_args_uuid(args, uuid_next(&executor->ids, turn->now)));
    COLUMN(args, symbol, turn->halted, turn->halted_count, true, db_args_text(args, *symbol));
    db_args_instant(args, turn->now);
    (void)add_statement(executor, SQL_HALT_SYMBOLS, error);
}

static void put_aside(struct executor *executor, int *error)
{
    if (executor->turn->aside_count == 0)
        return;
    turn_aside_args(executor->turn, &executor->args);
    (void)add_statement(executor, SQL_PUT_ASIDE, error);
}

static void write_outbox(struct executor *executor, int *error)
{
    const struct turn *turn = executor->turn;
    const struct event_batch *batch = &turn->batch;
    if (batch->events_count == 0)
        return;
    struct envelope envelope = {.id = uuid_next(&executor->ids, turn->now), .sent_at = turn->now};
    buffer_clear(&executor->message);
    int r = event_batch_encode(&envelope, batch, &executor->message);
    if (r < 0) {
        *error = *error == 0 ? r : *error;
        return;
    }
    db_args_bytes(&executor->args, (const uint8_t *)executor->message.data, executor->message.length);
    (void)add_statement(executor, SQL_WRITE_OUTBOX, error);
}

int turn_store_write(struct executor *executor)
{
    int error = db_pipeline_begin(executor->db);
    db_args_clear(&executor->args);
    write_accounts(executor, &error);
    write_positions(executor, &error);
    insert_legs(executor, &error);
    write_brackets(executor, &error);
    if (executor->turn->anew_count > 0)
        write_reserves(executor, &error);
    write_orders(executor, &error);
    write_fills(executor, &error);
    list_orders(executor, true, &error);
    list_orders(executor, false, &error);
    release_legs(executor, &error);
    delete_commands(executor, &error);
    halt_symbols(executor, &error);
    put_aside(executor, &error);
    write_outbox(executor, &error);
    (void)add_statement(executor, SQL_COMMIT, &error);
    int ended = db_pipeline_end(executor->db, EXECUTOR_DB_TIMEOUT_MS);
    return error < 0 ? error : ended;
}
