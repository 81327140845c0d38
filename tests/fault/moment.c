/* SPDX-License-Identifier: Apache-2.0 */
/* See moment.h. */
#include "tests/fault/moment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* After the system's headers, which define what it would define again. */
#include <linux/ptrace.h>

#include "common/cleanup.h"
#include "common/clock.h"

enum {
    THREADS_MAX = 64,
    LOOKED_AT_MAX = 65536,
    VECTORS_MAX = 16,
    TRACE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE
};

struct thread {
    pid_t id;
    bool in_call, stopped;
    uint64_t number, arguments[6]; /* of the call under way */
};

struct tracer {
    pid_t pid;
    struct moment moment;
    struct thread threads[THREADS_MAX];
    size_t thread_count;
    char bytes[LOOKED_AT_MAX];
};

static struct thread *find_thread(struct tracer *tracer, pid_t id)
{
    for (size_t i = 0; i < tracer->thread_count; i++)
        if (tracer->threads[i].id == id)
            return &tracer->threads[i];
    if (tracer->thread_count == THREADS_MAX)
        return NULL;
    tracer->threads[tracer->thread_count] = (struct thread){.id = id};
    return &tracer->threads[tracer->thread_count++];
}

static size_t read_memory(struct tracer *tracer, uint64_t address, size_t length, void *to)
{
    struct iovec here = {.iov_base = to, .iov_len = length};
    struct iovec there = {.iov_base = (void *)(uintptr_t)address, .iov_len = length}; /* NOLINT: not ours */
    ssize_t got = process_vm_readv(tracer->pid, &here, 1, &there, 1, 0);
    return got < 0 ? 0 : (size_t)got;
}

/* How often the bytes are there; once is enough where not each counts. */
static unsigned count_bytes(struct tracer *tracer, uint64_t address, size_t length)
{
    const struct moment *moment = &tracer->moment;
    size_t got = read_memory(tracer, address, length < LOOKED_AT_MAX ? length : LOOKED_AT_MAX, tracer->bytes);
    const char *at = tracer->bytes, *end = tracer->bytes + got;
    unsigned count = 0;

    while ((count == 0 || moment->each) &&
           (at = memmem(at, (size_t)(end - at), moment->bytes, moment->length)) != NULL) {
        count++;
        at++;
    }
    return count;
}

static unsigned count_in_vectors(struct tracer *tracer, uint64_t address, size_t count)
{
    struct iovec vectors[VECTORS_MAX];
    size_t got = read_memory(tracer, address,
                             (count < VECTORS_MAX ? count : VECTORS_MAX) * sizeof(vectors[0]), vectors);
    unsigned found = 0;
    for (size_t i = 0; i < got / sizeof(vectors[0]); i++)
        found += count_bytes(tracer, (uint64_t)(uintptr_t)vectors[i].iov_base, vectors[i].iov_len);
    return found > 0 && !tracer->moment.each ? 1 : found;
}

static unsigned count_sent(struct tracer *tracer, const struct thread *thread)
{
    struct msghdr message;

    switch (thread->number) {
    case SYS_sendto:
        return count_bytes(tracer, thread->arguments[1], thread->arguments[2]);
    case SYS_writev:
        return count_in_vectors(tracer, thread->arguments[1], thread->arguments[2]);
    case SYS_sendmsg:
        return read_memory(tracer, thread->arguments[1], sizeof(message), &message) != sizeof(message)
                   ? 0
                   : count_in_vectors(tracer, (uint64_t)(uintptr_t)message.msg_iov, message.msg_iovlen);
    default:
        return 0;
    }
}

/* How often the moment comes by in this call. */
static unsigned count_at_entry(struct tracer *tracer, const struct thread *thread)
{
    bool writes = thread->number == SYS_write || thread->number == SYS_pwrite64;

    switch (tracer->moment.call) {
    case MOMENT_BEFORE_SEND:
    case MOMENT_AFTER_SEND:
        return count_sent(tracer, thread);
    case MOMENT_BEFORE_WRITE:
    case MOMENT_AFTER_WRITE:
        return writes ? count_bytes(tracer, thread->arguments[1], thread->arguments[2]) : 0;
    case MOMENT_BEFORE_SYNC:
    case MOMENT_AFTER_SYNC:
        return thread->number == SYS_fdatasync || thread->number == SYS_fsync;
    default:
        return 0;
    }
}

