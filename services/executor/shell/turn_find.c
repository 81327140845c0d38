/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked about orders of the owned lanes, and whose the orders are that reports are about. */
#include <stdio.h>
#include <string.h>

#include "services/executor/shell/turn_store.h"

static void add_owned_lanes(struct executor *executor)
{
    db_args_array_begin(&executor->args);
    for (int lane = 0; lane < LANES_MAX; lane++) {
        if (executor->lanes[lane].owned)
            db_args_i64(&executor->args, lane);
    }
    db_args_array_end(&executor->args);
}

static void read_command(const PGresult *result, int row, struct turn_command *command)
{
    enum { ID, LANE, ORDER_ID, TRADER_ID, SYMBOL, KIND, ACTION, QUANTITY, PRICE, EXEC_ID, ACTOR, TRACE_ID };
    struct execute_resolve *resolve = &command->resolve;
    *command = (struct turn_command){
        .id = db_get_uuid(result, row, ID),
        .lane = (int)db_get_i64(result, row, LANE),
        .order_id = db_get_uuid(result, row, ORDER_ID),
        .trader_id = db_get_uuid(result, row, TRADER_ID),
        .resolve = {.quantity = db_get_decimal(result, row, QUANTITY),
                    .price = db_get_decimal(result, row, PRICE)},
    };
    /* The database's types hold the words of proto/order.h only. */
    const char *kind = db_get_text(result, row, KIND), *action = db_get_text(result, row, ACTION);
    (void)order_command_kind_parse(kind, strlen(kind), &command->kind);
    (void)resolve_action_parse(action, strlen(action), &resolve->action);
    (void)snprintf(command->symbol, sizeof(command->symbol), "%s", db_get_text(result, row, SYMBOL));
    (void)snprintf(resolve->venue_exec_id, sizeof(resolve->venue_exec_id), "%s",
                   db_get_text(result, row, EXEC_ID));
    (void)snprintf(resolve->actor, sizeof(resolve->actor), "%s", db_get_text(result, row, ACTOR));
    if (!db_is_null(result, row, TRACE_ID))
        (void)db_get_bytes(result, row, TRACE_ID, resolve->trace_id, sizeof(resolve->trace_id));
}

/* Reads what was asked about orders of the owned lanes. */
int turn_find_commands(struct executor *executor)
{
    struct turn *turn = executor->turn;
    const PGresult *result;
    db_args_clear(&executor->args);
    add_owned_lanes(executor);
    db_args_i64(&executor->args, TURN_COMMANDS_MAX);
    int r = db_run(executor->db, SQL_READ_COMMANDS, &executor->args, EXECUTOR_DB_TIMEOUT_MS, &result);
    if (r < 0)
        return r;
    while (turn->command_count < (size_t)PQntuples(result)) {
        read_command(result, (int)turn->command_count, &turn->commands[turn->command_count]);
        turn->command_count++;
    }
    executor->commands_due = turn->command_count == TURN_COMMANDS_MAX;
    return 0;
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
