/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that are sent: field by field, then the whole. */
#include <string.h>

#include "services/exchange-sim/fix/fix.h"

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
    put_digits(sum, fix_check_sum(out, at), 3);
    return at + write_field(out + at, FIX_CHECK_SUM, sum, 3);
}