static unsigned count_moments(struct tracer *tracer, struct thread *thread)
{
    struct ptrace_syscall_info info;
    bool before = tracer->moment.call == MOMENT_BEFORE_SEND || tracer->moment.call == MOMENT_BEFORE_WRITE ||
                  tracer->moment.call == MOMENT_BEFORE_SYNC;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->id, sizeof(info), &info) <= 0)
        return 0;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        thread->in_call = true;
        thread->number = info.entry.nr;
        memcpy(thread->arguments, info.entry.args, sizeof(thread->arguments));
        return before ? count_at_entry(tracer, thread) : 0;
    }
    if (info.op != PTRACE_SYSCALL_INFO_EXIT || !thread->in_call)
        return 0;
    thread->in_call = false;
    if (tracer->moment.call == MOMENT_RECEIVED)
        return (thread->number == SYS_recvfrom || thread->number == SYS_read) && info.exit.rval > 0
                   ? count_bytes(tracer, thread->arguments[1], (size_t)info.exit.rval)
                   : 0;
    return !before && !info.exit.is_error ? count_at_entry(tracer, thread) : 0;
}

static int seize_threads(struct tracer *tracer)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/task", tracer->pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -ESRCH;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        pid_t id = atoi(entry->d_name);
        if (id == 0 || ptrace(PTRACE_SEIZE, id, NULL, TRACE_OPTIONS) != 0)
            continue;
        (void)find_thread(tracer, id);
        (void)ptrace(PTRACE_INTERRUPT, id, NULL, NULL);
    }
    (void)closedir(folder);
    return tracer->thread_count > 0 ? 0 : -EPERM;
}

/* Lets a thread go on; the signal that stopped it, if one did, is delivered. */
static void go_on(struct thread *thread, int status)
{
    int signal_number = WSTOPSIG(status);
    bool delivers = status >> 16 == 0 && signal_number != (SIGTRAP | 0x80);

    (void)ptrace(PTRACE_SYSCALL, thread->id, NULL, delivers ? signal_number : 0);
}

/* Until the moment has come; the thread that is at it stays stopped. */
static int await_moment(struct tracer *tracer)
{
    unsigned left = tracer->moment.skip;

    for (;;) {
        int status;
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0)
            return -ESRCH;
        if (!WIFSTOPPED(status))
            continue;
        struct thread *thread = find_thread(tracer, id);
        if (thread == NULL)
            return -E2BIG;
        unsigned count = WSTOPSIG(status) == (SIGTRAP | 0x80) ? count_moments(tracer, thread) : 0;
        if (count > left) {
            thread->stopped = true;
            return 0;
        }
        left -= count;
        go_on(thread, status);
    }
}

static void stop_other_threads(struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->thread_count; i++) {
        struct thread *thread = &tracer->threads[i];
        int status;
        if (!thread->stopped && ptrace(PTRACE_INTERRUPT, thread->id, NULL, NULL) == 0)
            thread->stopped = waitpid(thread->id, &status, __WALL) == thread->id && WIFSTOPPED(status);
    }
}

/* The child: traces, acts, lets go. Its exit status is an errno. */
static int strike(struct tracer *tracer, moment_act *act, void *context, int out)
{
    int r = tracer->moment.call == MOMENT_NONE ? 0 : seize_threads(tracer);
    if (r == 0 && tracer->moment.call != MOMENT_NONE)
        r = await_moment(tracer);
    if (r != 0)
        return -r;
    stop_other_threads(tracer);
    int64_t at_us = clock_now().us;
    if (write(out, &at_us, sizeof(at_us)) != sizeof(at_us))
        return EIO;
    act(tracer->pid, context);
    for (size_t i = 0; i < tracer->thread_count; i++)
        (void)ptrace(PTRACE_DETACH, tracer->threads[i].id, NULL, NULL);
    return 0;
}

/* The child's result: 0 with the time, or -errno. */
static int await_strike(pid_t child, int in, int timeout_ms, int64_t *ret_at_us)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    int status;

    for (;;) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child)
            break;
        /* Once it has struck it takes as long as it takes. */
        if (*ret_at_us == 0 && read(in, ret_at_us, sizeof(*ret_at_us)) == sizeof(*ret_at_us))
            continue;
        if (*ret_at_us == 0 && clock_monotonic_us() > until_us) {
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            return -ETIME;
        }
        (void)usleep(1000);
    }
    if (*ret_at_us == 0)
        (void)!read(in, ret_at_us, sizeof(*ret_at_us));
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int moment_strike(pid_t pid, const struct moment *moment, moment_act *act, void *context, int timeout_ms,
                  int64_t *ret_at_us)
{
    static struct tracer tracer;
    int fds[2];

    *ret_at_us = 0;
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
        return -errno;
    tracer = (struct tracer){.pid = pid, .moment = *moment};
    pid_t child = fork();
    if (child == 0)
        _exit(strike(&tracer, act, context, fds[1]));
    int r = child < 0 ? -errno : await_strike(child, fds[0], timeout_ms, ret_at_us);
    (void)close(fds[0]);
    (void)close(fds[1]);
    return r;
}
