/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/deadline.h"

#include <assert.h>

void deadline_arrive(struct envelope *envelope, struct instant now, int64_t waited_max_us)
{
    int64_t waited_us = now.us - envelope->sent_at.us;
    int64_t budget_us = envelope->deadline.us - envelope->sent_at.us;

    assert(waited_max_us >= 0);
    if (waited_us > waited_max_us)
        waited_us = waited_max_us;
    if (waited_us < 0)
        waited_us = 0;
    envelope->sent_at.us = now.us - waited_us;
    if (envelope->deadline.us == 0)
        return;
    envelope->deadline.us = envelope->sent_at.us + budget_us;
    if (envelope->deadline.us < 1)
        envelope->deadline.us = 1; /* 0 would be none */
}

struct instant deadline_until(const struct envelope *envelope, struct instant now, int64_t kept_ms)
{
    return envelope->deadline.us != 0 ? envelope->deadline : (struct instant){now.us + kept_ms * 1000};
}

bool deadline_has_passed(const struct envelope *envelope, struct instant now)
{
    return envelope->deadline.us != 0 && envelope->deadline.us <= now.us;
}
