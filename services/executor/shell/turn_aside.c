/* SPDX-License-Identifier: Apache-2.0 */
/* What a turn puts aside, as the parameters of put_aside.sql: one array for each column. */
#include "services/executor/shell/turn_store.h"

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
    if (report->message_length == 0)
        db_args_null(args);
    else
        db_args_bytes(args, (const uint8_t *)turn->messages.data + turn->message_at[report - turn->reports],
                      report->message_length);
}

enum { KIND, ORDER_ID, DETAIL, EXEC_ID, QUANTITY, PRICE, CL_ORD_ID, EXEC_TYPE, MESSAGE, COLUMN_COUNT };

static void add_of_report(struct db_args *args, const struct turn *turn, const struct venue_event *report,
                          int column)
{
    const char exec_type[] = {report->exec_type, '\0'};
    if (column == EXEC_ID)
        add_text(args, report->exec_id);
    else if (column == QUANTITY)
        add_amount(args, report->last_quantity);
    else if (column == PRICE)
        add_amount(args, report->last_price);
    else if (column == CL_ORD_ID)
        add_text(args, report->cl_ord_id);
    else if (column == EXEC_TYPE)
        add_text(args, exec_type);
    else
        add_message(args, turn, report);
}

static void add_value(struct db_args *args, const struct turn *turn, const struct turn_aside *aside,
                      int column)
{
    if (column == KIND)
        db_args_text(args, execute_aside_text(aside->kind));
    else if (column == DETAIL)
        db_args_text(args, aside->detail);
    else if (column == ORDER_ID && aside->has_order)
        db_args_uuid(args, aside->order_id);
    else if (column == ORDER_ID || aside->report == NULL)
        db_args_null(args);
    else
        add_of_report(args, turn, aside->report, column);
}

void turn_aside_args(const struct turn *turn, struct db_args *args)
{
    for (int column = 0; column < COLUMN_COUNT; column++) {
        db_args_array_begin(args);
        for (size_t i = 0; i < turn->aside_count; i++)
            add_value(args, turn, &turn->asides[i], column);
        db_args_array_end(args);
    }
}
