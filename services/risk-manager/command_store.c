/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/command_store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/row.h"

#include "risk_manager_sql.h"

enum {
    /* Results of the first round trip, in the order of sending. */
    RESULT_ORDERS = 1,
    RESULT_TRANSACTION,
    RESULT_RESOLVES,
    /* Columns of lock_orders.sql, before the order. */
    COLUMN_PLACE = 0,
    COLUMN_LANE,
    COLUMN_IS_HELD,
    COLUMN_IS_RECALLED,
};

static void add_order_ids(struct db_args *args, const struct command_batch *batch)
{
    const struct command_slot *slot;

    DB_ARGS_COLUMN(args, slot, batch->slots, batch->count, true, db_args_uuid(args, slot->command.order_id));
}

/* -EBADMSG: a row holds what the message of an order cannot. */
static int take_orders(const PGresult *result, struct command_batch *batch)
{
    struct row_reader reader;
    int r = row_reader_open(result, &schema_order_view, &reader);

    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        int64_t place = db_get_i64(result, row, COLUMN_PLACE);
        assert(place >= 0 && place < (int64_t)batch->count);
        struct command_slot *slot = &batch->slots[place];
        slot->is_found = true;
        r = row_read(&reader, row, &slot->order);
        slot->lane = (int)db_get_i64(result, row, COLUMN_LANE);
        slot->is_held = db_get_bool(result, row, COLUMN_IS_HELD);
        slot->is_recalled = db_get_bool(result, row, COLUMN_IS_RECALLED);
    }
    return r;
}

static void take_resolves(const PGresult *result, struct command_batch *batch)
{
    enum resolve_action action;

    for (int row = 0; row < PQntuples(result); row++) {
        struct uuid order_id = db_get_uuid(result, row, 0);
        const char *word = db_get_text(result, row, 1);
        int r = resolve_action_parse(word, strlen(word), &action);
        assert(r == 0); /* the database's enum is these words */
        for (size_t i = 0; i < batch->count; i++) {
            struct command_slot *slot = &batch->slots[i];
            if (uuid_compare(slot->command.order_id, order_id) == 0)
                slot->is_waiting |=
                    command_same_resolve(&slot->command, action, db_get_decimal(result, row, 2),
                                         db_get_decimal(result, row, 3), db_get_text(result, row, 4));
        }
    }
}

/* The first round trip: the orders' locks, then what stands under them. */
static int read_batch(struct risk_manager_parts *parts, struct command_batch *batch,
                      struct command_report *report)
{
    struct db *db = parts->db;
    int r = db_pipeline_begin(db);

    if (r < 0)
        return r;
    struct db_args *args = db_args_begin(db);
    add_order_ids(args, batch);
    (void)db_send(db, SQL_BEGIN, NULL);
    (void)db_send(db, SQL_LOCK_ORDERS, args);
    (void)db_send(db, SQL_TRANSACTION_ID, NULL);
    (void)db_send(db, SQL_FIND_RESOLVES, args);
    r = db_pipeline_end(db, (int)parts->config->db_timeout_ms);
    if (r < 0)
        return r;
    r = take_orders(db_result(db, RESULT_ORDERS), batch);
    if (r < 0) {
        db_disconnect(db); /* the transaction ends with it */
        return r;
    }
    command_store_take_transaction(db_result(db, RESULT_TRANSACTION), &report->transaction);
    take_resolves(db_result(db, RESULT_RESOLVES), batch);
    return 0;
}

static void send_cancels(struct db *db, const struct command_batch *batch, struct instant now)
{
    struct db_args *args = db_args_begin(db);
    const struct command_slot *slot;

    DB_ARGS_COLUMN(args, slot, batch->slots, batch->count,
                   slot->outcome == COMMAND_RECORDED && slot->command.kind == ORDER_COMMAND_CANCEL,
                   db_args_uuid(args, slot->command.order_id));
    db_args_instant(args, now);
    (void)db_send(db, SQL_REQUEST_CANCELS, args);
}

static bool is_recorded(const void *slot)
{
    return ((const struct command_slot *)slot)->outcome == COMMAND_RECORDED;
}

