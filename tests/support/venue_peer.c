/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/venue_peer.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

void venue_peer_await_port(int port)
{
    struct sockaddr_in address = loopback(port);
    int64_t deadline = clock_monotonic_us() + INT64_C(1000) * VENUE_PEER_WAIT_MS;

    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int r = connect(fd, (struct sockaddr *)&address, sizeof address);

        (void)close(fd);
        if (r == 0)
            return;
        cr_assert_lt(clock_monotonic_us(), deadline, "nobody listens on port %d", port);
        (void)poll(NULL, 0, 20); /* a refused connection gives no event to wait for */
    }
}

pid_t venue_peer_start(const char *const *arguments, const char *const *environment)
{
    pid_t parent = getpid(), pid = fork();

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    for (; environment && *environment; environment++)
        (void)putenv((char *)(uintptr_t)*environment);
    if (!getenv("OXE_TEST_PEER_OUTPUT")) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
    }
    (void)execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

void venue_peer_stop(pid_t pid, int signal)
{
    cr_assert_eq(kill(pid, signal), 0);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static void collect(void *context, const struct venue_event *event)
{
    struct venue_peer_log *log = context;

    cr_assert_lt(log->count, VENUE_PEER_EVENTS_MAX);
    log->events[log->count++] = *event;
}

static void drain_within(struct venue_peer_log *log, int milliseconds)
{
    struct pollfd ready = {.fd = log->ops->event_fd(log->venue), .events = POLLIN};

    if (poll(&ready, 1, milliseconds) > 0)
        (void)log->ops->drain(log->venue, 1000, collect, log);
}

static void show(const struct venue_peer_log *log, size_t from)
{
    for (size_t i = from; i < log->count && i < from + 20; i++)
        (void)fprintf(stderr, "event %zu: type %d lane %d in_seq %llu text '%s'\n", i,
                      (int)log->events[i].type, log->events[i].lane,
                      (unsigned long long)log->events[i].in_seq, log->events[i].text);
}

size_t venue_peer_await(struct venue_peer_log *log, size_t from, enum venue_event_type type,
                        const struct uuid *order_id)
{
    int64_t deadline = clock_monotonic_us() + INT64_C(1000) * VENUE_PEER_WAIT_MS;

    for (size_t i = from;; i++) {
        while (i >= log->count) {
            if (clock_monotonic_us() >= deadline) {
                show(log, from);
                cr_assert_fail("no event of type %d came", (int)type);
            }
            drain_within(log, 100);
        }
        if (log->events[i].type == type &&
            (!order_id || (log->events[i].known && uuid_compare(log->events[i].order_id, *order_id) == 0)))
            return i;
    }
}

void venue_peer_listen(struct venue_peer_log *log, int milliseconds)
{
    int64_t deadline = clock_monotonic_us() + INT64_C(1000) * milliseconds;

    while (clock_monotonic_us() < deadline)
        drain_within(log, (int)((deadline - clock_monotonic_us()) / 1000) + 1);
}

size_t venue_peer_count(const struct venue_peer_log *log, size_t from, enum venue_event_type type)
{
    size_t count = 0;

    for (size_t i = from; i < log->count; i++)
        count += log->events[i].type == type;
    return count;
}

struct uuid venue_peer_id(void)
{
    static struct uuid_source source;

    return uuid_next(&source, clock_now());
}

struct decimal venue_peer_decimal(const char *text)
{
    struct decimal value;

    cr_assert_eq(decimal_parse(text, strlen(text), &value), 0, "%s", text);
    return value;
}

struct venue_order venue_peer_order(const char *symbol, enum side side, enum order_type type,
                                    const char *quantity, const char *price)
{
    struct venue_order order = {
        .order_id = venue_peer_id(),
        .side = side,
        .order_type = type,
        .time_in_force = TIME_IN_FORCE_DAY,
        .quantity = venue_peer_decimal(quantity),
        .price = venue_peer_decimal(price),
    };

    (void)snprintf(order.symbol, sizeof order.symbol, "%s", symbol);
    return order;
}
