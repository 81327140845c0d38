/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked about orders of the owned lanes, and whose the orders are that reports are about. */
#include <stdio.h>
#include <string.h>

#include "services/executor/shell/lanes.h"
#include "services/executor/shell/statement.h"
#include "services/executor/shell/turn_store.h"

#define FIELD(column, member)    ROW_FIELD(struct turn_command, column, member)
#define OPTIONAL(column, member) ROW_OPTIONAL(struct turn_command, column, member)

/* Quantity, price and id are of a FILL. */
static const struct schema_field command_fields[] = {
    FIELD(id, id),
    FIELD(lane, lane),
    FIELD(order_id, fact.order_id),
    FIELD(trader_id, fact.trader_id),
    FIELD(symbol, fact.symbol),
    ROW_WORD(struct turn_command, kind, kind, order_command_kind_text),
    ROW_OPTIONAL_WORD(struct turn_command, action, resolve.action, resolve_action_text),
    OPTIONAL(quantity, resolve.quantity),
    OPTIONAL(price, resolve.price),
    OPTIONAL(venue_exec_id, resolve.venue_exec_id),
    FIELD(actor, resolve.actor),
    OPTIONAL(trace_id, resolve.trace_id),
};
static const struct schema_record command_record = ROW_RECORD(struct turn_command, command_fields);

/* Reads what was asked about orders of the owned lanes. */
int turn_find_commands(struct executor *executor)
{
    struct turn *turn = executor->turn;
    const PGresult *result;
    lanes_add_owned(executor);
    db_args_i64(&executor->args, TURN_COMMANDS_MAX);
    int r = statement_run(executor, SQL_READ_COMMANDS, &result);
    if (r < 0)
        return r;
    r = STATEMENT_READ_ROWS(result, &command_record, turn->commands, &turn->command_count);
    executor->commands_due = turn->command_count == TURN_COMMANDS_MAX;
    return r;
}

int turn_find_orders(struct executor *executor)
{
    struct turn *turn = executor->turn;
    struct db_args *args = &executor->args;
    const struct turn_fact *f;
    const PGresult *result;
    DB_ARGS_COLUMN(args, f, turn->facts, turn->move_count, uuid_is_nil(f->trader_id),
                   db_args_uuid(args, f->order_id));
    if (args->array_rows == 0) {
        db_args_clear(args);
        return 0;
    }
    int r = statement_run(executor, SQL_FIND_ORDERS, &result);
    if (r < 0)
        return r;
    for (int row = 0; row < PQntuples(result); row++) {
        struct uuid id = db_get_uuid(result, row, 0);
        for (size_t i = 0; i < turn->move_count; i++) {
            struct turn_fact *fact = &turn->facts[i];
            if (uuid_compare(fact->order_id, id) != 0)
                continue;
            fact->trader_id = db_get_uuid(result, row, 1);
            (void)snprintf(fact->symbol, sizeof(fact->symbol), "%s", db_get_text(result, row, 2));
        }
    }
    return 0;
}
