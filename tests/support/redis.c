/* SPDX-License-Identifier: Apache-2.0 */
/* A private redis-server for tests: see redis.h. */
#include "tests/support/redis.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/process.h"

enum { START_TIMEOUT_US = 20 * 1000 * 1000, POLL_MS = 5 };

struct redis {
    char directory[64];
    char socket_path[96];
    char log[96];
    char url[112];
    char password[64];
    pid_t pid; /* 0: not running */
};

static bool answers(const struct redis *redis)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", redis->socket_path);
    return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

int redis_resume(struct redis *redis)
{
    const char *const argv[] = {"/usr/bin/redis-server",
                                "--port",
                                "0",
                                "--unixsocket",
                                redis->socket_path,
                                "--save",
                                "",
                                "--appendonly",
                                "no",
                                "--dir",
                                redis->directory,
                                "--requirepass",
                                redis->password,
                                NULL};
    int64_t deadline_us = clock_monotonic_us() + START_TIMEOUT_US;

    pid_t pid = process_start(argv, NULL, redis->log, SIGKILL);
    if (pid < 0)
        return (int)pid;
    redis->pid = pid;
    while (!answers(redis)) {
        if (!process_is_running(pid))
            return -ECHILD;
        if (clock_monotonic_us() > deadline_us)
            return -ETIMEDOUT;
        (void)poll(NULL, 0, POLL_MS); /* the server tells nobody when it is ready */
    }
    return 0;
}

int redis_start(const char *password, struct redis **ret_redis)
{
    CLEANUP(redis_stop) struct redis *redis = calloc(1, sizeof(*redis));

    if (redis == NULL)
        return -ENOMEM;
    (void)snprintf(redis->directory, sizeof(redis->directory), "/tmp/oxe-redis-XXXXXX");
    if (mkdtemp(redis->directory) == NULL)
        return -errno;
    (void)snprintf(redis->socket_path, sizeof(redis->socket_path), "%s/socket", redis->directory);
    (void)snprintf(redis->log, sizeof(redis->log), "%s/log", redis->directory);
    (void)snprintf(redis->url, sizeof(redis->url), "unix://%s", redis->socket_path);
    (void)snprintf(redis->password, sizeof(redis->password), "%s", password != NULL ? password : "");
    int r = redis_resume(redis);
    if (r < 0)
        return r;
    *ret_redis = redis;
    redis = NULL;
    return 0;
}

void redis_kill(struct redis *redis)
{
    if (redis->pid <= 0)
        return;
    (void)kill(redis->pid, SIGKILL);
    (void)process_wait(redis->pid);
    redis->pid = 0;
}

void redis_stop(struct redis **redis)
{
    if (*redis == NULL)
        return;
    redis_kill(*redis);
    process_remove_tree((*redis)->directory);
    free(*redis);
    *redis = NULL;
}

const char *redis_url(const struct redis *redis)
{
    return redis->url;
}

pid_t redis_pid(const struct redis *redis)
{
    return redis->pid;
}
