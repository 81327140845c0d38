/* SPDX-License-Identifier: Apache-2.0 */
/* A real oxe-exchange-sim on free loopback ports, in a folder of its own. Prices stand still. Whatever cannot
 * be set up fails the running Criterion test. OXE_EXCHANGE_SIM_BINARY names the binary, OXE_SOURCE_ROOT the
 * sources. */
#ifndef OXE_TESTS_SUPPORT_EXCHANGE_PROCESS_H
#define OXE_TESTS_SUPPORT_EXCHANGE_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct exchange_process {
    char folder[64], log_path[80], data_path[80];
    int port;  /* FIX; control and probe are the next two */
    pid_t pid; /* -1: not running */
};

/* Makes the folder and starts. */
void exchange_process_begin(struct exchange_process *process);
/* Kills it and removes the folder. */
void exchange_process_end(struct exchange_process *process);

/* Waits until it listens. */
void exchange_process_start(struct exchange_process *process);
/* Sends the signal and waits for the end; nothing when it does not run. */
void exchange_process_stop(struct exchange_process *process, int signal_number);

/* A connection to a loopback port, or -1. */
int exchange_process_dial(int port);

/* What the control port answers to a line; the caller frees it. */
char *exchange_process_ask(const struct exchange_process *process, const char *line, size_t *ret_lines);

#endif
