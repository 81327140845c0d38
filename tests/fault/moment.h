/* SPDX-License-Identifier: Apache-2.0 */
/* Acts on a process at one moment of an order's life: between two of its system calls, found with ptrace.
 *
 * A moment is a system call that carries certain bytes (what is received, what is about to be sent or has
 * just been sent), so it means the same in every run and needs nothing built into the services. While the act
 * runs, every thread of the process stands still at that call.
 *
 * Linux on x86-64 and arm64; the caller may trace the process (root, or the same user). */
#ifndef OXE_TESTS_FAULT_MOMENT_H
#define OXE_TESTS_FAULT_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum moment_call {
    MOMENT_NONE,        /* any moment: at once */
    MOMENT_RECEIVED,    /* read, recvfrom have returned the bytes */
    MOMENT_BEFORE_SEND, /* sendto, sendmsg, writev with the bytes are about to begin */
    MOMENT_AFTER_SEND,
    MOMENT_BEFORE_WRITE, /* write, pwrite64 */
    MOMENT_AFTER_WRITE,
    MOMENT_BEFORE_SYNC, /* fsync, fdatasync; no bytes */
    MOMENT_AFTER_SYNC,
};

struct moment {
    enum moment_call call;
    const char *bytes;
    size_t length;
    unsigned skip; /* so many calls pass by first */
    bool each;     /* so many occurrences of the bytes, of which a call may carry several */
};

/* What to do at the moment, with the time of it (µs since 1970). Runs in a child process. */
typedef void moment_act(pid_t pid, void *context);

/* Waits up to timeout_ms for the moment and acts. Returns 0 and when it was; -ETIME: it did not come;
 * -ESRCH: no such process, or it ended by itself; other -errno. Does not return before the act has. */
int moment_strike(pid_t pid, const struct moment *moment, moment_act *act, void *context, int timeout_ms,
                  int64_t *ret_at_us);

#endif
