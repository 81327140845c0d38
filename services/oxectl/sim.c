/* The simulated exchange's control port: one line there, JSON lines back (docs/exchange-sim.md). */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"

static int control_connect(const char *address, int *ret_fd)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    if (colon == NULL || (size_t)(colon - address) >= sizeof(host))
        return usage_error("OXE_SIM_CONTROL must be host:port, not '%s'", address);
    (void)snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int code = getaddrinfo(host, colon + 1, &hints, &found);
    if (code != 0)
        return trouble("%s: %s", address, gai_strerror(code));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0;
    int error = errno;
    freeaddrinfo(found);
    if (!connected) {
        if (fd >= 0)
            (void)close(fd);
        return trouble("the simulator's control port %s: %s", address, strerror(error));
    }
    *ret_fd = fd;
    return 0;
}

static int send_line(int fd, int argc, char **argv)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(4096);
    for (int i = 1; i < argc; i++) {
        if (i > 1)
            buffer_append_char(&line, ' ');
        buffer_append_text(&line, argv[i]);
    }
    buffer_append_char(&line, '\n');
    if (buffer_failed(&line) || memchr(line.data, '\n', line.length - 1) != NULL)
        return usage_error("sim: no such command");
    for (size_t done = 0; done < line.length;) {
        ssize_t sent = send(fd, line.data + done, line.length - done, MSG_NOSIGNAL);
        if (sent < 0)
            return trouble("the simulator's control port: %s", strerror(errno));
        done += (size_t)sent;
    }
    return 0;
}

int sim_command(const struct context *context, int argc, char **argv)
{
    if (argc < 2)
        return usage_error(
            "sim needs a command: executions, orders, sessions, book, price, cancel, end-day, fault or help");
    CLEANUP_CLOSE int fd = -1;
    int status = control_connect(context->sim_control, &fd);
    if (status == 0)
        status = send_line(fd, argc, argv);
    if (status != 0)
        return status;
    char bytes[65536];
    bool first = true, refused = false;
    ssize_t length;
    while ((length = read(fd, bytes, sizeof(bytes))) > 0) {
        if (first && length > 9 && memcmp(bytes, "{\"error\":", 9) == 0)
            refused = true;
        first = false;
        (void)fwrite(bytes, 1, (size_t)length, refused ? stderr : stdout);
    }
    if (length < 0)
        return trouble("the simulator's control port: %s", strerror(errno));
    return refused ? EXIT_REFUSED : 0;
}