/* The first parameters of insert_commands.sql; ids and the time follow them. */
static const struct schema_field command_fields[] = {
    ROW_FIELD(struct command_slot, lane, lane),
    ROW_FIELD(struct command_slot, order_id, command.order_id),
    ROW_WORD(struct command_slot, kind, command.kind, order_command_kind_text),
    ROW_FLAGGED_WORD(struct command_slot, action, command.has_action, command.action, resolve_action_text),
    ROW_FLAGGED(struct command_slot, quantity, command.has_quantity, command.quantity),
    ROW_FLAGGED(struct command_slot, price, command.has_price, command.price),
    ROW_OPTIONAL(struct command_slot, venue_exec_id, command.venue_exec_id),
    ROW_OPTIONAL(struct command_slot, reason, command.reason),
    ROW_FIELD(struct command_slot, actor, command.actor),
    ROW_OPTIONAL(struct command_slot, trace_id, envelope.trace_id),
};
static const struct schema_record command_record = ROW_RECORD(struct command_slot, command_fields);

static void send_commands(struct db *db, const struct command_batch *batch, struct uuid_source *ids,
                          struct instant now)
{
    const struct command_slot *slot;
    struct db_args *args = db_args_begin(db);

    (void)row_add_columns(args, &command_record, batch->slots, sizeof(batch->slots[0]), batch->count,
                          is_recorded);
    DB_ARGS_COLUMN(args, slot, batch->slots, batch->count, is_recorded(slot),
                   db_args_uuid(args, uuid_next(ids, now)));
    db_args_instant(args, now);
    (void)db_send(db, SQL_INSERT_COMMANDS, args);
}

/* The second round trip: what was decided, and COMMIT. */
static int write_batch(struct risk_manager_parts *parts, const struct command_batch *batch,
                       struct instant now, struct command_report *report)
{
    struct outbox *outbox = parts->outbox;
    struct db *db = parts->db;
    bool records = false;
    int r = db_pipeline_begin(db);

    for (size_t i = 0; i < batch->count; i++)
        records |= batch->slots[i].outcome == COMMAND_RECORDED;
    if (r == 0 && records) {
        send_cancels(db, batch, now);
        send_commands(db, batch, &outbox->ids, now);
        command_events(batch, now, &outbox->ids, &outbox->events);
        r = outbox_send(outbox, db, now);
    }
    if (r < 0) {
        db_disconnect(db); /* the transaction ends with it */
        return r;
    }
    (void)db_send(db, SQL_COMMIT, NULL);
    r = db_pipeline_end(db, (int)parts->config->db_timeout_ms);
    report->outcome_unknown = records && db_is_lost(r);
    report->wrote_outbox = records;
    return r;
}

int command_store_run(struct risk_manager_parts *parts, struct command_batch *batch,
                      struct command_report *ret_report)
{
    struct command_report report = {.outcome_unknown = false};
    int64_t start_us = clock_monotonic_us();

    command_begin(batch);
    int r = admission_set_up_session(parts->admission, parts->db);
    if (r == 0)
        r = read_batch(parts, batch, &report);
    if (r == 0) {
        struct instant now = clock_now();
        command_decide(batch, now);
        r = write_batch(parts, batch, now, &report);
    }
    report.db_us = clock_monotonic_us() - start_us;
    *ret_report = report;
    return r;
}

void command_store_take_transaction(const PGresult *result, struct command_transaction *ret_transaction)
{
    ret_transaction->id = db_get_i64(result, 0, 0);
    (void)snprintf(ret_transaction->history, sizeof(ret_transaction->history), "%s",
                   db_get_text(result, 0, 1));
}

int command_store_outcome(struct risk_manager_parts *parts, const struct command_transaction *transaction)
{
    const PGresult *result;

    int r = admission_set_up_session(parts->admission, parts->db);
    if (r < 0)
        return r;
    struct db_args *args = db_args_begin(parts->db);
    db_args_i64(args, transaction->id);
    db_args_text(args, transaction->history);
    r = db_run(parts->db, SQL_TRANSACTION_OUTCOME, args, (int)parts->config->db_timeout_ms, &result);
    if (r < 0)
        return r;
    if (db_is_null(result, 0, 0))
        return -ENODATA;
    return db_get_bool(result, 0, 1) ? -EAGAIN : db_get_bool(result, 0, 0);
}
