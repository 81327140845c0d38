/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "common/cleanup.h"

enum { ROW_BYTES_MAX = 16 * 1024, PROBLEM_BYTES = 160, INSTANT_DIGITS = 24 };

enum format { FORMAT_UNKNOWN, FORMAT_CSV, FORMAT_JSON };

/* Where in a CSV row the next byte stands. */
enum place { CELL, BARE, QUOTED, QUOTE, RETURN };

struct rows {
    rows_sink sink;
    void *context;
    enum format format;
    uint64_t count; /* rows so far, the head of a CSV too */
    int error;
    char problem[PROBLEM_BYTES];

    /* The row that is being read: its cells one after the other, each with its NUL. */
    char text[ROW_BYTES_MAX];
    size_t length;
    size_t begins[AUDIT_COLUMNS];
    bool has[AUDIT_COLUMNS]; /* false: none, or null */
    char instants[AUDIT_COLUMNS][INSTANT_DIGITS];

    enum place place; /* CSV */
    size_t cells;

    yajl_handle json;
    bool in_row;
    bool told[AUDIT_COLUMNS]; /* the row has had this member */
    size_t member;
};

static int fail(struct rows *rows, const char *what, const char *name)
{
    (void)snprintf(rows->problem, sizeof(rows->problem), "row %" PRIu64 " %s%s%s", rows->count + 1, what,
                   name == NULL ? "" : " ", name == NULL ? "" : name);
    return rows->error = -EBADMSG;
}

/* An instant as the suite writes it becomes microseconds; there is one text for each. */
static bool convert_instant(const char *text, char ret_us[static INSTANT_DIGITS])
{
    char written[INSTANT_TEXT_MAX];
    struct instant instant;

    if (instant_parse(text, strlen(text), &instant) < 0)
        return false;
    (void)instant_format(instant, written);
    (void)snprintf(ret_us, INSTANT_DIGITS, "%" PRId64, instant.us);
    return strcmp(written, text) == 0;
}

static int give_row(struct rows *rows)
{
    const char *columns[AUDIT_COLUMNS];

    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        columns[i] = rows->has[i] ? rows->text + rows->begins[i] : NULL;
        if (columns[i] == NULL || audit_column_kind(i) != AUDIT_INSTANT)
            continue;
        if (!convert_instant(columns[i], rows->instants[i]))
            return fail(rows, "has no time in", audit_columns[i].name);
        columns[i] = rows->instants[i];
    }
    rows->count++;
    rows->length = 0;
    return rows->error = rows->sink(rows->context, columns);
}

/* --- CSV --- */

static int put(struct rows *rows, char c)
{
    if (rows->length >= sizeof(rows->text) - 1)
        return fail(rows, "is longer than any entry", NULL);
    rows->text[rows->length++] = c;
    return 0;
}

static int begin_cell(struct rows *rows)
{
    if (rows->cells == AUDIT_COLUMNS)
        return fail(rows, "has too many cells", NULL);
    rows->begins[rows->cells++] = rows->length;
    return 0;
}

/* Takes off the mark that keeps a spreadsheet from seeing a formula. */
static int end_cell(struct rows *rows)
{
    size_t cell = rows->cells - 1;

    if (put(rows, '\0') < 0)
        return rows->error;
    if (rows->text[rows->begins[cell]] == '\'')
        rows->begins[cell]++;
    rows->has[cell] = rows->text[rows->begins[cell]] != '\0';
    return 0;
}

static int end_csv_row(struct rows *rows)
{
    if (rows->cells < AUDIT_COLUMNS)
        return fail(rows, "has too few cells", NULL);
    rows->cells = 0;
    rows->place = CELL;
    if (rows->count > 0)
        return give_row(rows);
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        if (strcmp(rows->text + rows->begins[i], audit_columns[i].name) != 0)
            return fail(rows, "is not the head of an export", NULL);
    }
    rows->count++;
    rows->length = 0;
    return 0;
}

/* What ends a cell: a comma, CR LF, or LF alone. */
static int end_csv(struct rows *rows, char c)
{
    if (end_cell(rows) < 0)
        return rows->error;
    if (c == '\n')
        return end_csv_row(rows);
    rows->place = c == '\r' ? RETURN : CELL;
    return c == ',' ? begin_cell(rows) : 0;
}

static int take_csv(struct rows *rows, char c)
{
    bool ends = c == ',' || c == '\r' || c == '\n';

    if (c == '\0')
        return fail(rows, "has a byte that no export has", NULL);
    if (rows->cells == 0 && begin_cell(rows) < 0)
        return rows->error;
    switch (rows->place) {
    case CELL:
        if (ends)
            return end_csv(rows, c);
        rows->place = c == '"' ? QUOTED : BARE;
        return c == '"' ? 0 : put(rows, c);
    case BARE:
        if (ends)
            return end_csv(rows, c);
        return c == '"' ? fail(rows, "has a quote within a cell that has none around it", NULL)
                        : put(rows, c);
    case QUOTED:
        if (c != '"')
            return put(rows, c);
        rows->place = QUOTE;
        return 0;
    case QUOTE:
        if (ends)
            return end_csv(rows, c);
        rows->place = QUOTED;
        return c == '"' ? put(rows, c) : fail(rows, "goes on behind a closing quote", NULL);
    case RETURN:
        return c == '\n' ? end_csv_row(rows) : fail(rows, "has a CR without LF", NULL);
    }
    return 0;
}

