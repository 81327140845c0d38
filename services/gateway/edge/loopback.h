/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an address is this machine's own, and nobody else's way in: pure. */
#ifndef OXE_GATEWAY_LOOPBACK_H
#define OXE_GATEWAY_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>

/* authority: a host, with or without a port, as in Host or in an address to listen on: 127.0.0.0/8, [::1] or
 * localhost. A name that somebody else's server resolves to the loopback is none of these. */
bool loopback_is_named(const char *authority, size_t length);

#endif
