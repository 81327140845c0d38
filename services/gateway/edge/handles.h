/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for an answer from elsewhere: slot and generation, bounded, with deadlines. Pure: time
 * comes in, no request is touched.
 *
 * A handle names one parking of one slot for ever: an answer that comes after the request died, timed out or
 * was answered finds nothing. Handles are never 0. Deadlines are monotonic microseconds. */
#ifndef OXE_GATEWAY_PARKED_H
#define OXE_GATEWAY_PARKED_H

#include <stddef.h>
#include <stdint.h>

struct parked;

/* max: 1 to 1,000,000 slots. first_generation: random, so that an answer to this process's predecessor finds
 * nothing either. -ENOMEM, -EINVAL. */
int parked_create(size_t max, uint32_t first_generation, struct parked **ret_parked);
void parked_destroy(struct parked **parked);

/* `owner` is borrowed, not NULL. -ENOSPC: every slot is taken. */
int parked_add(struct parked *parked, void *owner, int64_t deadline_us, uint64_t *ret_handle);
/* The owner; NULL if the handle is stale. */
void *parked_find(const struct parked *parked, uint64_t handle);
/* Frees the slot; a stale handle does nothing. */
void parked_remove(struct parked *parked, uint64_t handle);

/* The owner whose deadline is first and not after now_us, or NULL. It stays until removed. */
void *parked_overdue(const struct parked *parked, int64_t now_us);

/* Calls visit for each owner, earliest deadline first. visit may remove that owner and no other. */
void parked_each(struct parked *parked, void (*visit)(void *owner, void *context), void *context);
size_t parked_count(const struct parked *parked);

#endif
