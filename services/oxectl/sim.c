/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange's control port: one line there, JSON lines back (docs/exchange-sim.md). */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/address.h"
#include "common/cleanup.h"

enum { FAULT_MAX = 320, STEP_MS = 30000 };

/* -1 after saying why in `fault`. timeout_ms bounds each step. */
static int control_open(const char *address, int timeout_ms, char fault[static FAULT_MAX])
{
    struct address parts;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000L};
    if (address_parse(address, &parts) < 0) {
        (void)snprintf(fault, FAULT_MAX, "OXE_SIM_CONTROL must be host:port, not '%.200s'", address);
        return -1;
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int code = getaddrinfo(parts.host, parts.port, &hints, &found);
    if (code != 0) {
        (void)snprintf(fault, FAULT_MAX, "%.200s: %s", address, gai_strerror(code));
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == 0 &&
                     setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
                     connect(fd, found->ai_addr, found->ai_addrlen) == 0;
    int error = errno;
    freeaddrinfo(found);
    if (connected)
        return fd;
    (void)snprintf(fault, FAULT_MAX, "the simulator's control port %.200s: %s", address, strerror(error));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* Sends the line; the answer's lines, or NULL after saying why in `fault`. */
static FILE *control_ask(const char *address, const char *line, int timeout_ms, char fault[static FAULT_MAX])
{
    CLEANUP_CLOSE int fd = control_open(address, timeout_ms, fault);
    FILE *file = NULL;
    if (fd < 0)
        return NULL;
    if (send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_MORE) != (ssize_t)strlen(line) ||
        send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
        (void)snprintf(fault, FAULT_MAX, "the simulator's control port: %s", strerror(errno));
    else if ((file = fdopen(fd, "r")) == NULL)
        (void)snprintf(fault, FAULT_MAX, "out of memory");
    else
        fd = -1; /* the file closes it */
    return file;
}

int sim_count_faults(const char *address, int timeout_ms, size_t *ret_count)
{
    char fault[FAULT_MAX];
    FILE *file = control_ask(address, "fault list", timeout_ms, fault);
    size_t count = 0;
    if (file == NULL)
        return -EIO;
    for (int c; (c = getc(file)) != EOF;)
        count += c == '\n';
    bool whole = ferror(file) == 0;
    (void)fclose(file);
    if (!whole)
        return -EIO;
    *ret_count = count;
    return 0;
}

int sim_open(const char *address, const char *line, FILE **ret_file)
{
    char fault[FAULT_MAX];
    *ret_file = control_ask(address, line, STEP_MS, fault);
    return *ret_file == NULL ? trouble("%s", fault) : 0;
}

/* {"error":"…"} alone in the answer. */
static int refused(const char *line)
{
    yajl_val answer = yajl_tree_parse(line, NULL, 0);
    int status = refuse("the simulator: %s", json_text(answer, "error"));
    yajl_tree_free(answer);
    return status;
}

static int print_answer(FILE *file)
{
    static const char error[] = "{\"error\":";
    CLEANUP_FREE char *line = NULL;
    size_t room = 0;
    bool first = true;
    for (ssize_t length; (length = getline(&line, &room, file)) > 0; first = false) {
        if (first && strncmp(line, error, strlen(error)) == 0)
            return refused(line);
        (void)fwrite(line, 1, (size_t)length, stdout);
    }
    return ferror(file) != 0 ? trouble("the simulator's control port: %s", strerror(errno)) : 0;
}

/* Sends the command's words but `sim`, and its operands. */
int sim_run(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(4096);
    FILE *file = NULL;
    buffer_append_text(&line, args->command->name + strlen("sim "));
    for (size_t i = 0; i < args->operand_count; i++)
        buffer_append_format(&line, " %s", args->operands[i]);
    if (buffer_failed(&line) || strchr(line.data, '\n') != NULL)
        return usage_error(args->command, "an argument is too long, or has a line end");
    int status = sim_open(context->sim_control, line.data, &file);
    if (status != 0)
        return status;
    status = print_answer(file);
    (void)fclose(file);
    return status;
}
