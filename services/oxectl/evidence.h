/* SPDX-License-Identifier: Apache-2.0 */
/* An export as a file, and the proof beside it that it is a whole run of the log's entries. */
#ifndef OXE_OXECTL_EVIDENCE_H
#define OXE_OXECTL_EVIDENCE_H

#include "services/oxectl/log_check.h"

struct evidence {
    const char *path;      /* of the export; must not exist */
    const char *from, *to; /* recorded then or later, and before then; NULL: any */
    const char *query;     /* path and query of the export; NULL: a table of the range */
    bool neighbours;       /* the proof shows what the run lies between */
    struct log_range proof;
};

/* Writes both, on disk when it returns, and read back and verified. What it wrote is gone again when it
 * fails; of what is killed a file ending in .part may stay, which the next one overwrites. 0, or an exit
 * status after saying why; `proof` without its checkpoint is what was proved. */
int evidence_write(const struct context *context, const struct args *args, struct evidence *evidence);

#endif
