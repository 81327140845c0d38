/* SPDX-License-Identifier: Apache-2.0 */
/* A table of handles: slot and generation, bounded, with deadlines. Pure: time comes in, no owner is touched.
 *
 * What waits for an answer from elsewhere (a parked request, an export, a WebSocket) has a handle. It names
 * one stay in one slot for ever: an answer that comes after its owner died, timed out or was answered finds
 * nothing. Handles are never 0. Deadlines are monotonic microseconds. */
#ifndef OXE_GATEWAY_HANDLES_H
#define OXE_GATEWAY_HANDLES_H

#include <stddef.h>
#include <stdint.h>

struct handles;

/* max: 1 to 1,000,000 slots. first_generation: random, so that an answer to this process's predecessor finds
 * nothing either. -ENOMEM, -EINVAL. */
int handles_create(size_t max, uint32_t first_generation, struct handles **ret_handles);
void handles_destroy(struct handles **handles);

/* `owner` is borrowed, not NULL. -ENOSPC: every slot is taken. */
int handles_add(struct handles *handles, void *owner, int64_t deadline_us, uint64_t *ret_handle);
/* The owner; NULL if the handle is stale. */
void *handles_find(const struct handles *handles, uint64_t handle);
/* Frees the slot; a stale handle does nothing. */
void handles_remove(struct handles *handles, uint64_t handle);

/* The owner whose deadline is first and not after now_us, or NULL. It stays until removed. */
void *handles_overdue(const struct handles *handles, int64_t now_us);

/* Calls visit for each owner, earliest deadline first. visit may remove that owner and no other. */
void handles_each(struct handles *handles, void (*visit)(void *owner, void *context), void *context);
size_t handles_count(const struct handles *handles);

#endif
