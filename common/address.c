/* SPDX-License-Identifier: Apache-2.0 */
#include "common/address.h"

#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"

int address_parse(const char *text, struct address *ret_address)
{
    const char *colon = strrchr(text, ':'), *host = text;
    struct address address = {0};

    if (colon == NULL)
        return -EINVAL;
    size_t length = (size_t)(colon - text), digits = strlen(colon + 1);
    if (digits >= sizeof(address.port) || strspn(colon + 1, "0123456789") != digits || atoi(colon + 1) < 1 ||
        atoi(colon + 1) > UINT16_MAX)
        return -EINVAL;
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    if (length == 0 || length >= sizeof(address.host))
        return -EINVAL;
    memcpy(address.host, host, length);
    memcpy(address.port, colon + 1, digits);
    *ret_address = address;
    return 0;
}

const char *address_check(const char *text)
{
    struct address address;

    return address_parse(text, &address) < 0 ? "must be address:port with a port from 1 to 65535" : NULL;
}

int address_listen(const char *text, int backlog, int receive_buffer)
{
    static const struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *found;
    struct address address;
    int one = 1;

    int r = address_parse(text, &address);
    if (r < 0)
        return r;
    if (getaddrinfo(address.host, address.port, &hints, &found) != 0)
        return -EADDRNOTAVAIL;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        (receive_buffer > 0 &&
         setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer)) < 0) ||
        bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, backlog) < 0) {
        r = -errno;
        cleanup_close(&fd);
        fd = r;
    }
    freeaddrinfo(found);
    return fd;
}
