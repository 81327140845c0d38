/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes of tests: started as another user when need be, ended with their parent, never left behind.
 */
#ifndef OXE_TESTS_SUPPORT_PROCESS_H
#define OXE_TESTS_SUPPORT_PROCESS_H

#include <sys/types.h>

/* Starts argv[0] (a path) with its output appended to log_path. user: a name to run as, NULL for our own.
 * death_signal is sent when the thread that started it ends. Returns the pid or -errno. */
pid_t process_start(const char *const *argv, const char *user, const char *log_path, int death_signal);

/* Waits for its end. Returns the exit status, 128 + the signal's number, or -errno. */
int process_wait(pid_t pid);

/* Whether it still runs; one that has ended is waited for. */
int process_is_running(pid_t pid);

/* Removes a directory and all that is in it. */
void process_remove_tree(const char *path);

#endif
