/* SPDX-License-Identifier: Apache-2.0 */
/* Signs a checkpoint over what has been recorded, at most a second after it was; publishing is the gateway's.
 *
 * What contradicts itself is never signed: a log that was changed, cut or rolled back behind the back of this
 * process makes the check 'checkpoints' fail and the log say why, until somebody has mended it. Recording
 * goes on. A key that cannot be read is tried again, and at each SIGHUP. */
#ifndef OXE_AUDIT_WRITER_SEALER_H
#define OXE_AUDIT_WRITER_SEALER_H

#include "common/service.h"

struct sealer;

/* -ENOMEM, -EINVAL: conninfo. */
int sealer_create(struct service *service, const char *process, struct sealer **ret_sealer);
void sealer_destroy(struct sealer **sealer);

/* There is something to be signed, or it is not known (after taking over). */
void sealer_expect(struct sealer *sealer);
/* When sealer_run is due, monotonic; INT64_MAX: not before the next sealer_expect. */
int64_t sealer_due_us(const struct sealer *sealer);
/* Signs what is there. Only the active audit-writer may; epoch is its own. */
void sealer_run(struct sealer *sealer, int64_t epoch);
/* Reads the keys anew before the next signature. */
void sealer_reload(struct sealer *sealer);

#endif
