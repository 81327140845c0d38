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

enum {
    FIX_FRAME_MESSAGE_MAX = 1 << 20, /* bytes of one message's body; a longer one is damage */
    FIX_FRAME_TYPE_MAX = 3,          /* with NUL; MsgType(35) */
    FIX_FRAME_SEQ_MAX = INT32_MAX,   /* MsgSeqNum(34): the engine counts in int */
};

struct fix_frame_span {
    const char *text; /* not closed by NUL; NULL where the field is absent */
    size_t length;
};

struct fix_frame_field {
    int tag;
    struct fix_frame_span value;
};

struct fix_frame_header {
    char type[FIX_FRAME_TYPE_MAX];
    char code; /* the type, as enum fix_type; NUL where it is longer than one letter */
    uint64_t seq;
    bool possible_duplicate; /* PossDupFlag(43) */
    bool possible_resend;    /* PossResend(97) */
};

/* Finds the first whole and undamaged message (length and checksum are verified): 0, its place in *ret_start
 * and *ret_end. -EAGAIN: none yet; bytes before *ret_start are of no use. -EBADMSG: damage; go on at
 * *ret_end. */
int fix_frame_find(const char *bytes, size_t length, size_t *ret_start, size_t *ret_end);

/* The next field at *cursor, which moves behind it. false at the end, or where no field can be read. */
bool fix_frame_next(const char **cursor, const char *end, struct fix_frame_field *ret_field);

/* The first field of that tag; false: none. */
bool fix_frame_get(const char *bytes, size_t length, int tag, struct fix_frame_span *ret_value);

/* What every message must say of itself: type, number, sender, target and sending time. -EBADMSG. */
int fix_frame_read_header(const char *bytes, size_t length, struct fix_frame_header *ret_header);

/* Whether the span is exactly this text. */
bool fix_frame_is(struct fix_frame_span span, const char *text);

/* The value where it is one character, else NUL. */
char fix_frame_code(struct fix_frame_span span);

/* At most 18 digits, no sign. */
int fix_frame_number(struct fix_frame_span span, uint64_t *ret_number);

#endif
