/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and structs by declaration: results are made here, column by column, as PostgreSQL would send them. */
#include "proto/row.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "tests/support/sample.h"

/* A result of one row; a value NULL is SQL's NULL. */
static PGresult *make_row(size_t count, const char *const pairs[][2])
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc columns[ROW_FIELDS_MAX];

    memset(columns, 0, sizeof(columns));
    for (size_t i = 0; i < count; i++)
        columns[i].name = (char *)pairs[i][0];
    cr_assert(PQsetResultAttrs(result, (int)count, columns));
    for (size_t i = 0; i < count; i++) {
        const char *value = pairs[i][1];
        cr_assert(PQsetvalue(result, 0, (int)i, (char *)value, value == NULL ? -1 : (int)strlen(value)));
    }
    return result;
}

static void clear_result(PGresult **result)
{
    PQclear(*result);
}

#define ORDER "0199f0a5-7d0c-7000-8000-000000000001"

/* Of an event: the required columns, and some others, in no order of the declaration's. */
static const char *const event_row[][2] = {
    {"place", "7"},
    {"actor", "executor"},
    {"occurred_at", "1760702465000000"},
    {"action", "FILLED"},
    {"event_id", "0199f0a5-7d0c-7000-8000-000000000e01"},
    {"order_id", ORDER},
    {"trader_id", NULL},
    {"status", "PARTIAL"},
    {"quantity", "-50.00000000"},
    {"price", NULL},
    {"symbol", NULL},
    {"reason", ""},
    {"trace_id", "\\x101112131415161718191a1b1c1d1e1f"},
    {"side", "SELL"},
};

Test(row, columns_are_found_by_name_and_nulls_are_absent)
{
    CLEANUP(clear_result) PGresult *result = make_row(ARRAY_LEN(event_row), event_row);
    struct row_reader reader;
    struct event event;

    memset(&event, 0xff, sizeof(event));
    cr_assert_eq(row_reader_open(result, &schema_event, &reader), 0);
    cr_assert_eq(row_read(&reader, 0, &event), 0, "%s", reader.fault);
    cr_expect_eq(event.action, AUDIT_ACTION_FILLED);
    cr_expect(event.has_status && event.status == ORDER_STATUS_PARTIAL);
    cr_expect(event.has_side && event.side == SIDE_SELL);
    cr_expect(event.has_order_id && !event.has_trader_id && !event.has_price && !event.has_total_filled);
    cr_expect(event.has_quantity && event.quantity.units == -50 * DECIMAL_ONE);
    cr_expect_str_eq(event.actor, "executor");
    cr_expect_str_eq(event.symbol, "");
    cr_expect_str_eq(event.message, "");
    cr_expect_eq(event.occurred_at.us, INT64_C(1760702465000000));
    cr_expect(event.has_trace_id && event.trace_id[0] == 0x10 && event.trace_id[15] == 0x1f);
}

/* One column changed to what no event has, and the field that is named for it. */
Test(row, what_cannot_be_read_is_named)
{
    static const struct {
        const char *column, *value;
    } cases[] = {
        {"event_id", NULL},    {"event_id", "0199f0a5"},
        {"actor", NULL},       {"action", "FILLEDX"},
        {"action", ""},        {"status", "partial"},
        {"quantity", "NaN"},   {"occurred_at", "1760702465000000.5"},
        {"occurred_at", ""},   {"symbol", "ABCDEFGHIJKLMNOPQ"},
        {"trace_id", "\\x10"}, {"trace_id", "\\x101112131415161718191A1b1c1d1e1f"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *row[ARRAY_LEN(event_row)][2];
        memcpy(row, event_row, sizeof(row));
        for (size_t column = 0; column < ARRAY_LEN(row); column++)
            if (strcmp(row[column][0], cases[i].column) == 0)
                row[column][1] = cases[i].value;
        CLEANUP(clear_result) PGresult *result = make_row(ARRAY_LEN(row), row);
        struct row_reader reader;
        struct event event;
        cr_assert_eq(row_reader_open(result, &schema_event, &reader), 0);
        cr_expect_eq(row_read(&reader, 0, &event), -EBADMSG, "case %zu", i);
        cr_expect_str_eq(reader.fault, cases[i].column, "case %zu", i);
        cr_expect(!row_read_one(result, 0, &schema_event, &event), "case %zu", i);
    }
}

Test(row, a_result_without_a_required_column_is_refused)
{
    CLEANUP(clear_result) PGresult *result = make_row(1, event_row + 1);
    struct row_reader reader;

    cr_expect_eq(row_reader_open(result, &schema_event, &reader), -EBADMSG);
    cr_expect_str_eq(reader.fault, "event_id");
}

/* The only element of an array's text, without braces, quotes and the backslashes that escape; in place. */
static const char *open_array(char *text)
{
    size_t length = 0;

    for (const char *from = text + 1; from[1] != '\0'; from++) {
        if (*from == '\\')
            text[length++] = *++from;
        else if (*from != '"')
            text[length++] = *from;
    }
    text[length] = '\0';
    return text;
}

static uint32_t read_u32(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* An array parameter as text, whichever way it goes to PostgreSQL. */
static char *array_text(const struct db_args *args, size_t parameter)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    const char *value = args->values.data + args->offsets[parameter];
    char id[UUID_TEXT_MAX];
    struct uuid uuid;

    if (args->formats[parameter] == 0)
        return strdup(value);
    uint32_t type = read_u32(value + 8), count = read_u32(value + 12);
    value += 20;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = read_u32(value);
        buffer_append_char(&text, i == 0 ? '{' : ',');
        value += 4;
        if (length == UINT32_MAX) {
            buffer_append_text(&text, "NULL");
            continue;
        }
        if (type == 2950) {
            memcpy(uuid.bytes, value, sizeof(uuid.bytes));
            uuid_format(uuid, id);
            buffer_append_text(&text, id);
        } else {
            buffer_append_text(&text, "\"\\\\x");
            buffer_append_hex(&text, (const uint8_t *)value, length);
            buffer_append_char(&text, '"');
        }
        value += length;
    }
    buffer_append_char(&text, '}');
    cr_assert_eq(value, args->values.data + args->offsets[parameter] + args->lengths[parameter]);
    return strdup(text.data);
}

