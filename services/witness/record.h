/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness remembers: of each log the last checkpoint that it has cosigned. Pure: text and struct.
 *
 *     oxe-witness/1 COUNT
 *     SIZE ROOT ORIGIN        one line a log: the root in base64
 *
 * The count shows a file that was cut off at the end of a line. */
#ifndef OXE_WITNESS_RECORD_H
#define OXE_WITNESS_RECORD_H

#include "services/witness/add_checkpoint.h"

enum { RECORD_TEXT_MAX = 16 * 1024 };

struct record {
    struct add_seen logs[ADD_LOGS_MAX];
    size_t count;
};

/* -EBADMSG: *ret_line is wrong, *ret_why says how. */
int record_parse(const char *text, size_t length, struct record *ret_record, size_t *ret_line,
                 const char **ret_why);
void record_append(const struct record *record, struct buffer *out);

/* NULL: nothing of this log was cosigned. */
const struct add_seen *record_find(const struct record *record, const char *origin);
/* -ENOBUFS: it would be one log too many. */
int record_set(struct record *record, const struct checkpoint *checkpoint);

#endif
