/* SPDX-License-Identifier: Apache-2.0 */
/* Has the newest published checkpoint stamped once each day (UTC) by the authority of OXE_AUDIT_TSA (RFC
 * 3161), and keeps the answer. Without an authority it does nothing.
 *
 * A thread of its own with its own database session: nothing waits for it. An answer has 10 s and 32 KiB; a
 * failure is tried again after a minute. A day without a stamp degrades the check 'time_stamps' after an
 * hour, an alarm in the log (checkpoint_unstamped). */
#ifndef OXE_AUDIT_WRITER_STAMPER_H
#define OXE_AUDIT_WRITER_STAMPER_H

#include "common/service.h"

struct stamper;

/* Starts the thread, at rest. -ENOMEM, -EINVAL: conninfo; -EAGAIN. */
int stamper_create(struct service *service, const char *process, struct stamper **ret_stamper);
void stamper_destroy(struct stamper **stamper);

/* Only the active audit-writer's works. */
void stamper_set_active(struct stamper *stamper, bool active);

#endif
