/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/fix/fix.h"

#include <assert.h>
#include <string.h>

#include "common/cleanup.h"

enum {
    TRAILER_LENGTH = 7,    /* 10=ddd and SOH */
    BEGIN_STRING_MAX = 16, /* bytes of BeginString that are looked at */
    BODY_LENGTH_DIGITS = 6,
    TAG_MAX = 99999,
    TAG_DEFINED_MAX = 956, /* FIX 4.4 defines no tag above … */
    TAG_USER_MIN = 5000,   /* … until those that users agree on */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the next message may begin, behind the first byte. Keeps a possible beginning that is cut off by the
 * end. */
static size_t resync(const char *bytes, size_t length)
{
    static const char start[] = "8=FIX";
    for (size_t i = 1; i < length; i++) {
        size_t rest = length - i;
        size_t compare = rest < sizeof(start) - 1 ? rest : sizeof(start) - 1;
        if (bytes[i] == '8' && memcmp(bytes + i, start, compare) == 0)
            return i;
    }
    return length;
}

/* Reads "8=…SOH9=ddd SOH". Returns 1 and where the body begins, 0 when more bytes are needed, -1 when it is
 * something else. */
static int read_preamble(const char *bytes, size_t length, size_t *ret_body, size_t *ret_body_length)
{
    static const char start[] = "8=FIX";
    size_t compare = length < sizeof(start) - 1 ? length : sizeof(start) - 1;
    if (memcmp(bytes, start, compare) != 0)
        return -1;
    size_t search = length < BEGIN_STRING_MAX ? length : BEGIN_STRING_MAX;
    const char *soh = memchr(bytes, FIX_SOH, search);
    if (soh == NULL)
        return length < BEGIN_STRING_MAX ? 0 : -1;
    if (memchr(bytes + 2, '=', (size_t)(soh - bytes) - 2) != NULL)
        return -1; /* a beginning that was cut off, and then another one */
    size_t at = (size_t)(soh - bytes) + 1;
    static const char body_length_tag[] = "9=";
    for (size_t i = 0; i < 2; i++, at++) {
        if (at == length)
            return 0;
        if (bytes[at] != body_length_tag[i])
            return -1;
    }
    size_t value = 0, digits = 0;
    for (; at < length && is_digit(bytes[at]) && digits < BODY_LENGTH_DIGITS; at++, digits++)
        value = value * 10 + (size_t)(bytes[at] - '0');
    if (at == length)
        return 0;
    if (digits == 0 || bytes[at] != FIX_SOH)
        return -1;
    *ret_body = at + 1;
    *ret_body_length = value;
    return 1;
}

/* Whether the TRAILER_LENGTH bytes behind a body are 10=ddd. */
static bool is_trailer(const char *bytes)
{
    return bytes[-1] == FIX_SOH && memcmp(bytes, "10=", 3) == 0 && is_digit(bytes[3]) && is_digit(bytes[4]) &&
           is_digit(bytes[5]) && bytes[6] == FIX_SOH;
}

enum fix_frame fix_frame(const char *bytes, size_t length, size_t *ret_length)
{
    if (length == 0)
        return FIX_FRAME_MORE;
    size_t body = 0, body_length = 0;
    int preamble = read_preamble(bytes, length, &body, &body_length);
    size_t total = body + body_length + TRAILER_LENGTH;
    bool may_be = preamble > 0 && total <= FIX_MESSAGE_MAX;
    if (preamble == 0 || (may_be && length < total))
        return FIX_FRAME_MORE;
    if (may_be && is_trailer(bytes + body + body_length)) {
        *ret_length = total;
        return FIX_FRAME_MESSAGE;
    }
    *ret_length = resync(bytes, length);
    return FIX_FRAME_GARBAGE;
}

unsigned fix_check_sum(const char *bytes, size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += (unsigned char)bytes[i];
    return sum & 0xff;
}

/* Where a field stands in a message. */
enum place { BODY, HEADER, TRAILER };

static enum place place_of(uint32_t tag)
{
    static const uint8_t places[] = {
#define FIX_TAG(name, tag, place) [tag] = place,
#include "proto/fix_tags.def"
    };
    return tag < ARRAY_LEN(places) ? (enum place)places[tag] : BODY;
}

/* The fields of the group Hops(627): they may be repeated. */
static bool is_hop_tag(uint32_t tag)
{
    return tag >= FIX_HOP_COMP_ID && tag <= FIX_HOP_REF_ID;
}

/* Values that may hold SOH: the data field must follow its length at once. */
static uint32_t data_tag_of(uint32_t length_tag)
{
    switch (length_tag) {
#define FIX_DATA(length, data)                                                                               \
    case length:                                                                                             \
        return data;
#include "proto/fix_data.def"
    default:
        return 0;
    }
}

struct reader {
    const char *at, *end; /* end: the trailer */
    uint32_t data_tag;    /* the next field must be this one … */
    uint64_t data_length; /* … of this length; 0 and 0 otherwise */
    uint32_t header_tags[32];
    size_t header_count;
    bool in_body, in_trailer;
    bool lost; /* where the next field begins cannot be told */
};

static const struct fix_fault valid = {.kind = FIX_VALID};

struct fix_fault fix_faulty(enum fix_reject_reason reason, uint32_t tag)
{
    static const char *const texts[] = {
#define FIX_REASON(name, code, sentence) [code] = sentence,
#include "services/exchange-sim/fix/fix_reasons.def"
    };
    assert((size_t)reason < ARRAY_LEN(texts) && texts[reason] != NULL);
    return (struct fix_fault){.kind = FIX_FAULTY, .reason = reason, .tag = tag, .text = texts[reason]};
}

static struct fix_fault garbled(const char *text)
{
    return (struct fix_fault){.kind = FIX_GARBLED, .text = text};
}

/* Reads "tag=". 0: there is none; the fields go on behind the next SOH. */
static uint32_t read_tag(struct reader *reader)
{
    uint32_t tag = 0;
    const char *at = reader->at;
    bool leading_zero = at < reader->end && *at == '0';
    for (; at < reader->end && is_digit(*at) && tag <= TAG_MAX; at++)
        tag = tag * 10 + (uint32_t)(*at - '0');
    if (!leading_zero && tag > 0 && tag <= TAG_MAX && at < reader->end && *at == '=') {
        reader->at = at + 1;
        return tag;
    }
    const char *soh = memchr(at, FIX_SOH, (size_t)(reader->end - at));
    reader->lost = soh == NULL;
    reader->at = soh == NULL ? reader->end : soh + 1;
    return 0;
}

static struct fix_fault read_data_length(struct reader *reader, const struct fix_field *field,
                                         uint32_t data_tag)
{
    if (fix_value_u64(field->value, field->length, &reader->data_length) < 0 || reader->data_length == 0)
        return fix_faulty(FIX_REASON_DATA_FORMAT, field->tag);
    reader->data_tag = data_tag;
    return valid;
}

/* A String has "any character or punctuation except the delimiter" (FIX 4.4, Volume 1, Data Types): control
 * characters are neither, and a NUL would end a text where it is kept. Only data may hold them. */
static bool is_text(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            return false;
    return true;
}

/* The next field; its tag is 0 where none could be read. */
static struct fix_fault read_field(struct reader *reader, struct fix_field *ret_field)
{
    uint32_t expected = reader->data_tag;
    *ret_field = (struct fix_field){.tag = read_tag(reader)};
    const char *at = reader->at, *value_end = NULL;
    reader->data_tag = 0;
    if (expected != 0) {
        if (ret_field->tag != expected || reader->data_length >= (uint64_t)(reader->end - at) ||
            at[reader->data_length] != FIX_SOH) {
            reader->lost = true;
            return (struct fix_fault){.kind = FIX_FAULTY,
                                      .reason = FIX_REASON_DATA_FORMAT,
                                      .tag = expected,
                                      .text = "Data field does not match its length"};
        }
        value_end = at + reader->data_length;
    } else if (ret_field->tag == 0) {
        return fix_faulty(FIX_REASON_INVALID_TAG, 0);
    } else {
        value_end = memchr(at, FIX_SOH, (size_t)(reader->end - at));
    }
    if (value_end == NULL) {
        reader->lost = true;
        return garbled("Field without SOH");
    }
    reader->at = value_end + 1;
    ret_field->value = at;
    ret_field->length = (uint32_t)(value_end - at);
    if (ret_field->length == 0)
        return fix_faulty(FIX_REASON_NO_VALUE, ret_field->tag);
    if (ret_field->tag > TAG_DEFINED_MAX && ret_field->tag < TAG_USER_MIN)
        return fix_faulty(FIX_REASON_UNDEFINED_TAG, ret_field->tag);
    if (expected == 0 && !is_text(at, ret_field->length))
        return fix_faulty(FIX_REASON_DATA_FORMAT, ret_field->tag);
    uint32_t data_tag = data_tag_of(ret_field->tag);
    return data_tag != 0 ? read_data_length(reader, ret_field, data_tag) : valid;
}

static bool has_header(const struct reader *reader, uint32_t tag)
{
    for (size_t i = 0; i < reader->header_count; i++)
        if (reader->header_tags[i] == tag)
            return true;
    return false;
}

/* Notes a header field: repeated and misplaced ones are faults. */
static struct fix_fault note_header(struct reader *reader, uint32_t tag)
{
    if (has_header(reader, tag))
        return fix_faulty(FIX_REASON_TAG_REPEATED, tag);
    if (!is_hop_tag(tag)) {
        assert(reader->header_count < ARRAY_LEN(reader->header_tags)); /* there are fewer header tags */
        reader->header_tags[reader->header_count++] = tag;
    }
    if (reader->in_body || reader->in_trailer)
        return fix_faulty(FIX_REASON_TAG_OUT_OF_ORDER, tag);
    return valid;
}

static struct fix_fault note_place(struct reader *reader, struct fix_message *message, uint32_t tag)
{
    if (place_of(tag) == HEADER)
        return note_header(reader, tag);
    if (!reader->in_body) {
        reader->in_body = true;
        message->body_begin = message->field_count;
    }
    if (reader->in_trailer && place_of(tag) != TRAILER)
        return fix_faulty(FIX_REASON_TAG_OUT_OF_ORDER, tag);
    reader->in_trailer = place_of(tag) == TRAILER;
    return tag == FIX_CHECK_SUM ? fix_faulty(FIX_REASON_TAG_OUT_OF_ORDER, tag) : valid;
}

static struct fix_fault read_header_value(struct fix_message *message, const struct fix_field *field)
{
    static const struct {
        uint32_t tag;
        enum fix_kind kind;
        size_t offset; /* into struct fix_message; 0: the value is only checked */
    } values[] = {
        {FIX_MSG_TYPE, FIX_KIND_TEXT, offsetof(struct fix_message, type)},
        {FIX_SENDER_COMP_ID, FIX_KIND_TEXT, offsetof(struct fix_message, sender)},
        {FIX_TARGET_COMP_ID, FIX_KIND_TEXT, offsetof(struct fix_message, target)},
        {FIX_MSG_SEQ_NUM, FIX_KIND_NUMBER, offsetof(struct fix_message, seq)},
        {FIX_POSS_DUP_FLAG, FIX_KIND_BOOL, offsetof(struct fix_message, poss_dup)},
        {FIX_POSS_RESEND, FIX_KIND_BOOL, offsetof(struct fix_message, poss_resend)},
        {FIX_SENDING_TIME, FIX_KIND_TIME, offsetof(struct fix_message, sending_time)},
        {FIX_ORIG_SENDING_TIME, FIX_KIND_TIME, offsetof(struct fix_message, orig_sending_time)},
        {FIX_ON_BEHALF_OF_SENDING_TIME, FIX_KIND_TIME, 0},
        {FIX_HOP_SENDING_TIME, FIX_KIND_TIME, 0},
        {FIX_LAST_MSG_SEQ_NUM_PROCESSED, FIX_KIND_NUMBER, 0},
        {FIX_NO_HOPS, FIX_KIND_NUMBER, 0},
        {FIX_HOP_REF_ID, FIX_KIND_NUMBER, 0},
    };
    static const char *const encodings[] = {"ISO-2022-JP", "EUC-JP", "Shift_JIS", "UTF-8"};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (values[i].tag == field->tag)
            return fix_read(field, values[i].kind, NULL,
                            values[i].offset != 0 ? (char *)message + values[i].offset : NULL);
    if (field->tag != FIX_MESSAGE_ENCODING)
        return valid;
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (fix_text_equals((struct fix_text){field->value, field->length}, encodings[i]))
            return valid;
    return fix_faulty(FIX_REASON_VALUE_INCORRECT, field->tag);
}

/* The place and, in the header, the value of a field. A header field that is misplaced says what it says all
 * the same: the Reject names the message by it. */
static struct fix_fault take_field(struct reader *reader, struct fix_message *message,
                                   const struct fix_field *field)
{
    struct fix_fault place = note_place(reader, message, field->tag);
    bool reads = place_of(field->tag) == HEADER && field->length > 0 &&
                 (place.kind == FIX_VALID || place.reason == FIX_REASON_TAG_OUT_OF_ORDER);
    struct fix_fault value = reads ? read_header_value(message, field) : valid;
    return place.kind != FIX_VALID ? place : value;
}

/* Reads all fields. The first fault counts; what can be read after it is read, for the Reject needs the
 * header. */
static struct fix_fault read_fields(struct reader *reader, struct fix_message *message)
{
    struct fix_fault first = valid;
    while (reader->at < reader->end && !reader->lost) {
        struct fix_field field;
        struct fix_fault fault = read_field(reader, &field);
        if (first.kind == FIX_VALID || fault.kind == FIX_GARBLED)
            first = fault;
        if (reader->lost || field.tag == 0)
            continue;
        if (message->field_count == FIX_FIELDS_MAX) {
            static const struct fix_fault too_many = {
                .kind = FIX_FAULTY, .reason = FIX_REASON_OTHER, .text = "Too many fields"};
            return first.kind != FIX_VALID ? first : too_many;
        }
        fault = take_field(reader, message, &field);
        if (first.kind == FIX_VALID)
            first = fault;
        message->fields[message->field_count++] = field;
    }
    if (first.kind == FIX_VALID && reader->data_tag != 0)
        first = fix_faulty(FIX_REASON_REQUIRED_TAG_MISSING, reader->data_tag);
    return first;
}

/* What the header must say, and what a repeated message must say of its first sending. */
static struct fix_fault check_header(const struct reader *reader, const struct fix_message *message)
{
    /* The last one only of a message that may be a repetition. */
    static const uint32_t required[] = {FIX_MSG_SEQ_NUM, FIX_SENDER_COMP_ID, FIX_TARGET_COMP_ID,
                                        FIX_SENDING_TIME, FIX_ORIG_SENDING_TIME};
    for (size_t i = 0; i < ARRAY_LEN(required) - !message->poss_dup; i++)
        if (!has_header(reader, required[i]))
            return fix_faulty(FIX_REASON_REQUIRED_TAG_MISSING, required[i]);
    if (message->poss_dup && message->orig_sending_time.us > message->sending_time.us)
        return fix_faulty(FIX_REASON_SENDING_TIME, FIX_ORIG_SENDING_TIME);
    return valid;
}

struct fix_fault fix_parse(const char *bytes, size_t length, struct fix_message *ret_message)
{
    struct fix_message *message = ret_message;
    memset(message, 0, offsetof(struct fix_message, fields));
    message->bytes = (struct fix_text){bytes, length};
    size_t framed = 0;
    if (fix_frame(bytes, length, &framed) != FIX_FRAME_MESSAGE || framed != length)
        return garbled("Not one whole message");
    const char *trailer = bytes + length - TRAILER_LENGTH;
    unsigned declared =
        (unsigned)(trailer[3] - '0') * 100 + (unsigned)(trailer[4] - '0') * 10 + (unsigned)(trailer[5] - '0');
    if (fix_check_sum(bytes, length - TRAILER_LENGTH) != declared)
        return garbled("CheckSum does not match");
    struct reader reader = {.at = bytes, .end = trailer};
    struct fix_fault fault = read_fields(&reader, message);
    if (!reader.in_body)
        message->body_begin = message->field_count;
    if (message->field_count < 3 || message->fields[2].tag != FIX_MSG_TYPE)
        return garbled("MsgType is not the third field");
    if (message->fields[0].length != 7 || memcmp(message->fields[0].value, "FIX.4.4", 7) != 0)
        return (struct fix_fault){
            .kind = FIX_BAD_VERSION, .tag = FIX_BEGIN_STRING, .text = "Incorrect BeginString"};
    return fault.kind != FIX_VALID ? fault : check_header(&reader, message);
}

struct fix_fault fix_check_time(const struct fix_message *message, struct instant now, int64_t skew_max_us)
{
    int64_t skew_us = message->sending_time.us - now.us;
    if (skew_max_us == 0 || (skew_us <= skew_max_us && skew_us >= -skew_max_us))
        return valid;
    return fix_faulty(FIX_REASON_SENDING_TIME, FIX_SENDING_TIME);
}

const struct fix_field *fix_find(const struct fix_message *message, uint32_t tag)
{
    for (size_t i = message->body_begin; i < message->field_count; i++)
        if (message->fields[i].tag == tag)
            return &message->fields[i];
    return NULL;
}

bool fix_text_equals(struct fix_text text, const char *other)
{
    size_t length = strlen(other);
    return text.length == length && memcmp(text.text, other, length) == 0;
}
