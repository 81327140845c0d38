/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 64 };

/* The host of "host", "host:port", "[v6]" or "[v6]:port". False: it is none of these. */
static bool read_host(const char *authority, size_t length, char host[static HOST_MAX])
{
    bool bracketed = length > 0 && authority[0] == '[';
    const char *end = memchr(authority, bracketed ? ']' : ':', length);
    size_t host_length = end == NULL ? length : (size_t)(end - authority);
    size_t rest = end == NULL ? length : host_length + bracketed;

    if (host_length >= HOST_MAX || memchr(authority, '\0', length) != NULL || (bracketed && end == NULL) ||
        (rest < length && authority[rest] != ':'))
        return false;
    for (size_t i = rest + 1; i < length; i++) {
        if (authority[i] < '0' || authority[i] > '9')
            return false;
    }
    memcpy(host, authority + bracketed, host_length - bracketed);
    host[host_length - bracketed] = '\0';
    return true;
}

bool loopback_is_named(const char *authority, size_t length)
{
    char host[HOST_MAX];
    struct in_addr v4;
    struct in6_addr v6;

    if (!read_host(authority, length, host))
        return false;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return strcasecmp(host, "localhost") == 0;
}
