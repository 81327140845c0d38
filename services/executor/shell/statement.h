/* SPDX-License-Identifier: Apache-2.0 */
/* Statements with executor->args. Between two statements they are empty: whoever begins one only adds to
 * them. */
#ifndef OXE_EXECUTOR_STATEMENT_H
#define OXE_EXECUTOR_STATEMENT_H

#include "proto/row.h"
#include "services/executor/shell/state.h"

/* Runs one as a transaction of its own. Errors are db_run's. ret_result NULL: nobody wants its rows. */
int statement_run(struct executor *executor, enum statement statement, const PGresult **ret_result);
/* Adds one to the pipeline. Returns the result's index; what fails fails the whole pipeline, whose end says
 * so. */
size_t statement_send(struct executor *executor, enum statement statement);
/* Adds the columns that the record declares, of those of `count` structs at `first`, `stride` bytes apart,
 * that `includes` accepts (NULL: all). Returns how many they are; when none is, nothing is added. */
size_t statement_add_rows(struct executor *executor, const struct schema_record *record, const void *first,
                          size_t stride, size_t count, bool (*includes)(const void *item));
/* Reads each row of a result into the next item of an array, which has room for them. -EBADMSG */
#define STATEMENT_READ_ROWS(result, record, array, ret_count)                                                \
    statement_read_rows(result, record, array, sizeof((array)[0]), ret_count)
int statement_read_rows(const PGresult *result, const struct schema_record *record, void *array,
                        size_t stride, size_t *ret_count);

#endif
