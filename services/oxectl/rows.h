/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an export of the audit log as it comes, in pieces of any size: CSV (RFC 4180), or lines of JSON.
 * Its first byte tells which. Pure, in constant memory.
 *
 * It takes only what an export writes: every column, once, nothing else; so no two files that differ in what
 * they say are read alike. */
#ifndef OXE_OXECTL_ROWS_H
#define OXE_OXECTL_ROWS_H

#include "proto/audit_columns.h"

struct rows;

/* Gets each row, with columns as audit_columns_read takes them. Not 0: reading ends with that. */
typedef int (*rows_sink)(void *context, const char *const columns[static AUDIT_COLUMNS]);

/* -ENOMEM. */
int rows_create(rows_sink sink, void *context, struct rows **ret_rows);
void rows_destroy(struct rows **rows);

/* 0; -EBADMSG: it is no export, rows_problem says why; or what the sink has returned. */
int rows_feed(struct rows *rows, const char *bytes, size_t length);
/* There is no more. -EBADMSG also when it ends within a row. */
int rows_end(struct rows *rows);

const char *rows_problem(const struct rows *rows);

#endif
