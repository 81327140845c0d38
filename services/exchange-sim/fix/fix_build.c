/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that are sent: field by field, then the whole. */
#include <string.h>

#include "services/exchange-sim/fix/fix.h"

size_t fix_time_format(struct instant instant, char buffer[static FIX_TIME_MAX])
{
    char text[INSTANT_TEXT_MAX]; /* 2026-01-02T03:04:05.678000Z */
    (void)instant_format(instant, text);
    memcpy(buffer, text, 4);
    memcpy(buffer + 4, text + 5, 2);
    memcpy(buffer + 6, text + 8, 2);
    buffer[8] = '-';
    memcpy(buffer + 9, text + 11, 12);
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

/* A value of which nothing can forge a field. */
static void put_value(struct fix_body *body, uint32_t tag, const char *value, size_t length)
{
    if (has_room(body, length))
        body->length += write_field(body->bytes + body->length, tag, value, length);
}

void fix_put_u64(struct fix_body *body, uint32_t tag, uint64_t value)
{
    char text[20];
    put_value(body, tag, text, u64_format(value, text));
}

void fix_put_numbered(struct fix_body *body, uint32_t tag, char letter, uint64_t value)
{
    char text[21] = {letter};
    put_value(body, tag, text, 1 + u64_format(value, text + 1));
}

void fix_put_decimal(struct fix_body *body, uint32_t tag, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    put_value(body, tag, text, decimal_format(value, text));
}

void fix_put_time(struct fix_body *body, uint32_t tag, struct instant value)
{
    char text[FIX_TIME_MAX];
    put_value(body, tag, text, fix_time_format(value, text));
}

void fix_build_reject(const struct fix_message *message, const struct fix_fault *fault,
                      struct fix_body *ret_body)
{
    enum { TYPE_MAX = 8 };
    struct fix_body *body = ret_body;
    fix_body_clear(body);
    fix_put_u64(body, FIX_REF_SEQ_NUM, message->seq);
    if (fault->tag != 0)
        fix_put_u64(body, FIX_REF_TAG_ID, fault->tag);
    if (message->type.length > 0 && message->type.length <= TYPE_MAX)
        fix_put_text(body, FIX_REF_MSG_TYPE, message->type.text, message->type.length);
    fix_put_u64(body, FIX_SESSION_REJECT_REASON, (uint64_t)fault->reason);
    fix_put_string(body, FIX_TEXT, fault->text);
}

size_t fix_build(const struct fix_header *header, const char *body, size_t body_length, char *out)
{
    struct fix_body head;
    char text[20];
    fix_body_clear(&head);
    fix_put_string(&head, FIX_MSG_TYPE, header->type);
    fix_put_string(&head, FIX_SENDER_COMP_ID, header->sender);
    fix_put_string(&head, FIX_TARGET_COMP_ID, header->target);
    fix_put_u64(&head, FIX_MSG_SEQ_NUM, header->seq);
    if (header->poss_dup)
        fix_put_char(&head, FIX_POSS_DUP_FLAG, 'Y');
    fix_put_time(&head, FIX_SENDING_TIME, header->sending_time);
    if (header->poss_dup)
        fix_put_time(&head, FIX_ORIG_SENDING_TIME, header->orig_sending_time);
    size_t at = write_field(out, FIX_BEGIN_STRING, "FIX.4.4", 7);
    at += write_field(out + at, FIX_BODY_LENGTH, text, u64_format(head.length + body_length, text));
    memcpy(out + at, head.bytes, head.length);
    at += head.length;
    if (body_length > 0)
        memcpy(out + at, body, body_length);
    at += body_length;
    unsigned sum = fix_check_sum(out, at);
    for (size_t i = 3; i-- > 0; sum /= 10)
        text[i] = (char)('0' + sum % 10);
    return at + write_field(out + at, FIX_CHECK_SUM, text, 3);
}
