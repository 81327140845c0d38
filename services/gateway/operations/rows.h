/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a result as JSON objects. The statement declares them: members have the names of its columns, in
 * their order. NULL is null, a number is a number whatever its size, a boolean true or false, and an int8
 * named timestamp or …_at an instant; everything else is a text. */
#ifndef OXE_GATEWAY_ROWS_H
#define OXE_GATEWAY_ROWS_H

#include "services/gateway/edge/request.h"

#include <libpq-fe.h>

/* The columns from first up to, not with, end of one row: "name":value,… */
void rows_append_members(struct buffer *out, const PGresult *result, int row, int first, int end);
/* "[{…},{…}]" of the first `rows` rows. */
void rows_render(struct buffer *out, const PGresult *result, int rows);
/* Of an operation whose answer is one list of rows: answers 200 with {"rows_member":[…]}. */
void rows_answer(struct request *request, const PGresult *const *results);

#endif
