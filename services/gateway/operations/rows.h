/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a result as JSON objects, by a const table of their columns. */
#ifndef OXE_GATEWAY_ROWS_H
#define OXE_GATEWAY_ROWS_H

#include "services/gateway/gateway.h"

/* How one column of a row becomes a member; `member` holds whatever stands before the value. NULL is null. */
struct column {
    const char *member;
    enum { COLUMN_NUMBER, COLUMN_TEXT, COLUMN_BOOL, COLUMN_INSTANT } kind;
};

/* One row, without the brace that ends it. */
void rows_render_row(struct buffer *out, const PGresult *result, int row, const struct column *columns,
                     int count);
/* "[{…},{…}]" of the first `rows` rows. */
void rows_render(struct buffer *out, const PGresult *result, int rows, const struct column *columns,
                 int count);
/* Answers 200 with {"member":[…]}. */
void rows_answer(struct request *request, const PGresult *result, const char *member,
                 const struct column *columns, int count);

#endif
