/* SPDX-License-Identifier: Apache-2.0 */
/* The instance that the tests of this folder break: its processes, its database, its exchange.
 *
 * tests/e2e/with-instance.sh starts it and names it in the environment. One thread, one connection to the
 * database, made anew when it was lost. Texts that are returned are the caller's to free. */
#ifndef OXE_TESTS_FAULT_FLOOR_H
#define OXE_TESTS_FAULT_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libpq-fe.h>

struct floor {
    const char *home, *front_door, *build;
    int port;
    PGconn *database; /* NULL: not connected */
};

/* From the environment; ends the program with a message when it is not there. */
struct floor floor_open(void);
void floor_close(struct floor *floor);

/* Runs a program to its end with its output in HOME/fault.log;
 * its exit status, or -errno. argv ends with NULL. */
int floor_run(const char *const *argv, const struct floor *floor);

/* A process by the name of its service folder; 0 when it does not run at the moment. */
pid_t floor_pid(const struct floor *floor, const char *name);
/* Tells the supervisor: "down", "up". */
void floor_tell(const struct floor *floor, const char *what, const char *name);
/* Sends a signal to PostgreSQL's postmaster and all of its children. */
void floor_signal_database(const struct floor *floor, int signal_number);
/* Whether every process answers that it is ready. */
bool floor_is_ready(const struct floor *floor);

/* Rows in lines, columns separated by a blank; NULL when the database could not be asked. */
char *floor_sql(struct floor *floor, const char *statement);
char *floor_sql_with(struct floor *floor, const char *statement, const char *argument);
/* The same as a number; -1 when it could not be asked. */
long floor_count(struct floor *floor, const char *statement);

/* What the simulated exchange says to a command; NULL when it could not be asked. */
char *floor_ask_exchange(const struct floor *floor, const char *command);

#endif
