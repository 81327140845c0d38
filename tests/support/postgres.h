/* SPDX-License-Identifier: Apache-2.0 */
/* A private PostgreSQL for tests: its own data directory under /tmp, reached through a unix socket only,
 * fsync off. As root it runs as the user postgres. It ends with the thread that started it. */
#ifndef OXE_TESTS_SUPPORT_POSTGRES_H
#define OXE_TESTS_SUPPORT_POSTGRES_H

struct postgres;

/* Takes a second or two. -ETIMEDOUT or -ECHILD when it does
 * not come up (its log is copied to standard error). */
int postgres_start(struct postgres **ret_postgres);
/* Ends it and removes its files; accepts NULL inside. */
void postgres_stop(struct postgres **postgres);

/* Ends it as a crash would, without a checkpoint or a word to its clients. postgres_resume starts it again.
 */
void postgres_crash(struct postgres *postgres);
int postgres_resume(struct postgres *postgres);

/* Of the superuser and the database postgres; holds until postgres_stop. */
const char *postgres_conninfo(const struct postgres *postgres);

#endif
