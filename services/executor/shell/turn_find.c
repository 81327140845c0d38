/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked about orders of the owned lanes, and whose the orders are that reports are about. */
#include <stdio.h>
#include <string.h>

#include "proto/row.h"
#include "services/executor/shell/lanes.h"
#include "services/executor/shell/turn_store.h"

#define FIELD(column, member)    ROW_FIELD(struct turn_command, column, member)
#define OPTIONAL(column, member) ROW_OPTIONAL(struct turn_command, column, member)

/* Quantity, price and id are of a FILL. */
static const struct schema_field command_fields[] = {
    FIELD(id, id),
    FIELD(lane, lane),
    FIELD(order_id, order_id),
    FIELD(trader_id, trader_id),
    FIELD(symbol, symbol),
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
    db_args_clear(&executor->args);
    lanes_add_owned(executor);
    db_args_i64(&executor->args, TURN_COMMANDS_MAX);
    int r = db_run(executor->db, SQL_READ_COMMANDS, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r < 0)
        return r;
    struct row_reader reader;
    r = row_reader_open(result, &command_record, &reader);
    for (int row = 0; r == 0 && row < PQntuples(result); row++)
        r = row_read(&reader, row, &turn->commands[turn->command_count++]);
    executor->commands_due = turn->command_count == TURN_COMMANDS_MAX;
    return r;
}

int turn_find_orders(struct executor *executor, const struct uuid *ids, size_t id_count)
{
    struct turn *turn = executor->turn;
    const PGresult *result;
    db_args_clear(&executor->args);
    db_args_array_begin(&executor->args);
    for (size_t i = 0; i < id_count; i++)
        db_args_uuid(&executor->args, ids[i]);
    db_args_array_end(&executor->args);
    int r = db_run(executor->db, SQL_FIND_ORDERS, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
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
