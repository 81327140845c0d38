/* SPDX-License-Identifier: Apache-2.0 */
/* Has checkpoints cosigned by the witnesses of the policy, and publishes each that has its quorum: what the
 * gateway shows at /checkpoint is the newest of those. Without a policy, or with 'quorum none', that is each
 * checkpoint at once.
 *
 * A thread of its own with its own database session asks all witnesses side by side: recording and signing
 * never wait for it, and no witness waits for another. Bounds: one question a witness at a time, 2 s for an
 * answer, 16 KiB of it, 1 s between a failure and the next try.
 *
 * A missing quorum degrades the check 'witnesses' after 10 s and a witness that contradicts the log at once;
 * both are alarms in the log (checkpoint_unwitnessed, witness_contradicts). Orders go on. */
#ifndef OXE_AUDIT_WRITER_COSIGNER_H
#define OXE_AUDIT_WRITER_COSIGNER_H

#include "common/service.h"

struct cosigner;

/* Starts the thread, at rest. -ENOMEM, -EINVAL: conninfo; -EAGAIN. */
int cosigner_create(struct service *service, const char *process, struct cosigner **ret_cosigner);
/* What waits to be published has a second for it. */
void cosigner_destroy(struct cosigner **cosigner);

/* Only the active audit-writer's works. */
void cosigner_set_active(struct cosigner *cosigner, bool active);
/* There may be a new checkpoint. */
void cosigner_expect(struct cosigner *cosigner);
/* Reads the policy anew. */
void cosigner_reload(struct cosigner *cosigner);

#endif
