/* SPDX-License-Identifier: Apache-2.0 */
/* Encoder and decoder of every message: both walk the tables of schema.c, so they cannot drift apart.
 *
 * Pairs of a map stand in ascending order of their tags. That makes a duplicate visible without a set of seen
 * tags, and lets the decoder go through the wire and the table side by side, in one pass and without clearing
 * the struct first. */
#include "proto/codec.h"

#include <errno.h>
#include <msgpack.h>
#include <string.h>

#include "common/utf8.h"
#include "proto/msgpack_reader.h"

enum {
    ENVELOPE_VERSION = 1,
    ENVELOPE_TYPE = 2,
    ENVELOPE_ID = 3,
    ENVELOPE_TRACE_ID = 4,
    ENVELOPE_SENT_AT = 5,
    ENVELOPE_DEADLINE = 6,
    ENVELOPE_BODY = 7,
};

/* 9999-12-31T23:59:59.999999Z: what instant_format can write. */
static const int64_t INSTANT_US_MAX = INT64_C(253402300799999999);

static bool instant_is_valid(int64_t us)
{
    return us >= 0 && us <= INSTANT_US_MAX;
}

static int write_to_buffer(void *data, const char *bytes, size_t length)
{
    buffer_append(data, bytes, length);
    return 0; /* the buffer remembers a failure; codec_encode asks it once */
}

static void pack_binary(msgpack_packer *packer, const void *bytes, size_t length)
{
    (void)msgpack_pack_bin(packer, length);
    (void)msgpack_pack_bin_body(packer, bytes, length);
}

static int pack_record(msgpack_packer *packer, const struct schema_record *record, const char *message);

static int pack_text(msgpack_packer *packer, const char *text, size_t max)
{
    size_t length = strnlen(text, max);

    if (length == max || !utf8_is_text(text, length))
        return -EINVAL;
    (void)msgpack_pack_str(packer, length);
    (void)msgpack_pack_str_body(packer, text, length);
    return 0;
}

static int pack_list(msgpack_packer *packer, const struct schema_field *field, const char *message)
{
    size_t count = *(const size_t *)(message + field->flag_offset);

    if (count > field->bound)
        return -EINVAL;
    (void)msgpack_pack_array(packer, count);
    for (size_t i = 0; i < count; i++) {
        int r = pack_record(packer, field->record, message + field->offset + i * field->record->size);
        if (r < 0)
            return r;
    }
    return 0;
}

static int pack_value(msgpack_packer *packer, const struct schema_field *field, const char *message)
{
    const void *value = message + field->offset;

    switch (field->kind) {
    case SCHEMA_U64:
        (void)msgpack_pack_uint64(packer, *(const uint64_t *)value);
        return 0;
    case SCHEMA_I64:
        (void)msgpack_pack_int64(packer, *(const int64_t *)value);
        return 0;
    case SCHEMA_BOOL:
        (void)(*(const bool *)value ? msgpack_pack_true(packer) : msgpack_pack_false(packer));
        return 0;
    case SCHEMA_INSTANT:
        if (!instant_is_valid(((const struct instant *)value)->us))
            return -EINVAL;
        (void)msgpack_pack_int64(packer, ((const struct instant *)value)->us);
        return 0;
    case SCHEMA_DECIMAL:
        (void)msgpack_pack_int64(packer, ((const struct decimal *)value)->units);
        return 0;
    case SCHEMA_UUID:
        pack_binary(packer, value, sizeof(struct uuid));
        return 0;
    case SCHEMA_TEXT:
        return pack_text(packer, value, field->bound);
    case SCHEMA_BYTES:
        pack_binary(packer, value, field->bound);
        return 0;
    case SCHEMA_ENUM:
        if (field->enum_text(*(const uint32_t *)value) == NULL)
            return -EINVAL;
        (void)msgpack_pack_uint32(packer, *(const uint32_t *)value);
        return 0;
    case SCHEMA_MSG:
        return pack_record(packer, field->record, value);
    case SCHEMA_LIST:
        return pack_list(packer, field, message);
    case SCHEMA_INT:
        break;
    }
    return -EINVAL;
}

