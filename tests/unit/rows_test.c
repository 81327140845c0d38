/* SPDX-License-Identifier: Apache-2.0 */
/* Exports as the gateway writes them are read as they were, however they arrive; nothing else is read. */
#include "services/oxectl/rows.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/operations/audit_entry.h"

enum { ROWS = 3 };

/* What CSV quotes and marks, and JSON escapes. */
static const char *const sample[ROWS][AUDIT_COLUMNS] = {
    {"1000",
     "0199f0a5-7d0c-7000-8000-000000000e01",
     "0199f0a5-7d0c-7000-8000-000000000001",
     "0199f000-0000-7000-8000-00000000000a",
     "42",
     "FILLED",
     "PARTIAL",
     "WORKING",
     "AAPL",
     "50",
     "150.45",
     "50",
     "150.45",
     "SIM",
     "LATE",
     "50 at 150.45 – \"späte\", Ausführung",
     "executor",
     "1760702465000000",
     "1760702465002500",
     "00ff",
     "BUY",
     "E-1001",
     "101112131415161718191a1b1c1d1e1f"},
    {"1001",
     "0199f0a5-7d0c-7000-8000-000000000e02",
     NULL,
     NULL,
     NULL,
     "HALTED",
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     "=1+1\r\n'\t\"",
     "'olga",
     "1760702465000000",
     "1760702465002500",
     "00ff",
     NULL,
     NULL,
     NULL},
    {"1002",
     "0199f0a5-7d0c-7000-8000-000000000e03",
     NULL,
     NULL,
     NULL,
     "HALTED",
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     "''",
     "\"",
     "0",
     "1760702465002501",
     "00ff",
     NULL,
     "\xef\xbc\x9d",
     NULL},
};

struct seen {
    size_t rows;
    bool stop;
};

static int on_row(void *context, const char *const columns[static AUDIT_COLUMNS])
{
    struct seen *seen = context;

    cr_assert_lt(seen->rows, (size_t)ROWS);
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        const char *expected = sample[seen->rows][i];
        if (expected == NULL)
            cr_expect_null(columns[i], "%s: %s", audit_columns[i].name, columns[i]);
        else
            cr_expect_str_eq(columns[i], expected, "%s", audit_columns[i].name);
    }
    seen->rows++;
    return seen->stop ? 7 : 0;
}

static void write_export(bool csv, size_t rows, struct buffer *out)
{
    if (csv)
        audit_entry_csv_header(out);
    for (size_t i = 0; i < rows; i++) {
        if (csv) {
            audit_entry_csv(sample[i], out);
        } else {
            audit_entry_json(sample[i], out);
            buffer_append_char(out, '\n');
        }
    }
}

static int read_all(const char *bytes, size_t length, size_t piece, struct seen *seen, char *ret_problem,
                    size_t size)
{
    CLEANUP(rows_destroy) struct rows *rows = NULL;
    int r = 0;

    cr_assert_eq(rows_create(on_row, seen, &rows), 0);
    for (size_t at = 0; r == 0 && at < length; at += piece)
        r = rows_feed(rows, bytes + at, length - at < piece ? length - at : piece);
    if (r == 0)
        r = rows_end(rows);
    (void)snprintf(ret_problem, size, "%s", rows_problem(rows));
    return r;
}

Test(rows, what_the_gateway_writes_is_read_in_pieces_of_any_size)
{
    char problem[256];

    for (int csv = 0; csv < 2; csv++) {
        CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
        write_export(csv != 0, ROWS, &bytes);
        for (size_t piece = 1; piece <= bytes.length; piece++) {
            struct seen seen = {0};
            cr_expect_eq(read_all(bytes.data, bytes.length, piece, &seen, problem, sizeof(problem)), 0, "%s",
                         problem);
            cr_expect_eq(seen.rows, (size_t)ROWS);
        }
    }
}

/* Where so many rows end; a line of JSON is whole without its LF, too. */
static bool is_end(bool csv, size_t length)
{
    for (size_t rows = 0; rows <= ROWS; rows++) {
        CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
        write_export(csv, rows, &bytes);
        if (length == bytes.length || (!csv && length + 1 == bytes.length))
            return true;
    }
    return false;
}

