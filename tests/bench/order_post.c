/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/order_post.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { REQUEST_MAX = ORDER_POST_TOKEN_MAX + ORDER_POST_BODY_MAX + 512 };

int order_post_connect(uint16_t port)
{
    int one = 1;
    /* A listener that is frozen takes no more at some point: then the next try is soon enough. */
    struct timeval connect_time = {.tv_usec = 200000};
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &connect_time, sizeof(connect_time)) != 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
        return -errno;
    int taken = fd;
    fd = -1;
    return taken;
}

int order_post_send(int fd, const char *token, const char *key, const char *body)
{
    char request[REQUEST_MAX];
    int length = snprintf(request, sizeof(request),
                          "POST /api/v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                          "Idempotency-Key: %s\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          token, key, strlen(body), body);

    return send(fd, request, (size_t)length, MSG_NOSIGNAL) == length ? 0 : -EPIPE;
}

int order_post_read(int fd, char reply[static ORDER_POST_REPLY_MAX], size_t *received)
{
    ssize_t got = read(fd, reply + *received, ORDER_POST_REPLY_MAX - 1 - *received);

    if (got <= 0)
        return -ECONNRESET;
    *received += (size_t)got;
    reply[*received] = '\0';
    const char *end = strstr(reply, "\r\n\r\n");
    const char *length = end == NULL ? NULL : strcasestr(reply, "\r\ncontent-length:");
    if (length == NULL || length > end)
        return 0;
    size_t whole = (size_t)(end + 4 - reply) + strtoul(length + 17, NULL, 10);
    return *received >= whole ? atoi(reply + 9) : 0;
}

const char *order_post_text(const char *reply, const char *member, size_t *ret_length)
{
    const char *text = strstr(reply, member);

    *ret_length = 1;
    if (text == NULL)
        return "-";
    text += strlen(member);
    *ret_length = strcspn(text, "\"");
    return text;
}
