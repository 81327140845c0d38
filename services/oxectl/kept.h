/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of a log that were kept elsewhere: a file with one signed note after another, as `audit heads
 * --note >>FILE` leaves them, from the smallest to the largest. Each function says on standard error what is
 * wrong, and returns 0 or an exit status. */
#ifndef OXE_OXECTL_KEPT_H
#define OXE_OXECTL_KEPT_H

#include "services/oxectl/tlog.h"

struct kept {
    const struct args *args;
    const char *path;
    struct buffer text;
    size_t at; /* in the text, of what comes behind `checkpoint` */
    bool has;  /* false: there is none, or none any more */
    struct checkpoint checkpoint;
};

/* path NULL: there are none. Reads the first. */
int kept_open(const struct args *args, const char *path, struct kept *ret_kept);
void kept_release(struct kept *kept);
/* Goes on to the next. */
int kept_next(struct kept *kept);
/* That the checkpoint is one of the log with this name. */
int kept_check_origin(const struct kept *kept, const char *origin);

#endif
