/* SPDX-License-Identifier: Apache-2.0 */
/* A private PostgreSQL for tests: see postgres.h. */
#include "tests/support/postgres.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/process.h"

#define BIN "/usr/lib/postgresql/15/bin/"

enum { START_TIMEOUT_US = 60 * 1000 * 1000, POLL_MS = 10 };

struct postgres {
    char directory[64];
    char data[96];
    char log[96];
    char conninfo[160];
    const char *user; /* NULL: our own */
    pid_t pid;        /* 0: not running */
};

static void show_log(const struct postgres *postgres)
{
    char bytes[4096];
    size_t length;
    FILE *log = fopen(postgres->log, "r");

    while (log != NULL && (length = fread(bytes, 1, sizeof(bytes), log)) > 0)
        (void)fwrite(bytes, 1, length, stderr);
    if (log != NULL)
        (void)fclose(log);
}

static int make_directory(struct postgres *postgres)
{
    (void)snprintf(postgres->directory, sizeof(postgres->directory), "/tmp/oxe-pg-XXXXXX");
    if (mkdtemp(postgres->directory) == NULL)
        return -errno;
    (void)snprintf(postgres->data, sizeof(postgres->data), "%s/data", postgres->directory);
    (void)snprintf(postgres->log, sizeof(postgres->log), "%s/log", postgres->directory);
    (void)snprintf(postgres->conninfo, sizeof(postgres->conninfo), "host=%s user=postgres dbname=postgres",
                   postgres->directory);
    if (geteuid() != 0)
        return 0;
    postgres->user = "postgres";
    const struct passwd *entry = getpwnam(postgres->user);
    if (entry == NULL)
        return -ENOENT;
    return chown(postgres->directory, entry->pw_uid, entry->pw_gid) == 0 ? 0 : -errno;
}

static int initialise(const struct postgres *postgres)
{
    const char *const argv[] = {
        BIN "initdb", "--pgdata",   postgres->data, "--username", "postgres", "--auth", "trust",
        "--no-sync",  "--encoding", "UTF8",         "--locale",   "C.UTF-8",  NULL};
    pid_t pid = process_start(argv, postgres->user, postgres->log, SIGKILL);

    if (pid < 0)
        return (int)pid;
    return process_wait(pid) == 0 ? 0 : -ECHILD;
}

static int await_ready(const struct postgres *postgres)
{
    int64_t deadline_us = clock_monotonic_us() + START_TIMEOUT_US;

    while (PQping(postgres->conninfo) != PQPING_OK) {
        if (!process_is_running(postgres->pid))
            return -ECHILD;
        if (clock_monotonic_us() > deadline_us)
            return -ETIMEDOUT;
        (void)poll(NULL, 0, POLL_MS); /* the server tells nobody when it is ready */
    }
    return 0;
}

int postgres_resume(struct postgres *postgres)
{
    const char *const argv[] = {
        BIN "postgres",        "-D", postgres->data,      "-k", postgres->directory,  "-c",
        "listen_addresses=",   "-c", "fsync=off",         "-c", "max_connections=50", "-c",
        "shared_buffers=32MB", "-c", "max_wal_senders=1", "-c", "wal_level=replica",  NULL};
    pid_t pid = process_start(argv, postgres->user, postgres->log, SIGQUIT);

    if (pid < 0)
        return (int)pid;
    postgres->pid = pid;
    int r = await_ready(postgres);
    if (r < 0)
        show_log(postgres);
    return r;
}

void postgres_crash(struct postgres *postgres)
{
    if (postgres->pid <= 0)
        return;
    (void)kill(postgres->pid, SIGQUIT);
    (void)process_wait(postgres->pid);
    postgres->pid = 0;
}

int postgres_start(struct postgres **ret_postgres)
{
    CLEANUP(postgres_stop) struct postgres *postgres = calloc(1, sizeof(*postgres));

    if (postgres == NULL)
        return -ENOMEM;
    int r = make_directory(postgres);
    if (r == 0)
        r = initialise(postgres);
    if (r < 0)
        show_log(postgres);
    if (r == 0)
        r = postgres_resume(postgres);
    if (r < 0)
        return r;
    *ret_postgres = postgres;
    postgres = NULL;
    return 0;
}

void postgres_stop(struct postgres **postgres)
{
    if (*postgres == NULL)
        return;
    postgres_crash(*postgres);
    process_remove_tree((*postgres)->directory);
    free(*postgres);
    *postgres = NULL;
}

const char *postgres_conninfo(const struct postgres *postgres)
{
    return postgres->conninfo;
}
