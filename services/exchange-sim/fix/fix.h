/* SPDX-License-Identifier: Apache-2.0 */
/* FIX 4.4 in tag=value form: framing, parsing and building, without a dictionary and without allocation.
 *
 * Reading is two steps: fix_frame finds the next complete message in a stream of bytes, fix_parse takes it
 * apart. A parsed message only points into the bytes it came from. What is wrong is told as FIX wants it
 * answered: a garbled message is ignored, anything else is a session-level Reject(3) with
 * SessionRejectReason(373) and RefTagID(371). Bounds: a message has at most FIX_MESSAGE_MAX bytes and
 * FIX_FIELDS_MAX fields. Nothing here allocates, logs or reads a clock. */
#ifndef OXE_EXCHANGE_SIM_FIX_H
#define OXE_EXCHANGE_SIM_FIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/clock.h"
#include "common/decimal.h"
#include "proto/fix_tag.h"

enum {
    FIX_MESSAGE_MAX = 65536,
    FIX_FIELDS_MAX = 1024,
    FIX_BODY_MAX = 1536,  /* bytes of the body of a message built here */
    FIX_HEADER_MAX = 320, /* bytes that fix_build adds around a body, at most */
    FIX_COMP_ID_MAX = 33, /* with NUL */
    FIX_ID_MAX = 47,      /* of an order or a request */
    FIX_TIME_MAX = 24,    /* with NUL: 20260102-03:04:05.678 */
};

#define FIX_SOH '\x01'

/* SessionRejectReason(373). */
enum fix_reject_reason {
#define FIX_REASON(name, code, sentence) FIX_REASON_##name = (code),
#include "services/exchange-sim/fix/fix_reasons.def"
};

/* Values of one letter and of numbers: SIDE_BUY, EXEC_TRADE … */
enum fix_named_value {
#define FIX_VALUE(field, name, value) field##_##name = (value),
#include "proto/fix_values.def"
};

struct fix_text {
    const char *text; /* not NUL-terminated */
    size_t length;
};

struct fix_field {
    uint32_t tag;
    uint32_t length;
    const char *value;
};

struct fix_message {
    struct fix_text bytes;
    struct fix_text type;
    struct fix_text sender;
    struct fix_text target;
    struct instant sending_time, orig_sending_time;
    uint64_t seq; /* 0 also when absent or not a number */
    bool poss_dup;
    bool poss_resend;
    size_t body_begin; /* index of the first field that is not the header's */
    size_t field_count;
    struct fix_field fields[FIX_FIELDS_MAX]; /* without the trailer */
};

enum fix_frame {
    FIX_FRAME_MORE,    /* no complete message yet */
    FIX_FRAME_MESSAGE, /* *ret_length bytes are one message */
    FIX_FRAME_GARBAGE, /* *ret_length bytes are not a message: skip them */
};

/* Looks at the beginning of a stream. BodyLength(9) decides where a message ends; a message that does not end
 * in 10=ddd there, and one longer than FIX_MESSAGE_MAX, is garbage up to the next "8=FIX". *ret_length is at
 * least 1 unless the answer is MORE. */
enum fix_frame fix_frame(const char *bytes, size_t length, size_t *ret_length);

enum fix_fault_kind {
    FIX_VALID,
    FIX_GARBLED,     /* ignore it: framing, BodyLength, CheckSum, MsgType not third */
    FIX_BAD_VERSION, /* sound, but BeginString is not FIX.4.4 */
    FIX_FAULTY,      /* answer with Reject(3): reason and tag say which */
    FIX_INCOMPLETE,  /* answer with BusinessMessageReject(j), 380=5: such an order needs the field of tag */
};

struct fix_fault {
    enum fix_fault_kind kind;
    enum fix_reject_reason reason;
    uint32_t tag;     /* 0: none in particular */
    const char *text; /* a constant sentence; NULL when VALID */
};

/* Takes one framed message apart. The header is filled in as far as it could be read also when the message is
 * FAULTY, the body only up to the fault. */
