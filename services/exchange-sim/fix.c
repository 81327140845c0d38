#include "services/exchange-sim/fix.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

enum {
    TRAILER_LENGTH = 7,    /* 10=ddd and SOH */
    BEGIN_STRING_MAX = 16, /* bytes of BeginString that are looked at */
    BODY_LENGTH_DIGITS = 6,
    TAG_MAX = 99999,
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the next message may begin, searching from `from`. Keeps a possible beginning that is cut off by the
 * end. */
static size_t resync(const char *bytes, size_t length, size_t from)
{
    static const char start[] = "8=FIX";
    for (size_t i = from; i < length; i++) {
        size_t rest = length - i;
        size_t compare = rest < sizeof(start) - 1 ? rest : sizeof(start) - 1;
        if (bytes[i] == '8' && memcmp(bytes + i, start, compare) == 0)
            return i;
    }
    return length;
}

static enum fix_frame garbage(const char *bytes, size_t length, size_t from, size_t *ret_length)
{
    *ret_length = resync(bytes, length, from);
    return FIX_FRAME_GARBAGE;
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

enum fix_frame fix_frame(const char *bytes, size_t length, size_t *ret_length)
{
    if (length == 0)
        return FIX_FRAME_MORE;
    size_t body = 0, body_length = 0;
    int preamble = read_preamble(bytes, length, &body, &body_length);
    if (preamble < 0)
        return garbage(bytes, length, 1, ret_length);
    if (preamble == 0)
        return FIX_FRAME_MORE;
    size_t total = body + body_length + TRAILER_LENGTH;
    if (total > FIX_MESSAGE_MAX)
        return garbage(bytes, length, 1, ret_length);
    if (length < total)
        return FIX_FRAME_MORE;
    const char *trailer = bytes + body + body_length;
    if (trailer[-1] != FIX_SOH || memcmp(trailer, "10=", 3) != 0 || !is_digit(trailer[3]) ||
        !is_digit(trailer[4]) || !is_digit(trailer[5]) || trailer[6] != FIX_SOH)
        return garbage(bytes, length, 1, ret_length);
    *ret_length = total;
    return FIX_FRAME_MESSAGE;
}

static unsigned check_sum(const char *bytes, size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += (unsigned char)bytes[i];
    return sum & 0xff;
}

static bool is_header_tag(uint32_t tag)
{
    switch (tag) {
    case 8:
    case 9:
    case 34:
    case 35:
    case 43:
    case 49:
    case 50:
    case 52:
    case 56:
    case 57:
    case 90:
    case 91:
    case 97:
    case 115:
    case 116:
    case 122:
    case 128:
    case 129:
    case 142:
    case 143:
    case 144:
    case 145:
    case 212:
    case 213:
    case 347:
    case 369:
    case 370:
        return true;
    default:
        return false;
    }
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
    bool in_body;
};

static struct fix_fault faulty(enum fix_reject_reason reason, uint32_t tag, const char *text)
{
    return (struct fix_fault){.kind = FIX_FAULTY, .reason = reason, .tag = tag, .text = text};
}

static struct fix_fault garbled(const char *text)
{
    return (struct fix_fault){.kind = FIX_GARBLED, .text = text};
}

static const struct fix_fault valid = {.kind = FIX_VALID};

static struct fix_fault read_field(struct reader *reader, struct fix_field *ret_field)
{
    uint32_t tag = 0;
    const char *at = reader->at;
    if (at < reader->end && *at == '0')
        return faulty(FIX_REASON_INVALID_TAG, 0, "Invalid tag number");
    for (; at < reader->end && is_digit(*at) && tag <= TAG_MAX; at++)
        tag = tag * 10 + (uint32_t)(*at - '0');
    if (tag == 0 || tag > TAG_MAX || at == reader->end || *at != '=')
        return faulty(FIX_REASON_INVALID_TAG, tag > TAG_MAX ? 0 : tag, "Invalid tag number");
    at++;
    const char *value_end = NULL;
    if (reader->data_tag != 0) {
        if (tag != reader->data_tag || reader->data_length >= (uint64_t)(reader->end - at) ||
            at[reader->data_length] != FIX_SOH)
            return faulty(FIX_REASON_DATA_FORMAT, reader->data_tag, "Data field does not match its length");
        value_end = at + reader->data_length;
        reader->data_tag = 0;
    } else {
        value_end = memchr(at, FIX_SOH, (size_t)(reader->end - at));
        if (value_end == NULL)
            return garbled("Field without SOH");
    }
    if (value_end == at)
        return faulty(FIX_REASON_NO_VALUE, tag, "Tag specified without a value");
    *ret_field = (struct fix_field){.tag = tag, .length = (uint32_t)(value_end - at), .value = at};
    reader->at = value_end + 1;
    uint32_t data_tag = data_tag_of(tag);
    if (data_tag != 0) {
        if (fix_value_u64(ret_field->value, ret_field->length, &reader->data_length) < 0 ||
            reader->data_length == 0)
            return faulty(FIX_REASON_DATA_FORMAT, tag, "Incorrect data format for value");
        reader->data_tag = data_tag;
    }
    return valid;
}

/* Notes a header field: repeated and misplaced ones are faults. */
static struct fix_fault note_header(struct reader *reader, uint32_t tag)
{
    for (size_t i = 0; i < reader->header_count; i++)
        if (reader->header_tags[i] == tag)
            return faulty(FIX_REASON_TAG_REPEATED, tag, "Tag appears more than once");
    if (reader->in_body)
        return faulty(FIX_REASON_TAG_OUT_OF_ORDER, tag, "Tag specified out of required order");
    assert(reader->header_count < ARRAY_LEN(reader->header_tags)); /* there are fewer header tags than that */
    reader->header_tags[reader->header_count++] = tag;
    return valid;
}

static struct fix_fault read_header_value(struct fix_message *message, const struct fix_field *field)
{
    struct fix_text text = {field->value, field->length};
    struct instant ignored;
    switch (field->tag) {
    case FIX_MSG_TYPE:
        message->type = text;
        return valid;
    case FIX_SENDER_COMP_ID:
        message->sender = text;
        return valid;
    case FIX_TARGET_COMP_ID:
        message->target = text;
        return valid;
    case FIX_MSG_SEQ_NUM:
        if (fix_value_u64(field->value, field->length, &message->seq) < 0 || message->seq == 0) {
            message->seq = 0;
            return faulty(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
        }
        return valid;
    case FIX_POSS_DUP_FLAG:
        if (fix_value_bool(field->value, field->length, &message->poss_dup) < 0)
            return faulty(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
        return valid;
    case FIX_POSS_RESEND:
        if (fix_value_bool(field->value, field->length, &message->poss_resend) < 0)
            return faulty(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
        return valid;
    case FIX_SENDING_TIME:
    case FIX_ORIG_SENDING_TIME:
        if (fix_value_time(field->value, field->length, &ignored) < 0)
            return faulty(FIX_REASON_DATA_FORMAT, field->tag, "Incorrect data format for value");
        if (field->tag == FIX_ORIG_SENDING_TIME)
            message->orig_sending_time = text;
        return valid;
    default:
        return valid;
    }
}

/* Reads all fields. After the first fault only the header is still taken in, for the Reject needs it. */
static struct fix_fault read_fields(struct reader *reader, struct fix_message *message)
{
    struct fix_fault first = valid;
    while (reader->at < reader->end) {
        struct fix_field field;
        struct fix_fault fault = read_field(reader, &field);
        if (fault.kind != FIX_VALID)
            return first.kind != FIX_VALID ? first : fault;
        if (is_header_tag(field.tag)) {
            fault = note_header(reader, field.tag);
            if (fault.kind == FIX_VALID)
                fault = read_header_value(message, &field);
        } else if (!reader->in_body) {
            reader->in_body = true;
            message->body_begin = message->field_count;
        }
        if (first.kind == FIX_VALID)
            first = fault;
        if (message->field_count == FIX_FIELDS_MAX)
            return first.kind != FIX_VALID ? first : faulty(FIX_REASON_OTHER, 0, "Too many fields");
        message->fields[message->field_count++] = field;
    }
    if (first.kind == FIX_VALID && reader->data_tag != 0)
        first = faulty(FIX_REASON_REQUIRED_TAG_MISSING, reader->data_tag, "Required tag missing");
    return first;
}

static struct fix_fault check_required(const struct reader *reader)
{
    static const uint32_t required[] = {FIX_MSG_SEQ_NUM, FIX_SENDER_COMP_ID, FIX_TARGET_COMP_ID,
                                        FIX_SENDING_TIME};
    for (size_t i = 0; i < ARRAY_LEN(required); i++) {
        bool found = false;
        for (size_t j = 0; j < reader->header_count; j++)
            found = found || reader->header_tags[j] == required[i];
        if (!found)
            return faulty(FIX_REASON_REQUIRED_TAG_MISSING, required[i], "Required tag missing");
    }
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
    if (check_sum(bytes, length - TRAILER_LENGTH) != declared)
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
    return fault.kind != FIX_VALID ? fault : check_required(&reader);
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

int fix_value_u64(const char *text, size_t length, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (length == 0)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return -EINVAL;
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (unsigned)(text[i] - '0'), &value))
            return -ERANGE;
    }
    *ret_value = value;
    return 0;
}

int fix_value_decimal(const char *text, size_t length, struct decimal *ret_value)
{
    bool negative = length > 0 && text[0] == '-';
    int64_t units = 0;
    size_t digits = 0;
    int fraction = -1; /* digits after the point so far; -1 before it */
    for (size_t i = negative ? 1 : 0; i < length; i++) {
        if (text[i] == '.' && fraction < 0) {
            fraction = 0;
            continue;
        }
        if (!is_digit(text[i]))
            return -EINVAL;
        digits++;
        if (fraction == DECIMAL_DIGITS) {
            if (text[i] != '0')
                return -ERANGE;
            continue;
        }
        if (__builtin_mul_overflow(units, 10, &units) || __builtin_add_overflow(units, text[i] - '0', &units))
            return -ERANGE;
        fraction += fraction >= 0;
    }
    if (digits == 0)
        return -EINVAL;
    for (int i = fraction < 0 ? 0 : fraction; i < DECIMAL_DIGITS; i++)
        if (__builtin_mul_overflow(units, 10, &units))
            return -ERANGE;
    *ret_value = decimal_from_units(negative ? -units : units);
    return 0;
}

int fix_value_bool(const char *text, size_t length, bool *ret_value)
{
    if (length != 1 || (text[0] != 'Y' && text[0] != 'N'))
        return -EINVAL;
    *ret_value = text[0] == 'Y';
    return 0;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

int fix_value_time(const char *text, size_t length, struct instant *ret_value)
{
    static const char pattern[] = "dddddddd-dd:dd:dd";
    const size_t whole = sizeof(pattern) - 1;
    if (length != whole && length != whole + 4 && length != whole + 7 && length != whole + 10)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        char expected = i < whole ? pattern[i] : i == whole ? '.' : 'd';
        if (expected == 'd' ? !is_digit(text[i]) : text[i] != expected)
            return -EINVAL;
    }
    int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 4),
        day = two_digits(text + 6);
    int hour = two_digits(text + 9), minute = two_digits(text + 12), second = two_digits(text + 15);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return -EINVAL;
    int64_t us = 0, unit = 100000;
    for (size_t i = whole + 1; i < length && unit > 0; i++, unit /= 10)
        us += (text[i] - '0') * unit;
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *ret_value = (struct instant){seconds * 1000000 + us};
    return 0;
}

static void put_digits(char *out, unsigned value, size_t digits)
{
    for (size_t i = digits; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
}

size_t fix_time_format(struct instant instant, char buffer[static FIX_TIME_MAX])
{
    int64_t ms = instant.us / 1000;
    int64_t days = ms / 86400000;
    unsigned of_day = (unsigned)(ms % 86400000);
    /* Civil date of a day number, counting years from March. */
    int64_t shifted = days + 719468;
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * day_of_year + 2) / 153;
    unsigned day = (unsigned)(day_of_year - (153 * month_index + 2) / 5 + 1);
    unsigned month = (unsigned)(month_index < 10 ? month_index + 3 : month_index - 9);
    unsigned year = (unsigned)(year_of_era + era * 400 + (month <= 2));
    put_digits(buffer, year, 4);
    put_digits(buffer + 4, month, 2);
    put_digits(buffer + 6, day, 2);
    buffer[8] = '-';
    put_digits(buffer + 9, of_day / 3600000, 2);
    buffer[11] = ':';
    put_digits(buffer + 12, of_day / 60000 % 60, 2);
    buffer[14] = ':';
    put_digits(buffer + 15, of_day / 1000 % 60, 2);
    buffer[17] = '.';
    put_digits(buffer + 18, of_day % 1000, 3);
    buffer[21] = '\0';
    return 21;
}

static size_t u64_format(uint64_t value, char buffer[static 20])
{
    char reversed[20];
    size_t length = 0;
    do {
        reversed[length++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < length; i++)
        buffer[i] = reversed[length - 1 - i];
    return length;
}

/* tag=value SOH at `out`; returns its length. */
static size_t write_field(char *out, uint32_t tag, const char *value, size_t length)
{
    size_t at = u64_format(tag, out);
    out[at++] = '=';
    memcpy(out + at, value, length);
    at += length;
    out[at++] = FIX_SOH;
    return at;
}

static bool has_room(struct fix_body *body, size_t value_length)
{
    enum { TAG_AND_SIGNS = 12 };
    if (body->overflow || body->length + value_length + TAG_AND_SIGNS > sizeof(body->bytes))
        body->overflow = true;
    return !body->overflow;
}

void fix_put_text(struct fix_body *body, uint32_t tag, const char *text, size_t length)
{
    if (!has_room(body, length))
        return;
    char *begin = body->bytes + body->length;
    size_t written = write_field(begin, tag, text, length);
    for (size_t i = written - 1 - length; i < written - 1; i++)
        if ((unsigned char)begin[i] < 0x20)
            begin[i] = '?';
    body->length += written;
}

void fix_put_string(struct fix_body *body, uint32_t tag, const char *text)
{
    fix_put_text(body, tag, text, strlen(text));
}

void fix_put_char(struct fix_body *body, uint32_t tag, char value)
{
    fix_put_text(body, tag, &value, 1);
}

void fix_put_u64(struct fix_body *body, uint32_t tag, uint64_t value)
{
    char text[20];
    size_t length = u64_format(value, text);
    if (has_room(body, length))
        body->length += write_field(body->bytes + body->length, tag, text, length);
}

void fix_put_decimal(struct fix_body *body, uint32_t tag, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(value, text);
    if (has_room(body, length))
        body->length += write_field(body->bytes + body->length, tag, text, length);
}

void fix_put_time(struct fix_body *body, uint32_t tag, struct instant value)
{
    char text[FIX_TIME_MAX];
    size_t length = fix_time_format(value, text);
    if (has_room(body, length))
        body->length += write_field(body->bytes + body->length, tag, text, length);
}

void fix_put_reject(struct fix_body *body, const struct fix_message *message, enum fix_reject_reason reason,
                    uint32_t tag, const char *text)
{
    enum { TYPE_MAX = 8 };
    fix_put_u64(body, FIX_REF_SEQ_NUM, message->seq);
    if (tag != 0)
        fix_put_u64(body, FIX_REF_TAG_ID, tag);
    if (message->type.length > 0 && message->type.length <= TYPE_MAX)
        fix_put_text(body, FIX_REF_MSG_TYPE, message->type.text, message->type.length);
    fix_put_u64(body, FIX_SESSION_REJECT_REASON, (uint64_t)reason);
    fix_put_string(body, FIX_TEXT, text);
}

size_t fix_build(const struct fix_header *header, const char *body, size_t body_length, char *out)
{
    char head[FIX_HEADER_MAX], digits[20], time[FIX_TIME_MAX];
    size_t head_length = write_field(head, FIX_MSG_TYPE, header->type, strlen(header->type));
    head_length +=
        write_field(head + head_length, FIX_SENDER_COMP_ID, header->sender, strlen(header->sender));
    head_length +=
        write_field(head + head_length, FIX_TARGET_COMP_ID, header->target, strlen(header->target));
    head_length += write_field(head + head_length, FIX_MSG_SEQ_NUM, digits, u64_format(header->seq, digits));
    if (header->poss_dup)
        head_length += write_field(head + head_length, FIX_POSS_DUP_FLAG, "Y", 1);
    head_length +=
        write_field(head + head_length, FIX_SENDING_TIME, time, fix_time_format(header->sending_time, time));
    if (header->poss_dup) {
        size_t length = fix_time_format(header->orig_sending_time, time);
        head_length += write_field(head + head_length, FIX_ORIG_SENDING_TIME, time, length);
    }
    size_t at = write_field(out, FIX_BEGIN_STRING, "FIX.4.4", 7);
    at += write_field(out + at, FIX_BODY_LENGTH, digits, u64_format(head_length + body_length, digits));
    memcpy(out + at, head, head_length);
    at += head_length;
    if (body_length > 0)
        memcpy(out + at, body, body_length);
    at += body_length;
    char sum[3];
    put_digits(sum, check_sum(out, at), 3);
    return at + write_field(out + at, FIX_CHECK_SUM, sum, 3);
}
