/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/statement.h"

int statement_run(struct executor *executor, enum statement statement, const PGresult **ret_result)
{
    int r = db_run(executor->db, statement, &executor->args, EXECUTOR_DB_TIMEOUT_MS, ret_result);
    db_args_clear(&executor->args);
    return r;
}

size_t statement_send(struct executor *executor, enum statement statement)
{
    int r = db_send(executor->db, statement, &executor->args);
    db_args_clear(&executor->args);
    return r < 0 ? 0 : (size_t)r;
}

size_t statement_add_rows(struct executor *executor, const struct schema_record *record, const void *first,
                          size_t stride, size_t count, bool (*includes)(const void *item))
{
    size_t rows = row_add_columns(&executor->args, record, first, stride, count, includes);
    if (rows == 0)
        db_args_clear(&executor->args);
    return rows;
}

int statement_read_rows(const PGresult *result, const struct schema_record *record, void *array,
                        size_t stride, size_t *ret_count)
{
    struct row_reader reader;
    int r = row_reader_open(result, record, &reader);
    for (int row = 0; r == 0 && row < PQntuples(result); row++)
        r = row_read(&reader, row, (char *)array + stride * (*ret_count)++);
    return r;
}
