/* SPDX-License-Identifier: Apache-2.0 */
/* What every process of the suite says of itself, asked every two seconds by a thread of its own, and
 * remembered (common/probe_round.h). A process that does not answer is unreachable. */
#ifndef OXE_GATEWAY_PROBES_H
#define OXE_GATEWAY_PROBES_H

#include "common/probe_round.h"

struct probes;

/* list is borrowed. -ENOMEM, -EAGAIN. */
int probes_create(const struct config_list *list, struct probes **ret_probes);
/* Waits for the round under way, which may be the resolver's time. */
void probes_destroy(struct probes **probes);

/* Appends the array of schema ServiceHealth: the round that ended last, or none. */
void probes_render(struct probes *probes, struct buffer *out);

#endif