/* --- JSON --- */

static int json_value(struct rows *rows, const char *text, size_t length)
{
    size_t member = rows->member;

    if (!rows->in_row || member == AUDIT_COLUMNS)
        return fail(rows, "is no entry", NULL), 0;
    if (memchr(text, '\0', length) != NULL)
        return fail(rows, "has a byte that no export has in", audit_columns[member].name), 0;
    if (rows->length + length >= sizeof(rows->text))
        return fail(rows, "is longer than any entry", NULL), 0;
    rows->begins[member] = rows->length;
    rows->has[member] = length > 0;
    memcpy(rows->text + rows->length, text, length);
    rows->length += length;
    rows->text[rows->length++] = '\0';
    rows->member = AUDIT_COLUMNS;
    return 1;
}

static int on_null(void *context)
{
    return json_value(context, "", 0);
}

static int on_boolean(void *context, int value)
{
    return fail(context, "has a truth value, which no entry has", NULL), 0;
}

static int on_number(void *context, const char *text, size_t length)
{
    return json_value(context, text, length);
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    return json_value(context, (const char *)text, length);
}

static int on_start_map(void *context)
{
    struct rows *rows = context;

    if (rows->in_row)
        return fail(rows, "has an object in it, which no entry has", NULL), 0;
    rows->in_row = true;
    rows->length = 0;
    rows->member = AUDIT_COLUMNS;
    memset(rows->told, 0, sizeof(rows->told));
    return 1;
}

static int on_key(void *context, const unsigned char *key, size_t length)
{
    struct rows *rows = context;

    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        if (strlen(audit_columns[i].name) != length || memcmp(audit_columns[i].name, key, length) != 0)
            continue;
        if (rows->told[i])
            return fail(rows, "has twice", audit_columns[i].name), 0;
        rows->told[i] = true;
        rows->member = i;
        return 1;
    }
    return fail(rows, "has a member that no entry has", NULL), 0;
}

static int on_end_map(void *context)
{
    struct rows *rows = context;

    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        if (!rows->told[i])
            return fail(rows, "lacks", audit_columns[i].name), 0;
    }
    rows->in_row = false;
    return give_row(rows) == 0;
}

static int on_array(void *context)
{
    return fail(context, "has a list, which no entry has", NULL), 0;
}

static const yajl_callbacks callbacks = {.yajl_null = on_null,
                                         .yajl_boolean = on_boolean,
                                         .yajl_number = on_number,
                                         .yajl_string = on_string,
                                         .yajl_start_map = on_start_map,
                                         .yajl_map_key = on_key,
                                         .yajl_end_map = on_end_map,
                                         .yajl_start_array = on_array};

/* What was refused has said so; what is no JSON at all has not. */
static int json_result(struct rows *rows, yajl_status status)
{
    if (status == yajl_status_ok || rows->error != 0)
        return rows->error;
    return fail(rows, "is no JSON", NULL);
}

/* --- both --- */

int rows_create(rows_sink sink, void *context, struct rows **ret_rows)
{
    struct rows *rows = calloc(1, sizeof(*rows));

    if (rows == NULL)
        return -ENOMEM;
    rows->sink = sink;
    rows->context = context;
    *ret_rows = rows;
    return 0;
}

void rows_destroy(struct rows **rows)
{
    if (*rows != NULL && (*rows)->json != NULL)
        yajl_free((*rows)->json);
    free(*rows);
    *rows = NULL;
}

int rows_feed(struct rows *rows, const char *bytes, size_t length)
{
    if (rows->error != 0 || length == 0)
        return rows->error;
    if (rows->format == FORMAT_UNKNOWN) {
        rows->format = *bytes == '{' ? FORMAT_JSON : FORMAT_CSV;
        if (rows->format == FORMAT_JSON) {
            rows->json = yajl_alloc(&callbacks, NULL, rows);
            if (rows->json == NULL)
                return rows->error = -ENOMEM;
            (void)yajl_config(rows->json, yajl_allow_multiple_values, 1);
        }
    }
    if (rows->format == FORMAT_JSON)
        return json_result(rows, yajl_parse(rows->json, (const unsigned char *)bytes, length));
    for (size_t i = 0; i < length && rows->error == 0; i++)
        (void)take_csv(rows, bytes[i]);
    return rows->error;
}

int rows_end(struct rows *rows)
{
    if (rows->error != 0)
        return rows->error;
    if (rows->format == FORMAT_JSON && rows->in_row)
        return fail(rows, "is cut off", NULL);
    if (rows->format == FORMAT_JSON)
        return json_result(rows, yajl_complete_parse(rows->json));
    return rows->cells == 0 ? 0 : fail(rows, "is cut off", NULL);
}

const char *rows_problem(const struct rows *rows)
{
    return rows->problem;
}
