/* SPDX-License-Identifier: Apache-2.0 */
/* Free loopback ports for the servers that a test starts.
 *
 * Below the range from which the system gives ports to clients (32768 on), so that no connection of anybody
 * takes one between the choice and the server's bind; at random, so that tests side by side seldom meet. */
#ifndef OXE_TESTS_SUPPORT_PORT_H
#define OXE_TESTS_SUPPORT_PORT_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_FIRST = 10000, PORT_LAST = 32000 };

static inline bool port_is_free(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

    (void)close(fd);
    return is_free;
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
        while (good < count && port_is_free(first + good))
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
