/* SPDX-License-Identifier: Apache-2.0 */
/* Free loopback ports for the servers that a test starts.
 *
 * Below the range from which the system gives ports to clients (32768 on), so that no connection of anybody
 * takes one between the choice and the server's bind, and below those of whole instances
 * (deploy/local/ports.sh). Tests side by side do not meet: a process keeps a port reserved, by an abstract
 * socket of its name, until it ends. */
#ifndef OXE_TESTS_SUPPORT_PORT_H
#define OXE_TESTS_SUPPORT_PORT_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT_FIRST = 10000, PORT_LAST = 20000 };

static inline bool port_is_free(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

    (void)close(fd);
    return is_free;
}

/* Nobody else is given it, until this process ends. */
static inline bool port_reserve(int port)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int length = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "oxe-port-%d", port);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&name,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
        return true;
    (void)close(fd);
    return false;
}

/* Whether somebody listens there. */
static inline bool port_answers(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

    (void)close(fd);
    return answers;
}

/* The first of `count` free neighbours. */
static inline int port_free_range(int count)
{
    for (int attempt = 0; attempt < 1000; attempt++) {
        uint32_t random = 0;
        int good = 0;

        if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
            continue;
        int first = PORT_FIRST + (int)(random % (PORT_LAST - PORT_FIRST));
        /* Reserved first: to ask whether another's port is free would keep its server from it. */
        while (good < count && port_reserve(first + good) && port_is_free(first + good))
            good++;
        if (good == count)
            return first;
    }
    assert(!"no free port");
    return -1;
}

static inline int port_free(void)
{
    return port_free_range(1);
}

#endif