Test(row, a_message_becomes_columns_and_the_same_message_again)
{
    struct event written = sample_event(), read;
    struct db_args args = {0};
    const char *row[ROW_FIELDS_MAX][2];
    char *arrays[ROW_FIELDS_MAX];

    cr_assert_eq(row_add_columns(&args, &schema_event, &written, sizeof(written), 1, NULL), 1);
    cr_assert_eq(args.count, schema_event.field_count);
    for (size_t i = 0; i < args.count; i++) {
        arrays[i] = array_text(&args, i);
        const char *element = open_array(arrays[i]);
        row[i][0] = schema_event.fields[i].name;
        row[i][1] = strcmp(element, "NULL") == 0 ? NULL : element;
    }
    CLEANUP(clear_result) PGresult *result = make_row(args.count, row);
    cr_assert(row_read_one(result, 0, &schema_event, &read));
    CLEANUP(buffer_release) struct buffer before = BUFFER_INIT(0), after = BUFFER_INIT(0);
    json_append_members(&before, &schema_event, &written);
    json_append_members(&after, &schema_event, &read);
    cr_expect_str_eq(after.data, before.data);
    for (size_t i = 0; i < args.count; i++)
        free(arrays[i]);
    db_args_release(&args);
}

struct thing {
    int lane;
    bool wanted;
    struct decimal price;
    struct uuid parent;
    struct instant at;
    char text[8];
    bool has_tries;
    int64_t tries;
    enum side side;
};

static const struct schema_field thing_fields[] = {
    ROW_FIELD(struct thing, lane, lane),           ROW_OPTIONAL(struct thing, price, price),
    ROW_OPTIONAL(struct thing, parent, parent),    ROW_OPTIONAL(struct thing, at, at),
    ROW_OPTIONAL(struct thing, text, text),        ROW_FLAGGED(struct thing, tries, has_tries, tries),
    ROW_WORD(struct thing, side, side, side_text),
};
static const struct schema_record thing_record = ROW_RECORD(struct thing, thing_fields);

static bool is_wanted(const void *thing)
{
    return ((const struct thing *)thing)->wanted;
}

Test(row, a_service_declares_the_columns_of_its_own_structs)
{
    static const char *const expected[] = {"{-3,4}",       "{NULL,1.5}", "{NULL," ORDER "}",  "{NULL,5}",
                                           "{NULL,\"a\"}", "{NULL,0}",   "{\"BUY\",\"SELL\"}"};
    struct thing things[3] = {
        {.lane = -3, .wanted = true, .side = SIDE_BUY},
        {.lane = 9},
        {.lane = 4,
         .wanted = true,
         .price = {3 * DECIMAL_ONE / 2},
         .at = {5},
         .text = "a",
         .has_tries = true,
         .side = SIDE_SELL},
    };
    struct db_args args = {0};

    cr_assert_eq(uuid_parse(ORDER, strlen(ORDER), &things[2].parent), 0);
    cr_expect_eq(row_add_columns(&args, &thing_record, things, sizeof(things[0]), 3, is_wanted), 2);
    cr_assert_eq(args.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < args.count; i++) {
        CLEANUP_FREE char *text = array_text(&args, i);
        cr_expect_str_eq(text, expected[i]);
    }
    db_args_clear(&args);
    cr_expect_eq(row_add_columns(&args, &thing_record, things + 1, sizeof(things[0]), 1, is_wanted), 0);
    cr_expect_str_eq(args.values.data, "{}");
    db_args_release(&args);
}

Test(row, an_int_holds_no_more_than_an_int)
{
    struct thing thing = {0};

    cr_expect_eq(row_set_field(&thing_fields[0], "-2147483648", 11, &thing), 0);
    cr_expect_eq(thing.lane, INT32_MIN);
    cr_expect_eq(row_set_field(&thing_fields[0], "2147483648", 10, &thing), -EBADMSG);
    cr_expect_eq(row_set_field(&thing_fields[0], NULL, 0, &thing), -EBADMSG);
    cr_expect_eq(row_set_field(&thing_fields[5], NULL, 0, &thing), 0);
    cr_expect(!thing.has_tries);
}
