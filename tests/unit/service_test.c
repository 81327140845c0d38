/* SPDX-License-Identifier: Apache-2.0 */
/* The skeleton, as a process sees it: arguments, exit codes, signals, the probe port, and the end. */
#include "common/service.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { WAIT_MS = 10000 };

struct settings {
    struct service_config common;
    int64_t answer;
};

static const struct config_item items[] = {
    SERVICE_CONFIG_ITEMS(struct settings),
    {"OXE_T_ANSWER", CONFIG_INTEGER, offsetof(struct settings, answer), "42", 0, 100, "The answer", NULL},
};

static const char *check(const void *config)
{
    return ((const struct settings *)config)->answer == 13 ? "13 brings bad luck" : NULL;
}

/* Turns until it is told to stop, logs each reload, then fails when the answer is 7. */
static int run(struct service *service)
{
    const struct settings *settings = service->config;

    health_set(service->health, 0, HEALTH_OK, NULL);
    while (!service_stopping(service)) {
        struct pollfd item = {.fd = service->stop_fd, .events = POLLIN};
        service_beat(service);
        (void)poll(&item, 1, 1000);
        if (service_take_reload(service))
            LOG(&service->log, LOG_INFO, "reloaded");
    }
    struct pollfd item = {.fd = service->stop_fd, .events = POLLIN};
    /* Readable for ever. */
    for (int i = 0; i < 3; i++) {
        if (poll(&item, 1, 0) != 1)
            return -EIO;
    }
    return settings->answer == 7 ? -EPROTO : 0;
}

static const char *const checks[] = {"self"};
static const char *const end_names[] = {"good", "bad", NULL};
static const struct metric_def metrics[] = {
    {"oxe_turns_total", METRIC_COUNTER, "Turns by end.", "end", end_names},
};

static const struct service_class class = {
    .name = "tester",
    .summary = "turns until told to stop",
    .manual = "It is made for tests.",
    .config_items = items,
    .config_item_count = ARRAY_LEN(items),
    .config_size = sizeof(struct settings),
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .check = check,
    .run = run,
};

struct process {
    pid_t pid;
    int output; /* of both its output and its errors */
    char text[65536];
    size_t length;
};

/* Runs service_main in a process of its own. variables: NAME, value, …, NULL. */
static void start(struct process *process, const char *argument, const char *const *variables)
{
    char *argv[] = {"tester", (char *)argument, NULL};
    int ends[2];

    *process = (struct process){0};
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    process->pid = fork();
    cr_assert_geq(process->pid, 0);
    if (process->pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)dup2(ends[1], STDERR_FILENO);
        (void)setvbuf(stderr, NULL, _IONBF, 0);
        for (; *variables != NULL; variables += 2)
            (void)setenv(variables[0], variables[1], 1);
        _exit(service_main(argument != NULL ? 2 : 1, argv, &class));
    }
    (void)close(ends[1]);
    process->output = ends[0];
}

/* Reads until `wanted` has come; with NULL until the end. */
static bool read_until(struct process *process, const char *wanted)
{
    struct pollfd item = {.fd = process->output, .events = POLLIN};

    while (wanted == NULL || strstr(process->text, wanted) == NULL) {
        if (poll(&item, 1, WAIT_MS) != 1)
            return false;
        ssize_t length = read(process->output, process->text + process->length,
                              sizeof(process->text) - 1 - process->length);
        if (length <= 0)
            return wanted == NULL;
        process->length += (size_t)length;
    }
    return true;
}

