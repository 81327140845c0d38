/* SPDX-License-Identifier: Apache-2.0 */
/* Exports from anybody's hand, and the proofs beside them: read in one piece or in two, they say the same;
 * and what rows say is checked without harm. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/log_range.h"
#include "services/oxectl/range_check.h"
#include "services/oxectl/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct said {
    uint64_t rows, sum;
    struct range_check check;
};

static int on_row(void *context, const char *const columns[static AUDIT_COLUMNS])
{
    struct said *said = context;

    said->rows++;
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        for (const char *at = columns[i]; at != NULL && *at != '\0'; at++)
            said->sum = said->sum * 31 + (uint8_t)*at + i;
    }
    (void)range_check_row(&said->check, columns);
    return 0;
}

static int read_rows(const char *bytes, size_t length, size_t first, struct said *ret_said)
{
    const struct merkle empty = {0};
    CLEANUP(rows_destroy) struct rows *rows = NULL;

    *ret_said = (struct said){0};
    range_check_begin(&ret_said->check, &empty);
    int r = rows_create(on_row, ret_said, &rows);
    assert(r == 0);
    r = rows_feed(rows, bytes, first);
    if (r == 0)
        r = rows_feed(rows, bytes + first, length - first);
    if (r == 0)
        r = rows_end(rows);
    assert(r == 0 || rows_problem(rows)[0] != '\0');
    return r;
}

static void try_range(const char *text, size_t length)
{
    CLEANUP(buffer_release) struct buffer again = BUFFER_INIT(0);
    const struct checkpoint checkpoint = {.origin = "log", .size = 300};
    static struct log_range range;
    struct instant instant;

    if (log_range_parse(text, length, &range) < 0)
        return;
    log_range_append(&range, &again);
    assert(again.length == length && memcmp(again.data, text, length) == 0);
    (void)log_range_check(&range, &range.before, &checkpoint);
    (void)log_range_recorded(&range.lower, &instant);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct said whole, parts;
    size_t first = size > 0 ? data[size / 2] % size : 0;

    try_range((const char *)data, size);
    int r = read_rows((const char *)data, size, size, &whole);
    assert(read_rows((const char *)data, size, first, &parts) == r);
    assert(parts.rows == whole.rows && parts.sum == whole.sum);
    return 0;
}
