/* SPDX-License-Identifier: Apache-2.0 */
/* What commands share that ask PostgreSQL, as oxe_operations: the role of OXE_DATABASE. Each function returns
 * 0 or an exit status, having said why. */
#ifndef OXE_OXECTL_DATABASE_H
#define OXE_OXECTL_DATABASE_H

#include "common/cleanup.h"
#include "common/db.h"
#include "services/oxectl/oxectl.h"

/* NULL, or what is wrong. statements are borrowed for the life of the connection, which is the caller's to
 * db_destroy even then: it has the text. */
const char *database_connect(const char *conninfo, const struct db_statement *statements, size_t count,
                             int timeout_ms, struct db **ret_db);
/* The same of the context's database. */
int database_open(const struct context *context, const struct db_statement *statements, size_t count,
                  struct db **ret_db);
int database_run(struct db *db, size_t statement, const struct db_args *args, const PGresult **ret_result);
/* One that may take longer than a person waits. */
int database_run_within(struct db *db, size_t statement, const struct db_args *args, int timeout_ms,
                        const PGresult **ret_result);
/* Names who changes something and why, for the audit log, by set_actor.sql. Without --actor it is OXE_ACTOR,
 * or whoever runs oxectl where that is a person's account; root and oxe are nobody, and are refused, but
 * where OXE_DEVELOPMENT_KEYS makes anybody olga of operations. Without --reason none is given. */
int database_set_actor(struct db *db, size_t statement, const struct args *args);
/* The one value of a result, a JSON array; the caller's to yajl_tree_free. */
int database_rows(const PGresult *result, yajl_val *ret_rows);
/* It as it is, or as a table. */
int database_print(const PGresult *result, bool json, const struct column *columns, size_t column_count);

#endif