static int pack_record(msgpack_packer *packer, const struct schema_record *record, const char *message)
{
    size_t count = 0;

    for (size_t i = 0; i < record->field_count; i++)
        count += schema_field_is_present(&record->fields[i], message);
    (void)msgpack_pack_map(packer, count);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];

        if (!schema_field_is_present(field, message))
            continue;
        (void)msgpack_pack_uint8(packer, field->tag);
        int r = pack_value(packer, field, message);
        if (r < 0)
            return r;
    }
    return 0;
}

bool envelope_has_trace(const struct envelope *envelope)
{
    static const uint8_t none[TRACE_ID_BYTES];

    return memcmp(envelope->trace_id, none, sizeof(none)) != 0;
}

static int pack_envelope(msgpack_packer *packer, uint32_t type, const struct envelope *envelope)
{
    bool has_trace = envelope_has_trace(envelope), has_deadline = envelope->deadline.us != 0;

    if (!instant_is_valid(envelope->sent_at.us) || !instant_is_valid(envelope->deadline.us))
        return -EINVAL;
    (void)msgpack_pack_map(packer, (size_t)5 + has_trace + has_deadline);
    (void)msgpack_pack_uint8(packer, ENVELOPE_VERSION);
    (void)msgpack_pack_uint8(packer, PROTO_VERSION);
    (void)msgpack_pack_uint8(packer, ENVELOPE_TYPE);
    (void)msgpack_pack_uint32(packer, type);
    (void)msgpack_pack_uint8(packer, ENVELOPE_ID);
    pack_binary(packer, envelope->id.bytes, sizeof(envelope->id.bytes));
    if (has_trace) {
        (void)msgpack_pack_uint8(packer, ENVELOPE_TRACE_ID);
        pack_binary(packer, envelope->trace_id, sizeof(envelope->trace_id));
    }
    (void)msgpack_pack_uint8(packer, ENVELOPE_SENT_AT);
    (void)msgpack_pack_int64(packer, envelope->sent_at.us);
    if (has_deadline) {
        (void)msgpack_pack_uint8(packer, ENVELOPE_DEADLINE);
        (void)msgpack_pack_int64(packer, envelope->deadline.us);
    }
    (void)msgpack_pack_uint8(packer, ENVELOPE_BODY);
    return 0;
}

int codec_encode(uint32_t type, const struct envelope *envelope, const void *message, struct buffer *out)
{
    const struct schema_record *record = schema_message(type);
    size_t start = out->length;
    msgpack_packer packer;

    if (record == NULL)
        return -EINVAL;
    msgpack_packer_init(&packer, out, write_to_buffer);
    int r = pack_envelope(&packer, type, envelope);
    if (r == 0)
        r = pack_record(&packer, record, message);
    if (r == 0 && buffer_failed(out))
        r = out->error;
    if (r < 0 && out->length > start) {
        out->length = start; /* half a message is worth nothing; what stood before stays */
        out->data[start] = '\0';
    }
    return r;
}

static int read_fixed(struct msgpack_reader *reader, void *ret_bytes, size_t length)
{
    const uint8_t *bytes;
    size_t found;

    if (msgpack_reader_binary(reader, &bytes, &found) < 0 || found != length)
        return -EBADMSG;
    memcpy(ret_bytes, bytes, length);
    return 0;
}

static int read_instant(struct msgpack_reader *reader, struct instant *ret_instant)
{
    int64_t us;

    if (msgpack_reader_i64(reader, &us) < 0 || !instant_is_valid(us))
        return -EBADMSG;
    ret_instant->us = us;
    return 0;
}

static int read_text(struct msgpack_reader *reader, char *ret_text, size_t max)
{
    const char *text;
    size_t length;

    if (msgpack_reader_text(reader, &text, &length) < 0 || length >= max || !utf8_is_text(text, length))
        return -EBADMSG;
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
    return 0;
}

static int read_enum(struct msgpack_reader *reader, const struct schema_field *field, uint32_t *ret_number)
{
    uint64_t number;

    if (msgpack_reader_u64(reader, &number) < 0 || number > UINT32_MAX)
        return -EBADMSG;
    if (field->enum_text((uint32_t)number) == NULL)
        return -EBADMSG;
    *ret_number = (uint32_t)number;
    return 0;
}

