/* SPDX-License-Identifier: Apache-2.0 */
/* The schema in a test's database: every deploy file of migrations/sqitch.plan, in its order. */
#ifndef OXE_TESTS_SUPPORT_SCHEMA_H
#define OXE_TESTS_SUPPORT_SCHEMA_H

/* source_root: where migrations/ is. 0, -errno, or -EBADMSG
 * when PostgreSQL refuses (its words go to standard error). */
int schema_apply(const char *conninfo, const char *source_root);

#endif
