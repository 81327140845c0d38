/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of TCP as settings write them: "host:port" or "[v6]:port", with a port from 1 to 65535. */
#ifndef OXE_COMMON_ADDRESS_H
#define OXE_COMMON_ADDRESS_H

enum { ADDRESS_HOST_MAX = 256, ADDRESS_PORT_MAX = 6 }; /* with NUL */

struct address {
    char host[ADDRESS_HOST_MAX]; /* without brackets */
    char port[ADDRESS_PORT_MAX];
};

/* -EINVAL */
int address_parse(const char *text, struct address *ret_address);
/* What is wrong with it, for a setting's check; NULL when nothing is. */
const char *address_check(const char *text);

/* A listening socket, which does not block and is closed on exec. receive_buffer is that of its connections
 * in bytes; 0 leaves it to the system. -EINVAL, -EADDRNOTAVAIL (no such host), or what the system says. */
int address_listen(const char *text, int backlog, int receive_buffer);

#endif