static int read_record(struct msgpack_reader *reader, const struct schema_record *record, char *message);

static int read_list(struct msgpack_reader *reader, const struct schema_field *field, char *message)
{
    uint32_t count;

    if (msgpack_reader_array(reader, &count) < 0 || count > field->bound)
        return -EBADMSG;
    for (uint32_t i = 0; i < count; i++) {
        int r = read_record(reader, field->record, message + field->offset + i * field->record->size);
        if (r < 0)
            return r;
    }
    *(size_t *)(message + field->flag_offset) = count;
    return 0;
}

static int read_value(struct msgpack_reader *reader, const struct schema_field *field, char *message)
{
    void *value = message + field->offset;

    switch (field->kind) {
    case SCHEMA_U64:
        return msgpack_reader_u64(reader, value);
    case SCHEMA_I64:
        return msgpack_reader_i64(reader, value);
    case SCHEMA_BOOL:
        return msgpack_reader_bool(reader, value);
    case SCHEMA_INSTANT:
        return read_instant(reader, value);
    case SCHEMA_DECIMAL:
        return msgpack_reader_i64(reader, &((struct decimal *)value)->units);
    case SCHEMA_UUID:
        return read_fixed(reader, value, sizeof(struct uuid));
    case SCHEMA_TEXT:
        return read_text(reader, value, field->bound);
    case SCHEMA_BYTES:
        return read_fixed(reader, value, field->bound);
    case SCHEMA_ENUM:
        return read_enum(reader, field, value);
    case SCHEMA_MSG:
        return read_record(reader, field->record, value);
    case SCHEMA_LIST:
        return read_list(reader, field, message);
    case SCHEMA_INT:
        break;
    }
    return -EBADMSG;
}

/* What a struct says about a field that did not come. */
static int set_absent(const struct schema_field *field, char *message)
{
    if (field->required)
        return -EBADMSG;
    if (field->has_flag)
        *(bool *)(message + field->flag_offset) = false;
    else if (field->kind == SCHEMA_LIST)
        *(size_t *)(message + field->flag_offset) = 0;
    else
        message[field->offset] = '\0';
    return 0;
}

/* The next tag of a map, greater than `last`. */
static int read_tag(struct msgpack_reader *reader, uint64_t *last)
{
    uint64_t tag;

    if (msgpack_reader_u64(reader, &tag) < 0 || tag <= *last)
        return -EBADMSG;
    *last = tag;
    return 0;
}

static int read_record(struct msgpack_reader *reader, const struct schema_record *record, char *message)
{
    const struct schema_field *field = record->fields, *end = record->fields + record->field_count;
    uint64_t tag = 0;
    uint32_t pairs;
    int r = msgpack_reader_map(reader, &pairs);

    for (; r == 0 && pairs > 0; pairs--) {
        r = read_tag(reader, &tag);
        for (; r == 0 && field < end && field->tag < tag; field++)
            r = set_absent(field, message);
        if (r < 0)
            break;
        if (field == end || field->tag > tag) {
            r = msgpack_reader_skip(reader);
            continue;
        }
        r = read_value(reader, field, message);
        if (field->has_flag)
            *(bool *)(message + field->flag_offset) = true;
        field++;
    }
    for (; r == 0 && field < end; field++)
        r = set_absent(field, message);
    return r;
}

static int read_version(struct msgpack_reader *reader)
{
    uint64_t version;

    if (msgpack_reader_u64(reader, &version) < 0)
        return -EBADMSG;
    return version == PROTO_VERSION ? 0 : -EPROTONOSUPPORT;
}

static int read_type(struct msgpack_reader *reader, uint32_t *ret_type)
{
    uint64_t type;

    if (msgpack_reader_u64(reader, &type) < 0 || type > UINT32_MAX)
        return -EBADMSG;
    *ret_type = (uint32_t)type;
    return 0;
}

