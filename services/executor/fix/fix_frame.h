/* SPDX-License-Identifier: Apache-2.0 */
/* FIX 4.4 as bytes: finding whole messages in a stream and walking their fields. Pure: no allocation, no
 * clock; it never reads beyond what it is given, and what it returns points into the caller's bytes.
 *
 * Errors: -EAGAIN more bytes are needed, -EBADMSG not FIX 4.4 or damaged, -EINVAL not a number. ret_
 * parameters are untouched on failure unless said otherwise. */
#ifndef OXE_EXECUTOR_FIX_FRAME_H
#define OXE_EXECUTOR_FIX_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/fix_tag.h"

enum {
    FIX_FRAME_MESSAGE_MAX = 1 << 20,             /* bytes of one message's body; a longer one is damage */
    FIX_FRAME_TYPE_MAX = 3,                      /* with NUL; MsgType(35) */
    FIX_FRAME_SEQ_MAX = INT32_MAX,               /* MsgSeqNum(34): the engine counts in int */
    FIX_FRAME_TAG_MAX = FIX_CXL_REJ_RESPONSE_TO, /* OXE reads no field with a higher tag */
};

struct fix_frame_span {
    const char *text; /* not closed by NUL; NULL where the field is absent */
    size_t length;
};

struct fix_frame_field {
    int tag;
    struct fix_frame_span value;
};

/* A message's fields by their tags. */
struct fix_frame_message {
    const char *bytes; /* the whole message; the caller's */
    size_t length;
    struct fix_frame_span field[FIX_FRAME_TAG_MAX + 1]; /* text is NULL where one is absent */
    char code; /* MsgType(35), as enum fix_type; NUL where it is longer than one letter */
    uint64_t seq;
};

static inline bool fix_frame_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Finds the first whole and undamaged message (length and checksum are verified): 0, its place in *ret_start
 * and *ret_end. -EAGAIN: none yet; bytes before *ret_start are of no use. -EBADMSG: damage; go on at
 * *ret_end. */
int fix_frame_find(const char *bytes, size_t length, size_t *ret_start, size_t *ret_end);

/* The next field at *cursor, which moves behind it. false at the end, or where no field can be read. */
bool fix_frame_next(const char **cursor, const char *end, struct fix_frame_field *ret_field);

/* Reads a message's fields; of a tag the first counts, as later ones stand inside repeating groups. -EBADMSG:
 * it does not say what every message must say of itself, type, number, sender, target and sending time; the
 * fields are read all the same. */
int fix_frame_read(const char *bytes, size_t length, struct fix_frame_message *ret_message);

/* Whether the field is Y. */
bool fix_frame_flag(const struct fix_frame_message *message, enum fix_tag tag);

/* Whether the span is exactly this text. */
bool fix_frame_is(struct fix_frame_span span, const char *text);

/* The value where it is one character, else NUL. */
char fix_frame_code(struct fix_frame_span span);

/* At most 18 digits, no sign. */
int fix_frame_number(struct fix_frame_span span, uint64_t *ret_number);

#endif
