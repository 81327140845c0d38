/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint (C2SP tlog-checkpoint): which log, how many entries, the root over them. It is the text of a
 * signed note. */
#ifndef OXE_PROTO_CHECKPOINT_H
#define OXE_PROTO_CHECKPOINT_H

#include "common/buffer.h"
#include "proto/merkle.h"
#include "proto/note.h"

struct checkpoint {
    char origin[NOTE_NAME_MAX]; /* also the name of the log's key */
    uint64_t size;              /* below 2^63 */
    uint8_t root[MERKLE_HASH_BYTES];
};

/* Appends the three lines. */
void checkpoint_append(const struct checkpoint *checkpoint, struct buffer *out);
/* Of a note's text. Lines after the third are passed over; signatures cover them. -EBADMSG. */
int checkpoint_parse(const char *text, size_t length, struct checkpoint *ret_checkpoint);

/* A decimal number below 2^63, with no leading zero. -EBADMSG. */
int checkpoint_parse_size(const char *text, size_t length, uint64_t *ret_size);

#endif