/* Reads up to the body's tag. *ret_pairs: how many pairs follow the body's value. */
static int read_envelope(struct msgpack_reader *reader, struct envelope *envelope, uint32_t *ret_pairs)
{
    uint64_t tag = 0;
    uint32_t pairs, seen = 0;
    const uint32_t needed =
        1u << ENVELOPE_VERSION | 1u << ENVELOPE_TYPE | 1u << ENVELOPE_ID | 1u << ENVELOPE_SENT_AT;
    int r = msgpack_reader_map(reader, &pairs);

    *envelope = (struct envelope){0};
    for (; r == 0 && pairs > 0; pairs--) {
        r = read_tag(reader, &tag);
        if (r < 0 || tag > ENVELOPE_BODY)
            return -EBADMSG;
        seen |= 1u << tag;
        if (tag == ENVELOPE_VERSION)
            r = read_version(reader);
        else if (tag == ENVELOPE_TYPE)
            r = read_type(reader, &envelope->type);
        else if (tag == ENVELOPE_ID)
            r = read_fixed(reader, envelope->id.bytes, sizeof(envelope->id.bytes));
        else if (tag == ENVELOPE_TRACE_ID)
            r = read_fixed(reader, envelope->trace_id, sizeof(envelope->trace_id));
        else if (tag == ENVELOPE_SENT_AT)
            r = read_instant(reader, &envelope->sent_at);
        else if (tag == ENVELOPE_DEADLINE)
            r = read_instant(reader, &envelope->deadline);
        else { /* ENVELOPE_BODY */
            *ret_pairs = pairs - 1;
            return (seen & needed) == needed ? 0 : -EBADMSG;
        }
    }
    return r < 0 ? r : -EBADMSG;
}

int envelope_decode(const uint8_t *bytes, size_t length, struct envelope *ret_envelope)
{
    struct msgpack_reader reader = {bytes, bytes + length};
    struct envelope envelope;
    uint32_t pairs;
    int r = read_envelope(&reader, &envelope, &pairs);

    if (r == 0)
        *ret_envelope = envelope;
    return r;
}

int codec_decode(uint32_t type, const uint8_t *bytes, size_t length, struct envelope *ret_envelope,
                 void *ret_message)
{
    const struct schema_record *record = schema_message(type);
    struct msgpack_reader reader = {bytes, bytes + length};
    uint64_t tag = ENVELOPE_BODY;
    uint32_t pairs = 0;
    int r = record == NULL ? -EBADMSG : read_envelope(&reader, ret_envelope, &pairs);

    if (r == 0 && ret_envelope->type != type)
        r = -EBADMSG;
    if (r == 0)
        r = read_record(&reader, record, ret_message);
    for (; r == 0 && pairs > 0; pairs--) {
        r = read_tag(&reader, &tag);
        if (r == 0)
            r = msgpack_reader_skip(&reader);
    }
    return r == 0 && reader.at != reader.end ? -EBADMSG : r;
}

#define MESSAGE_BEGIN(message_, upper, number, route, meaning)                                               \
    int message_##_encode(const struct envelope *envelope, const struct message_ *message,                   \
                          struct buffer *out)                                                                \
    {                                                                                                        \
        return codec_encode(MESSAGE_##upper, envelope, message, out);                                        \
    }                                                                                                        \
    int message_##_decode(const uint8_t *bytes, size_t length, struct envelope *ret_envelope,                \
                          struct message_ *ret_message)                                                      \
    {                                                                                                        \
        return codec_decode(MESSAGE_##upper, bytes, length, ret_envelope, ret_message);                      \
    }
#include "proto/messages.def"

const char *answer_outcome_text(enum answer_outcome outcome)
{
    switch (outcome) {
    case ANSWER_CREATED:
        return "CREATED";
    case ANSWER_REPLAYED:
        return "REPLAYED";
    case ANSWER_REJECTED:
        return "REJECTED";
    case ANSWER_KEY_REUSED:
        return "KEY_REUSED";
    case ANSWER_UNAVAILABLE:
        return "UNAVAILABLE";
    case ANSWER_ACCEPTED:
        return "ACCEPTED";
    case ANSWER_NOT_FOUND:
        return "NOT_FOUND";
    case ANSWER_NOT_CANCELLABLE:
        return "NOT_CANCELLABLE";
    case ANSWER_NOT_IN_DOUBT:
        return "NOT_IN_DOUBT";
    case ANSWER_PREVIEWED:
        return "PREVIEWED";
    }
    return NULL;
}