static int finish(struct process *process)
{
    int status = 0;

    cr_expect(read_until(process, NULL), "it does not end");
    (void)kill(process->pid, SIGKILL);
    cr_assert_eq(waitpid(process->pid, &status, 0), process->pid);
    (void)close(process->output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *free_address(void)
{
    static char text[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", ntohs(address.sin_port));
    return text;
}

Test(service, arguments_decide_what_it_does_and_how_it_exits)
{
    static const struct {
        const char *argument;
        const char *variables[7];
        int exit_code;
        const char *text;
    } cases[] = {
        {"--help", {NULL}, 0, "OXE_T_ANSWER\n      The answer.\n      integer from 0 to 100; default 42"},
        {"--help", {NULL}, 0, "tester - turns until told to stop"},
        {"--help", {NULL}, 0, "It is made for tests."},
        {"-h", {NULL}, 0, "oxe-tester --check"},
        {"--version", {NULL}, 0, "tester " OXE_VERSION "\n"},
        {"--describe",
         {NULL},
         0,
         "{\"setting\":\"OXE_T_ANSWER\",\"type\":\"integer\",\"default\":\"42\",\"min\":0,\"max\":100,"
         "\"help\":\"The answer\"}\n"},
        {"--describe", {NULL}, 0, "{\"setting\":\"OXE_PROBE_LISTEN\",\"type\":\"text\",\"default\":null,"},
        {"--describe",
         {NULL},
         0,
         "\"type\":\"counter\",\"help\":\"Turns by end.\",\"labels\":{\"end\":[\"good\",\"bad\"]}}\n"},
        {"--describe", {NULL}, 0, "{\"check\":\"self\"}\n"},
        {"--nonsense",
         {NULL},
         64,
         "oxe-tester: unknown argument '--nonsense' ('oxe-tester --help' tells more)\n"},
        {"", {NULL}, 64, "unknown argument ''"},
        {"--check", {"OXE_PROBE_LISTEN", "127.0.0.1:1", NULL}, 0, ""},
        {"--check", {NULL}, 78, "OXE_PROBE_LISTEN: is required\n"},
        {NULL, {NULL}, 78, "OXE_PROBE_LISTEN: is required\n"},
        {"--check",
         {"OXE_PROBE_LISTEN", "127.0.0.1:1", "OXE_T_ANSWER", "101", NULL},
         78,
         "OXE_T_ANSWER: 101 is not"},
        {"--check",
         {"OXE_PROBE_LISTEN", "127.0.0.1:1", "OXE_LOG_LEVEL", "loud", NULL},
         78,
         "OXE_LOG_LEVEL: 'loud'"},
        {"--check",
         {"OXE_PROBE_LISTEN", "127.0.0.1:1", "OXE_T_ANSWER", "13", NULL},
         78,
         "tester: 13 brings bad luck"},
        {NULL,
         {"OXE_PROBE_LISTEN", "127.0.0.1:1", "OXE_T_ANSWER", "13", NULL},
         78,
         "tester: 13 brings bad luck"},
        {NULL, {"OXE_PROBE_LISTEN", "192.0.2.1:99", NULL}, 1, "\"event\":\"start_failed\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct process process;
        start(&process, cases[i].argument, cases[i].variables);
        int exit_code = finish(&process);
        cr_expect_eq(exit_code, cases[i].exit_code, "case %zu exits %d: %s", i, exit_code, process.text);
        cr_expect_not_null(strstr(process.text, cases[i].text), "case %zu says: %s", i, process.text);
    }
}

static void start_running(struct process *process, const char *address, const char *answer)
{
    const char *const variables[] = {
        "OXE_PROBE_LISTEN", address, "OXE_T_ANSWER", answer, "OXE_INSTANCE", "5", NULL};

    start(process, NULL, variables);
    cr_assert(read_until(process, "\"event\":\"service_started\""), "%s", process->text);
}

Test(service, sigterm_and_sigint_end_it_in_good_order)
{
    static const int signals[] = {SIGTERM, SIGINT};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct process process;
        start_running(&process, free_address(), "42");
        cr_assert_eq(kill(process.pid, signals[i]), 0);
        cr_expect_eq(finish(&process), 0, "%s", process.text);
        cr_expect_not_null(strstr(process.text, "\"instance\":\"5\",\"event\":\"service_stopped\"}"));
    }
}

Test(service, a_run_that_fails_exits_1_and_says_why)
{
    struct process process;

    start_running(&process, free_address(), "7");
    (void)kill(process.pid, SIGTERM);
    cr_expect_eq(finish(&process), 1);
    cr_expect_not_null(strstr(process.text, "\"event\":\"service_failed\",\"kind\":\"process_down\","
                                            "\"reason\":\"Protocol error\",\"next\":\"oxectl doctor\"}"));
}

Test(service, sighup_is_a_reload_each_time)
{
    struct process process;

    start_running(&process, free_address(), "42");
    for (int i = 0; i < 3; i++) {
        (void)kill(process.pid, SIGHUP);
        cr_assert(read_until(&process, "\"event\":\"reloaded\""), "reload %d", i);
        process.length = 0;
        memset(process.text, 0, sizeof(process.text));
    }
    (void)kill(process.pid, SIGTERM);
    cr_expect_eq(finish(&process), 0);
}

Test(service, sigpipe_does_not_end_it)
{
    struct process process;

    start_running(&process, free_address(), "42");
    (void)kill(process.pid, SIGPIPE);
    (void)kill(process.pid, SIGHUP);
    cr_expect(read_until(&process, "\"event\":\"reloaded\""));
    (void)kill(process.pid, SIGTERM);
    cr_expect_eq(finish(&process), 0);
}

Test(service, the_probe_port_answers_while_it_runs)
{
    const char *address = free_address();
    struct sockaddr_in peer = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(strchr(address, ':') + 1)),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char request[] = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    struct process process;
    char answer[4096] = "";
    size_t length = 0;
    ssize_t count;

    start_running(&process, address, "42");
    (void)kill(process.pid, SIGHUP);
    cr_assert(read_until(&process, "\"event\":\"reloaded\""), "its loop turns");
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&peer, sizeof(peer)), 0);
    cr_assert_eq(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL), (ssize_t)sizeof(request) - 1);
    while ((count = recv(fd, answer + length, sizeof(answer) - 1 - length, 0)) > 0)
        length += (size_t)count;
    answer[length] = '\0';
    cr_expect_eq(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0, "%s", answer);
    cr_expect_not_null(
        strstr(answer, "{\"status\":\"ok\",\"service\":\"tester\",\"version\":\"" OXE_VERSION "\","));
    (void)kill(process.pid, SIGTERM);
    cr_expect_eq(finish(&process), 0);
}
