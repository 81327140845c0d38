/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that may leave only some time after they were queued: a line that is slow.
 *
 * Pure. The connection keeps the bytes; this remembers how many came when. Past LINE_DELAY_PARTS_MAX parts
 * the last ones are taken together and leave with the latest. */
#ifndef OXE_EXCHANGE_SIM_LINE_DELAY_H
#define OXE_EXCHANGE_SIM_LINE_DELAY_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_DELAY_PARTS_MAX = 128 };

struct line_delay {
    size_t ready; /* bytes that may leave and have not yet */
    size_t count;
    struct {
        size_t bytes;
        int64_t due_us;
    } parts[LINE_DELAY_PARTS_MAX]; /* oldest first */
};

/* `waiting` bytes are queued in all; what is new among them is due after delay_us. Returns how many may leave
 * now, from the front. */
size_t line_delay_admit(struct line_delay *delay, size_t waiting, int64_t delay_us, int64_t now_us);
/* So many have left. */
void line_delay_sent(struct line_delay *delay, size_t bytes);
/* When the next may leave; INT64_MAX: nothing waits. */
int64_t line_delay_due_us(const struct line_delay *delay);

#endif
