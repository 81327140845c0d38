/* SPDX-License-Identifier: Apache-2.0 */
/* The 503 of each operation: the gateway without its database, without a validator, and with a loop that does
 * not turn. Whatever becomes of it, what it has taken away is given back. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "common/clock.h"
#include "tests/contract/answers.h"
#include "tests/contract/operations.h"

enum { WAIT_MS = 30000, POLL_MS = 50, GATEWAY_PROBE = 10, CALLS_MAX = 32 };

static void validator(const char *what)
{
    char path[1024];

    (void)snprintf(path, sizeof(path), "%s/service/validator", getenv("OXE_HOME"));
    AUTO_TEXT told = instance_run((const char *[]){"sv", "-w", "20", what, path, NULL}, NULL);
}

static void give_back(void)
{
    AUTO_TEXT done = instance_sql("ALTER ROLE oxe_trader LOGIN; ALTER ROLE oxe_compliance LOGIN");
    validator("up");
}

TestSuite(unavailable, .timeout = 120, .fini = give_back);

static const struct call ready = {.path = "/readyz"};

/* Asks until the answer has this status. url NULL: the public port. */
static void await_status(const struct call *call, long status)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;

    for (;;) {
        AUTO_REPLY reply = instance_call(call);
        if (reply.status == status)
            return;
        cr_assert(clock_monotonic_us() < end_us, "%s: %ld, not %ld: %s", call->path, reply.status, status,
                  reply.body.data);
        (void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
}

/* Each in a process of its own, for each waits until the gateway gives up. */
static pid_t ask_aside(const struct operation *operation, const char *token)
{
    char path[OPERATION_PATH_MAX];
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    struct call call = operation_call(operation, NULL, path);
    call.token = token;
    AUTO_REPLY reply = answers_call(operation->id, &call);
    _exit(reply.status == 503 ? 0 : 1);
}

/* Whether the operation needs the gateway's own access to the database. */
static bool reads_database(const struct operation *operation)
{
    return operation->who == TRADER || operation->who == COMPLIANCE ||
           strcmp(operation->id, "getCheckpoint") == 0 || strcmp(operation->id, "getTile") == 0 ||
           strcmp(operation->id, "getAuditStamp") == 0 || strcmp(operation->id, "listHalts") == 0 ||
           strcmp(operation->id, "listLanes") == 0 || strcmp(operation->id, "listOpenQuestions") == 0;
}

Test(unavailable, without_the_database_reads_and_unknown_traders_wait_in_vain)
{
    AUTO_TEXT trader = instance_trader("contract-unavailable", "1000", NULL);
    AUTO_TEXT compliance = instance_token("carla", "compliance");
    AUTO_TEXT operations_token = instance_token("olga", "operations");
    const char *const tokens[] = {NULL, trader, compliance, operations_token};
    pid_t pids[CALLS_MAX] = {0};
    int status;

    cr_assert_leq(operations_count, CALLS_MAX);
    AUTO_TEXT done = instance_sql("ALTER ROLE oxe_trader NOLOGIN; ALTER ROLE oxe_compliance NOLOGIN;"
                                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                  "WHERE usename IN ('oxe_trader', 'oxe_compliance')");
    await_status(&ready, 503);
    AUTO_REPLY not_ready = answers_call("ready", &ready);
    for (size_t i = 0; i < operations_count; i++) {
        if (reads_database(&operations[i]))
            pids[i] = ask_aside(&operations[i], tokens[operations[i].who]);
    }
    for (size_t i = 0; i < operations_count; i++) {
        if (pids[i] > 0)
            cr_expect(waitpid(pids[i], &status, 0) == pids[i] && status == 0, "%s", operations[i].id);
    }
    give_back();
    await_status(&ready, 200);
}

Test(unavailable, without_a_validator_nothing_is_decided)
{
    static const char *const ids[] = {"submitOrder", "previewOrder", "cancelOrder",
                                      "createHalt",  "liftHalt",     "resolveOrder"};
    AUTO_TEXT trader = instance_trader("contract-undecided", "1000", NULL);
    AUTO_TEXT operations_token = instance_token("olga", "operations");
    char path[OPERATION_PATH_MAX];

    validator("down");
    for (size_t i = 0; i < operations_count; i++) {
        struct call call = operation_call(&operations[i], NULL, path);
        call.token = operations[i].who == TRADER ? trader : operations_token;
        for (size_t d = 0; d < ARRAY_LEN(ids); d++) {
            if (strcmp(ids[d], operations[i].id) != 0)
                continue;
            AUTO_REPLY reply = answers_call(ids[d], &call);
            cr_expect_eq(reply.status, 503, "%s: %ld %s", ids[d], reply.status, reply.body.data);
        }
    }
    validator("up");
    await_status(&ready, 200);
}

/* The file is away, as an edit that goes wrong leaves it. */
Test(unavailable, without_its_file_the_policy_is_not_known)
{
    static const struct call policy = {.path = "/audit-policy"};
    char path[1024], away[1040];

    (void)snprintf(path, sizeof(path), "%s/keys/audit.policy", getenv("OXE_HOME"));
    (void)snprintf(away, sizeof(away), "%s.away", path);
    cr_assert_eq(rename(path, away), 0, "%m");
    AUTO_REPLY reply = answers_call("getAuditPolicy", &policy);
    cr_expect_eq(reply.status, 503, "%s", reply.body.data);
    cr_assert_eq(rename(away, path), 0, "%m");
    await_status(&policy, 200);
}

static pid_t gateway_pid(void)
{
    AUTO_TEXT processes = instance_processes();
    const char *line = strstr(processes, "gateway ");

    cr_assert_not_null(line, "%s", processes);
    return atoi(line + strlen("gateway "));
}

/* The first thread of the gateway, which is its loop, stands still; the one that answers probes goes on. */
Test(unavailable, a_loop_that_does_not_turn_is_not_alive)
{
    pid_t pid = gateway_pid();
    char probe[64];
    int status;

    (void)snprintf(probe, sizeof(probe), "http://127.0.0.1:%d", instance_port() + GATEWAY_PROBE);
    struct call live = {.url = probe, .path = "/healthz"};
    cr_assert_eq(ptrace(PTRACE_SEIZE, pid, NULL, NULL), 0, "%d: %m", pid);
    cr_assert_eq(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), 0, "%m");
    cr_assert_eq(waitpid(pid, &status, __WALL), pid);
    await_status(&live, 503);
    AUTO_REPLY dead = answers_call("live", &live);
    cr_assert_eq(ptrace(PTRACE_DETACH, pid, NULL, NULL), 0, "%m");
    await_status(&live, 200);
    await_status(&ready, 200);
}
