/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/line_delay.h"

#include <string.h>

size_t line_delay_admit(struct line_delay *delay, size_t waiting, int64_t delay_us, int64_t now_us)
{
    size_t known = delay->ready;
    for (size_t i = 0; i < delay->count; i++)
        known += delay->parts[i].bytes;
    if (waiting > known) {
        delay->count += delay->count < LINE_DELAY_PARTS_MAX;
        size_t last = delay->count - 1;
        /* Nothing overtakes: a line that has become fast still has to empty itself. */
        int64_t before_us = last > 0 ? delay->parts[last - 1].due_us : now_us;
        int64_t due_us = now_us + delay_us > before_us ? now_us + delay_us : before_us;
        delay->parts[last].bytes += waiting - known;
        delay->parts[last].due_us = due_us;
    }
    size_t past = 0;
    while (past < delay->count && delay->parts[past].due_us <= now_us)
        delay->ready += delay->parts[past++].bytes;
    delay->count -= past;
    memmove(delay->parts, delay->parts + past, delay->count * sizeof(delay->parts[0]));
    memset(delay->parts + delay->count, 0, past * sizeof(delay->parts[0]));
    return delay->ready;
}

void line_delay_sent(struct line_delay *delay, size_t bytes)
{
    delay->ready -= bytes;
}

int64_t line_delay_due_us(const struct line_delay *delay)
{
    return delay->count > 0 ? delay->parts[0].due_us : INT64_MAX;
}