Test(rows, one_that_is_cut_within_a_row_is_not_whole)
{
    char problem[256];

    for (int csv = 0; csv < 2; csv++) {
        CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
        write_export(csv != 0, ROWS, &bytes);
        for (size_t length = 1; length <= bytes.length; length++) {
            struct seen seen = {0};
            int r = read_all(bytes.data, length, length, &seen, problem, sizeof(problem));
            cr_expect_eq(r, is_end(csv != 0, length) ? 0 : -EBADMSG, "%zu: %s", length, problem);
        }
    }
}

Test(rows, nothing_is_an_export_of_nothing)
{
    struct seen seen = {0};
    char problem[256];

    cr_expect_eq(read_all("", 0, 1, &seen, problem, sizeof(problem)), 0);
    cr_expect_eq(seen.rows, 0u);
}

Test(rows, the_sink_ends_it)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct seen seen = {.stop = true};
    char problem[256];

    write_export(true, ROWS, &bytes);
    cr_expect_eq(read_all(bytes.data, bytes.length, 100, &seen, problem, sizeof(problem)), 7);
    cr_expect_eq(seen.rows, 1u);
    seen.rows = 0;
    buffer_clear(&bytes);
    write_export(false, ROWS, &bytes);
    cr_expect_eq(read_all(bytes.data, bytes.length, 100, &seen, problem, sizeof(problem)), 7);
    cr_expect_eq(seen.rows, 1u);
}

/* A row longer than any, and what else no export has. */
Test(rows, what_no_export_has_is_refused)
{
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"log_seq\r\n", "row 1 has too few cells"},
        {"\"log_seq\"x", "row 1 goes on behind a closing quote"},
        {"log\"seq", "row 1 has a quote within a cell that has none around it"},
        {"a\rb", "row 1 has a CR without LF"},
        {"{\"log_seq\":1}", "row 1 lacks event_id"},
        {"{\"log_seq\":{}}", "row 1 has an object in it, which no entry has"},
        {"{\"log_seq\":[]}", "row 1 has a list, which no entry has"},
        {"{\"log_seq\":true}", "row 1 has a truth value, which no entry has"},
        {"{\"log_seq\":1,\"log_seq\":2}", "row 1 has twice log_seq"},
        {"{\"log_sek\":1}", "row 1 has a member that no entry has"},
        {"{\"message\":\"a\\u0000b\"}", "row 1 has a byte that no export has in message"},
        {"{\"message\":\"\xff\"}", "row 1 is no JSON"},
        {"{} {}", "row 1 lacks log_seq"},
        {"{nonsense", "row 1 is no JSON"},
    };
    static char long_row[20000];
    char problem[256];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen seen = {0};
        cr_expect_eq(read_all(cases[i].text, strlen(cases[i].text), 1, &seen, problem, sizeof(problem)),
                     -EBADMSG, "%s", cases[i].text);
        cr_expect_str_eq(problem, cases[i].problem, "%s", cases[i].text);
    }
    for (int json = 0; json < 2; json++) {
        struct seen seen = {0};
        memset(long_row, 'x', sizeof(long_row));
        if (json != 0)
            memcpy(long_row, "{\"message\":\"", 12);
        cr_expect_eq(
            read_all(long_row, sizeof(long_row), json != 0 ? 4096 : 1, &seen, problem, sizeof(problem)),
            -EBADMSG);
        cr_expect(strstr(problem, json != 0 ? "row 1 is cut off" : "is longer than any entry") != NULL, "%s",
                  problem);
    }
}

Test(rows, a_time_has_one_text)
{
    static const char *const others[] = {"2025-10-17T12:01:05Z",
                                         "2025-10-17T12:01:05.0000001Z",
                                         "2025-10-17T14:01:05.000000+02:00",
                                         "2025-10-17t12:01:05.000000Z",
                                         "1760702465000000",
                                         ""};
    char problem[256];

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0), changed = BUFFER_INIT(0);
        struct seen seen = {0};
        write_export(true, ROWS, &bytes);
        const char *at = strstr(bytes.data, "2025-10-17T12:01:05.000000Z");
        cr_assert_not_null(at);
        buffer_append(&changed, bytes.data, (size_t)(at - bytes.data));
        buffer_append_text(&changed, others[i]);
        buffer_append_text(&changed, at + 27);
        if (others[i][0] == '\0')
            continue;
        cr_expect_eq(read_all(changed.data, changed.length, 100, &seen, problem, sizeof(problem)), -EBADMSG,
                     "%s", others[i]);
        cr_expect_str_eq(problem, "row 2 has no time in timestamp", "%s", others[i]);
    }
}
