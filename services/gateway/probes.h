/* SPDX-License-Identifier: Apache-2.0 */
/* What every process of the suite says of itself: GET /readyz of their probe ports, asked every two seconds
 * by a thread of its own, and remembered.
 *
 * Which they are is a list of NAME=HOST:PORT, or the absolute path of a file with one such entry a line, read
 * before each round. A host with several addresses stands for as many processes. Entries and processes past
 * PROBES_MAX are left out; a process that does not answer within a second is unreachable. */
#ifndef OXE_GATEWAY_PROBES_H
#define OXE_GATEWAY_PROBES_H

#include "common/buffer.h"
#include "common/config.h"

enum { PROBES_MAX = 64 };

struct probes;

/* list is borrowed. -ENOMEM, -EAGAIN. */
int probes_create(const struct config_list *list, struct probes **ret_probes);
/* Waits for the round under way, which may be the resolver's time. */
void probes_destroy(struct probes **probes);

/* Appends the array of schema ServiceHealth: the round that ended last, or none. */
void probes_render(struct probes *probes, struct buffer *out);

/* NULL, or what is wrong with the list. */
const char *probes_check(const struct config_list *list);

#endif