struct fix_fault fix_parse(const char *bytes, size_t length, struct fix_message *ret_message);

/* The fault of that kind, with the standard's sentence for it. */
struct fix_fault fix_faulty(enum fix_reject_reason reason, uint32_t tag);

/* SendingTime(52) is at most so far from now, either way; 0: it is not compared. */
struct fix_fault fix_check_time(const struct fix_message *message, struct instant now, int64_t skew_max_us);

/* What a value is, and as what it is read. */
enum fix_kind {
    FIX_KIND_TEXT,    /* struct fix_text */
    FIX_KIND_ID,      /* struct fix_text, of at most FIX_ID_MAX bytes */
    FIX_KIND_NUMBER,  /* uint64_t */
    FIX_KIND_BOOL,    /* bool */
    FIX_KIND_ENUM,    /* char: one of `values` */
    FIX_KIND_DECIMAL, /* struct decimal: positive */
    FIX_KIND_TIME,    /* struct instant */
};
/* Reads a field's value, or tells the fault that it is. ret_value NULL: it is only checked. */
struct fix_fault fix_read(const struct fix_field *field, enum fix_kind kind, const char *values,
                          void *ret_value);

/* The first body field with this tag, or NULL. */
const struct fix_field *fix_find(const struct fix_message *message, uint32_t tag);

/* The sum of the bytes modulo 256, as CheckSum(10) has it. */
unsigned fix_check_sum(const char *bytes, size_t length);

bool fix_text_equals(struct fix_text text, const char *other);
static inline struct fix_text fix_text_of(const char *text)
{
    return (struct fix_text){text, strlen(text)};
}

/* Values. Each returns 0 or -EINVAL (not of the type), -ERANGE (too large; decimals: more than 8 digits after
 * the point too). */
int fix_value_u64(const char *text, size_t length, uint64_t *ret_value);
int fix_value_decimal(const char *text, size_t length, struct decimal *ret_value);
int fix_value_bool(const char *text, size_t length, bool *ret_value);
/* UTCTimestamp: YYYYMMDD-HH:MM:SS with 0, 3, 6 or 9 further digits. */
int fix_value_time(const char *text, size_t length, struct instant *ret_value);

/* YYYYMMDD-HH:MM:SS.sss; returns its length (21). */
size_t fix_time_format(struct instant instant, char buffer[static FIX_TIME_MAX]);

/* The body of a message under construction. Too much sets `overflow`, and later appends do nothing. */
struct fix_body {
    size_t length;
    bool overflow;
    char bytes[FIX_BODY_MAX];
};

static inline void fix_body_clear(struct fix_body *body)
{
    body->length = 0;
    body->overflow = false;
}
/* Bytes below 0x20 in text become '?', so that nothing can forge a field. */
void fix_put_text(struct fix_body *body, uint32_t tag, const char *text, size_t length);
void fix_put_string(struct fix_body *body, uint32_t tag, const char *text);
void fix_put_char(struct fix_body *body, uint32_t tag, char value);
void fix_put_u64(struct fix_body *body, uint32_t tag, uint64_t value);
/* A text of a letter and a number: E17. */
void fix_put_numbered(struct fix_body *body, uint32_t tag, char letter, uint64_t value);
void fix_put_decimal(struct fix_body *body, uint32_t tag, struct decimal value);
void fix_put_time(struct fix_body *body, uint32_t tag, struct instant value);

/* The body of a session-level Reject(3) of `message`. */
void fix_build_reject(const struct fix_message *message, const struct fix_fault *fault,
                      struct fix_body *ret_body);

struct fix_header {
    const char *type; /* NUL-terminated */
    const char *sender;
    const char *target;
    uint64_t seq;
    struct instant sending_time;
    bool poss_dup;
    struct instant orig_sending_time; /* written when poss_dup */
};

/* Writes the whole message to `out`, which has room for body_length + FIX_HEADER_MAX bytes. Returns its
 * length. */
size_t fix_build(const struct fix_header *header, const char *body, size_t body_length, char *out);

#endif
