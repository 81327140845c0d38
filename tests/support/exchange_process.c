/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/exchange_process.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { LISTEN_MS = 20000 };

int exchange_process_dial(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

void exchange_process_start(struct exchange_process *process)
{
    const char *argv[] = {getenv("OXE_EXCHANGE_SIM_BINARY"), NULL};
    cr_assert_not_null(argv[0], "OXE_EXCHANGE_SIM_BINARY names the binary");
    process->pid = process_start(argv, NULL, process->log_path, SIGKILL);
    cr_assert_gt(process->pid, 0);
    for (int waited = 0; waited < LISTEN_MS; waited += 20) {
        int fd = exchange_process_dial(process->port);
        if (fd >= 0) {
            (void)close(fd);
            return;
        }
        cr_assert(process_is_running(process->pid), "it ended; see %s", process->log_path);
        (void)poll(NULL, 0, 20);
    }
    cr_assert_fail("it does not listen");
}

void exchange_process_stop(struct exchange_process *process, int signal_number)
{
    if (process->pid <= 0)
        return;
    (void)kill(process->pid, signal_number);
    (void)process_wait(process->pid);
    process->pid = -1;
}

static void set_address(const char *name, int port)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", port);
    (void)setenv(name, text, 1);
}

void exchange_process_begin(struct exchange_process *process)
{
    char instruments[512];
    *process = (struct exchange_process){.folder = "/tmp/oxe-sim-XXXXXX", .pid = -1};
    cr_assert_not_null(mkdtemp(process->folder));
    (void)snprintf(process->log_path, sizeof(process->log_path), "%s/log", process->folder);
    (void)snprintf(process->data_path, sizeof(process->data_path), "%s/data", process->folder);
    (void)snprintf(instruments, sizeof(instruments), "%s/deploy/local/instruments.csv",
                   getenv("OXE_SOURCE_ROOT"));
    process->port = port_free_range(3);
    set_address("OXE_SIM_LISTEN", process->port);
    set_address("OXE_SIM_CONTROL_LISTEN", process->port + 1);
    set_address("OXE_PROBE_LISTEN", process->port + 2);
    (void)setenv("OXE_SIM_DATA", process->data_path, 1);
    (void)setenv("OXE_SIM_INSTRUMENTS", instruments, 1);
    (void)setenv("OXE_SIM_VOLATILITY_BP", "0", 1);
    (void)signal(SIGPIPE, SIG_IGN);
    exchange_process_start(process);
}

void exchange_process_end(struct exchange_process *process)
{
    exchange_process_stop(process, SIGKILL);
    process_remove_tree(process->folder);
}

char *exchange_process_ask(const struct exchange_process *process, const char *line, size_t *ret_lines)
{
    CLEANUP_CLOSE int fd = exchange_process_dial(process->port + 1);
    size_t length = 0, capacity = 1 << 16;
    char *text = malloc(capacity);
    cr_assert(fd >= 0 && text != NULL);
    cr_assert_eq(send(fd, line, strlen(line), 0), (ssize_t)strlen(line));
    for (ssize_t got; (got = recv(fd, text + length, capacity - length - 1, 0)) > 0;) {
        length += (size_t)got;
        if (capacity - length < 1024)
            text = realloc(text, capacity *= 2);
        cr_assert_not_null(text);
    }
    text[length] = '\0';
    *ret_lines = 0;
    for (size_t i = 0; i < length; i++)
        *ret_lines += text[i] == '\n';
    return text;
}
