/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on the wire: golden vectors, and everything that a decoder or an encoder refuses.
 *
 * Long: one message is spoiled in every way that a decoder must refuse. */
#include "proto/proto.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/codec.h"
#include "proto/dump.h"
#include "proto/msgpack_reader.h"
#include "tests/support/sample.h"
#include "tests/unit/proto_support.h"

#define FOR_EACH_MESSAGE(entry)                                                                              \
    for (const struct schema_entry *entry = schema_entries; entry < schema_entries + schema_entry_count;     \
         entry++)                                                                                            \
        if (entry->type != 0)

static void *sample(uint32_t type)
{
    void *message = calloc(1, schema_message(type)->size);

    cr_assert_not_null(message);
    cr_assert_eq(sample_fill(type, message), 0);
    return message;
}

static void encode_sample(uint32_t type, struct buffer *out)
{
    CLEANUP_FREE void *message = sample(type);
    struct envelope envelope = sample_envelope(type);

    cr_assert_eq(codec_encode(type, &envelope, message, out), 0);
}

/* Decodes into memory full of rubbish, as a reused struct is. */
static int decode(uint32_t type, const struct buffer *wire, struct envelope *ret_envelope, void **ret_message)
{
    size_t size = schema_message(type)->size;
    CLEANUP_FREE uint8_t *exact = malloc(wire->length + 1); /* so that a sanitizer sees a byte too far */
    void *message = malloc(size);

    cr_assert(exact != NULL && message != NULL);
    memset(message, 0xa5, size);
    memcpy(exact, wire->data, wire->length);
    int r = codec_decode(type, exact, wire->length, ret_envelope, message);
    if (r == 0 && ret_message != NULL)
        *ret_message = message;
    else
        free(message);
    return r;
}

static int decode_result(uint32_t type, const struct buffer *wire)
{
    struct envelope envelope;

    return decode(type, wire, &envelope, NULL);
}

/* An envelope without trace and deadline around a body written in hexadecimal. */
static void wrap(struct buffer *wire, uint32_t type, const char *body)
{
    support_append_hex(wire, "85 0101 02");
    buffer_append_char(wire, (char)type);
    support_append_hex(wire, "03 c410 000102030405060708090a0b0c0d0e0f 05 01 07");
    support_append_hex(wire, body);
}

Test(proto, encoding_gives_the_golden_bytes)
{
    FOR_EACH_MESSAGE(entry)
    {
        CLEANUP(buffer_release)
        struct buffer hex = BUFFER_INIT(0), golden = BUFFER_INIT(0), wire = BUFFER_INIT(0);
        char path[256];

        (void)snprintf(path, sizeof(path), "proto/golden/%s.hex", entry->record->name);
        support_read_file(path, &hex);
        support_append_hex(&golden, hex.data);
        encode_sample(entry->type, &wire);
        cr_expect(wire.length == golden.length && memcmp(wire.data, golden.data, wire.length) == 0,
                  "%s: other bytes than in proto/golden", entry->record->name);
    }
}

Test(proto, golden_bytes_decode_to_the_golden_values)
{
    FOR_EACH_MESSAGE(entry)
    {
        CLEANUP(buffer_release)
        struct buffer hex = BUFFER_INIT(0), wire = BUFFER_INIT(0), json = BUFFER_INIT(0),
                      line = BUFFER_INIT(0), dump = BUFFER_INIT(0);
        struct envelope envelope, expected = sample_envelope(entry->type);
        CLEANUP_FREE void *message = NULL;
        char path[256];

        (void)snprintf(path, sizeof(path), "proto/golden/%s.hex", entry->record->name);
        support_read_file(path, &hex);
        support_append_hex(&wire, hex.data);
        (void)snprintf(path, sizeof(path), "proto/golden/%s.json", entry->record->name);
        support_read_file(path, &json);
        cr_assert_eq(decode(entry->type, &wire, &envelope, &message), 0, "%s", entry->record->name);
        dump_render(entry->record, message, &line);
        sample_indent(line.data, &dump);
        cr_expect_str_eq(dump.data, json.data, "%s", entry->record->name);
        cr_expect_eq(envelope.type, entry->type);
        cr_expect_eq(uuid_compare(envelope.id, expected.id), 0);
        cr_expect_eq(memcmp(envelope.trace_id, expected.trace_id, TRACE_ID_BYTES), 0);
        cr_expect_eq(envelope.sent_at.us, expected.sent_at.us);
        cr_expect_eq(envelope.deadline.us, expected.deadline.us);
    }
}

static void expect_all_set(const struct schema_record *record, const char *message)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];
        const char *value = message + field->offset;

        if (field->has_flag)
            cr_expect(*(const bool *)(message + field->flag_offset), "%s.%s", record->name, field->name);
        if (field->kind == SCHEMA_LIST)
            cr_expect_gt(*(const size_t *)(message + field->flag_offset), 0, "%s.%s", record->name,
                         field->name);
        if (field->kind == SCHEMA_TEXT)
            cr_expect_neq(value[0], '\0', "%s.%s", record->name, field->name);
        if (field->kind == SCHEMA_MSG || field->kind == SCHEMA_LIST)
            expect_all_set(field->record, value);
    }
}

Test(proto, golden_values_set_every_field)
{
    FOR_EACH_MESSAGE(entry)
    {
        CLEANUP_FREE void *message = sample(entry->type);

        if (entry->type !=
            MESSAGE_ORDER_CHECKED) /* its fault is the example of one without optional fields */
            expect_all_set(entry->record, message);
    }
}

Test(proto, tags_ascend_and_types_are_distinct)
{
    for (size_t i = 0; i < schema_entry_count; i++) {
        const struct schema_record *record = schema_entries[i].record;

        for (size_t k = 0; k < record->field_count; k++)
            cr_expect_gt(record->fields[k].tag, k == 0 ? 0 : record->fields[k - 1].tag, "%s.%s", record->name,
                         record->fields[k].name);
        for (size_t k = 0; k < i && schema_entries[i].type != 0; k++)
            cr_expect_neq(schema_entries[k].type, schema_entries[i].type, "%s", record->name);
    }
}

Test(proto, readme_lists_every_message_and_field)
{
    CLEANUP(buffer_release) struct buffer table = BUFFER_INIT(0);

    dump_render_readme(&table);
    support_expect_generated("proto/README.md", "readme", &table);
}

Test(proto, absent_optional_fields_are_read_as_absent)
{
    CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);
    struct envelope envelope;
    CLEANUP_FREE void *message = NULL;

    wrap(&wire, MESSAGE_ANSWER, "85 0107 0201 0502 0603 0704");
    cr_assert_eq(decode(MESSAGE_ANSWER, &wire, &envelope, &message), 0);
    const struct answer *answer = message;
    cr_expect_eq(answer->handle, 7);
    cr_expect_eq(answer->outcome, ANSWER_CREATED);
    cr_expect_not(answer->has_order);
    cr_expect_eq(answer->faults_count, 0);
    cr_expect_str_eq(answer->detail, "");
    cr_expect_eq(answer->db_us, 4);
    cr_expect_eq(envelope.deadline.us, 0);
    cr_expect_eq(envelope.trace_id[15], 0);
}

#define REPEAT_16 "91919191919191919191919191919191"

Test(proto, decoder_judges_bodies)
{
    static const struct {
        const char *fact;
        enum message_type type;
        const char *body;
        int result;
    } cases[] = {
        {"the least", MESSAGE_ADMITTED, "82 0132 0290", 0},
        {"the greatest number", MESSAGE_ADMITTED, "82 01 cfffffffffffffffff 0290", 0},
        {"a number that is wider than it needs", MESSAGE_ADMITTED, "82 01 cd0032 0290", 0},
        {"a signed number that is not negative", MESSAGE_ADMITTED, "82 01 d30000000000000032 0290", 0},
        {"a map head that is wider than it needs", MESSAGE_ADMITTED, "df00000002 0132 0290", 0},
        {"an unknown tag", MESSAGE_ADMITTED, "83 0132 0290 03c0", 0},
        {"an unknown tag with a float", MESSAGE_ADMITTED, "83 0132 0290 03cb3ff0000000000000", 0},
        {"an unknown tag with an extension", MESSAGE_ADMITTED, "83 0132 0290 03d50102ff", 0},
        {"an unknown tag with a map", MESSAGE_ADMITTED, "83 0132 0290 03 82a16101a16293c2c3c0", 0},
        {"unknown values 16 deep", MESSAGE_ADMITTED, "83 0132 0290 03" REPEAT_16 "c0", 0},
        {"unknown values 17 deep", MESSAGE_ADMITTED, "83 0132 0290 03" REPEAT_16 "91c0", -EBADMSG},
        {"an unknown value that is cut off", MESSAGE_ADMITTED, "83 0132 0290 03 ddffffffff", -EBADMSG},
        {"an unknown value of the reserved byte", MESSAGE_ADMITTED, "83 0132 0290 03c1", -EBADMSG},
        {"no required field", MESSAGE_ADMITTED, "80", -EBADMSG},
        {"a duplicate tag", MESSAGE_ADMITTED, "83 0132 0132 0290", -EBADMSG},
        {"a duplicate unknown tag", MESSAGE_ADMITTED, "84 0132 0290 03c0 03c0", -EBADMSG},
        {"tags that descend", MESSAGE_ADMITTED, "82 0290 0132", -EBADMSG},
        {"tag 0", MESSAGE_ADMITTED, "83 00c0 0132 0290", -EBADMSG},
        {"a text as tag", MESSAGE_ADMITTED, "82 a131 32 0290", -EBADMSG},
        {"a trailing byte", MESSAGE_ADMITTED, "82 0132 0290 c0", -EBADMSG},
        {"a text for a number", MESSAGE_ADMITTED, "82 01 a132 0290", -EBADMSG},
        {"a float for a number", MESSAGE_ADMITTED, "82 01 ca42480000 0290", -EBADMSG},
        {"a negative number", MESSAGE_ADMITTED, "82 01 ff 0290", -EBADMSG},
        {"a map that promises more than comes", MESSAGE_ADMITTED, "dfffffffff 0132 0290", -EBADMSG},
        {"an array for the body", MESSAGE_ADMITTED, "91 0132", -EBADMSG},
        {"an empty list", MESSAGE_ADMITTED, "82 0103 0290", 0},
        {"a list of one", MESSAGE_ADMITTED, "82 0103 02 91 8101c410000102030405060708090a0b0c0d0e0f", 0},
        {"no list", MESSAGE_ADMITTED, "81 0103", -EBADMSG},
        {"a list longer than its bound", MESSAGE_ADMITTED, "82 0103 02 dc0101", -EBADMSG},
        {"a list of numbers", MESSAGE_ADMITTED, "82 0103 02 9101", -EBADMSG},
        {"an empty entry", MESSAGE_ADMITTED, "82 0103 02 9180", -EBADMSG},
        {"a uuid of 15 bytes", MESSAGE_ADMITTED, "82 0103 02 91 8101c40f000102030405060708090a0b0c0d0e",
         -EBADMSG},
        {"a uuid as text", MESSAGE_ADMITTED, "82 0103 02 91 8101b0000102030405060708090a0b0c0d0e0f",
         -EBADMSG},
        {"enum number 0", MESSAGE_ANSWER, "85 0107 0200 0502 0603 0704", -EBADMSG},
        {"enum number past the last", MESSAGE_ANSWER, "85 0107 020b 0502 0603 0704", -EBADMSG},
        {"enum number 2^32 + 1", MESSAGE_ANSWER, "85 0107 02cf0000000100000001 0502 0603 0704", -EBADMSG},
        {"a text", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 a5 67c3bc6e21", 0},
        {"a text with NUL", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 a3 670067", -EBADMSG},
        {"an overlong form", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 a2 c0af", -EBADMSG},
        {"a surrogate", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 a3 eda080", -EBADMSG},
        {"a sequence that is cut off", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 a1 c3", -EBADMSG},
        {"bytes for a text", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 c40167", -EBADMSG},
        {"a text that claims 4 GB", MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 dbffffffff67", -EBADMSG},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);

        wrap(&wire, cases[i].type, cases[i].body);
        cr_expect_eq(decode_result(cases[i].type, &wire), cases[i].result, "%s", cases[i].fact);
    }
}

Test(proto, text_may_fill_its_bound_and_no_more)
{
    for (size_t length = 384; length <= 385; length++) {
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);

        wrap(&wire, MESSAGE_ANSWER, "86 0107 0205 0502 0603 0704 08 da");
        buffer_append_char(&wire, (char)(length >> 8));
        buffer_append_char(&wire, (char)length);
        for (size_t i = 0; i < length; i++)
            buffer_append_char(&wire, 'x');
        cr_expect_eq(decode_result(MESSAGE_ANSWER, &wire), length == 384 ? 0 : -EBADMSG, "%zu", length);
    }
}

#define ID "03 c410 000102030405060708090a0b0c0d0e0f"

Test(proto, decoder_judges_envelopes)
{
    static const struct {
        const char *fact;
        const char *wire;
        int decoded;  /* of outbox_wake_decode */
        int envelope; /* of envelope_decode */
    } cases[] = {
        {"the least", "85 0101 0205 " ID " 0500 07 80", 0, 0},
        {"a field that is retired", "85 0101 0205 " ID " 0500 07 810132", 0, 0},
        {"pairs behind the body", "86 0101 0205 " ID " 0500 07 810132 08c0", 0, 0},
        {"a duplicate behind the body", "86 0101 0205 " ID " 0500 07 810132 07c0", -EBADMSG, 0},
        {"another version", "85 0102 0205 " ID " 0500 07 810132", -EPROTONOSUPPORT, -EPROTONOSUPPORT},
        {"another type", "85 0101 0204 " ID " 0500 07 810132", -EBADMSG, 0},
        {"no version", "84 0205 " ID " 0500 07 810132", -EBADMSG, -EBADMSG},
        {"no type", "84 0101 " ID " 0500 07 810132", -EBADMSG, -EBADMSG},
        {"no id", "84 0101 0205 0500 07 810132", -EBADMSG, -EBADMSG},
        {"no time of sending", "84 0101 0205 " ID " 07 810132", -EBADMSG, -EBADMSG},
        {"no body", "84 0101 0205 " ID " 0500", -EBADMSG, -EBADMSG},
        {"a negative time", "85 0101 0205 " ID " 05ff 07 810132", -EBADMSG, -EBADMSG},
        {"a time after the year 9999", "85 0101 0205 " ID " 05cf0384440ccc736000 07 810132", -EBADMSG,
         -EBADMSG},
        {"the last time of the year 9999", "85 0101 0205 " ID " 05cf0384440ccc735fff 07 810132", 0, 0},
        {"a short trace id", "86 0101 0205 " ID " 04c401ff 0500 07 810132", -EBADMSG, -EBADMSG},
        {"an array", "95 0101 0205", -EBADMSG, -EBADMSG},
        {"nothing", "", -EBADMSG, -EBADMSG},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);
        struct envelope envelope;
        struct outbox_wake wake;

        support_append_hex(&wire, cases[i].wire);
        const uint8_t *bytes = (const uint8_t *)(wire.data == NULL ? "" : wire.data);
        cr_expect_eq(outbox_wake_decode(bytes, wire.length, &envelope, &wake), cases[i].decoded, "%s",
                     cases[i].fact);
        cr_expect_eq(envelope_decode(bytes, wire.length, &envelope), cases[i].envelope, "%s", cases[i].fact);
    }
}

Test(proto, every_cut_is_refused)
{
    FOR_EACH_MESSAGE(entry)
    {
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);

        encode_sample(entry->type, &wire);
        while (wire.length > 0) {
            wire.length--;
            cr_expect_eq(decode_result(entry->type, &wire), -EBADMSG, "%s cut to %zu", entry->record->name,
                         wire.length);
        }
    }
}

/* Copies a message with the value of the body's pair number `victim` replaced by `value`; NULL leaves the
 * pair out. Returns its tag. */
static uint64_t mutilate(const struct buffer *wire, size_t victim, const char *value, struct buffer *out)
{
    const uint8_t *start = (const uint8_t *)wire->data;
    struct msgpack_reader reader = {start, start + wire->length};
    uint32_t pairs;
    uint64_t tag = 0, found = 0;

    cr_assert_eq(msgpack_reader_map(&reader, &pairs), 0);
    for (;;) {
        cr_assert_eq(msgpack_reader_u64(&reader, &tag), 0);
        if (tag == 7)
            break;
        cr_assert_eq(msgpack_reader_skip(&reader), 0);
    }
    buffer_append(out, start, (size_t)(reader.at - start));
    cr_assert_eq(msgpack_reader_map(&reader, &pairs), 0);
    support_append_hex(out, "de00");
    buffer_append_char(out, (char)(pairs - (value == NULL ? 1 : 0)));
    for (size_t i = 0; i < pairs; i++) {
        const uint8_t *pair = reader.at;

        cr_assert_eq(msgpack_reader_u64(&reader, &tag), 0);
        const uint8_t *old = reader.at;
        cr_assert_eq(msgpack_reader_skip(&reader), 0);
        if (i != victim) {
            buffer_append(out, pair, (size_t)(reader.at - pair));
            continue;
        }
        found = tag;
        if (value != NULL) {
            buffer_append(out, pair, (size_t)(old - pair));
            support_append_hex(out, value);
        }
    }
    return found;
}

Test(proto, exactly_the_required_fields_are_missed)
{
    FOR_EACH_MESSAGE(entry)
    {
        const struct schema_record *record = entry->record;
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);

        encode_sample(entry->type, &wire);
        for (size_t i = 0; i < record->field_count; i++) {
            CLEANUP(buffer_release) struct buffer changed = BUFFER_INIT(0);

            cr_assert_eq(mutilate(&wire, i, NULL, &changed), record->fields[i].tag);
            cr_expect_eq(decode_result(entry->type, &changed), record->fields[i].required ? -EBADMSG : 0,
                         "%s without %s", record->name, record->fields[i].name);
        }
    }
}

Test(proto, a_value_of_another_kind_is_refused_in_every_field)
{
    FOR_EACH_MESSAGE(entry)
    {
        const struct schema_record *record = entry->record;
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);

        encode_sample(entry->type, &wire);
        for (size_t i = 0; i < record->field_count; i++) {
            CLEANUP(buffer_release) struct buffer changed = BUFFER_INIT(0);

            (void)mutilate(&wire, i, "c0", &changed);
            cr_expect_eq(decode_result(entry->type, &changed), -EBADMSG, "%s with nil for %s", record->name,
                         record->fields[i].name);
        }
    }
}

/* What a decoder accepts, an encoder writes, and it reads as the same. */
static void expect_stable(uint32_t type, const struct buffer *wire)
{
    CLEANUP(buffer_release) struct buffer first = BUFFER_INIT(0), second = BUFFER_INIT(0);
    CLEANUP_FREE void *message = NULL, *again = NULL;
    struct envelope envelope;

    if (decode(type, wire, &envelope, &message) < 0)
        return;
    cr_assert_eq(codec_encode(type, &envelope, message, &first), 0);
    cr_assert_eq(decode(type, &first, &envelope, &again), 0);
    cr_assert_eq(codec_encode(type, &envelope, again, &second), 0);
    cr_assert(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
}

Test(proto, whatever_one_byte_becomes_the_decoder_survives_and_is_stable)
{
    static const uint32_t types[] = {MESSAGE_ORDER_REQUEST, MESSAGE_ORDER_CHECKED, MESSAGE_ANSWER,
                                     MESSAGE_ADMITTED,      MESSAGE_OUTBOX_WAKE,   MESSAGE_ORDER_COMMAND,
                                     MESSAGE_COMMANDED};

    for (size_t t = 0; t < ARRAY_LEN(types); t++) {
        CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0);

        encode_sample(types[t], &wire);
        for (size_t i = 0; i < wire.length; i++) {
            char old = wire.data[i];
            for (int value = 0; value < 256; value += 3) {
                wire.data[i] = (char)value;
                expect_stable(types[t], &wire);
            }
            wire.data[i] = old;
        }
    }
}

static void no_outcome(struct answer *answer)
{
    answer->outcome = (enum answer_outcome)0;
}
static void open_text(struct answer *answer)
{
    memset(answer->detail, 'x', sizeof(answer->detail));
}
static void broken_text(struct answer *answer)
{
    memcpy(answer->detail, "\xff", 2);
}
static void too_many_faults(struct answer *answer)
{
    answer->faults_count = ARRAY_LEN(answer->faults) + 1;
}
static void early_time(struct answer *answer)
{
    answer->order.created_at.us = -1;
}
static void late_time(struct answer *answer)
{
    answer->order.next_check_at.us = INT64_C(253402300800000000);
}
static void no_side(struct answer *answer)
{
    answer->order.side = (enum side)3;
}
static void broken_fault(struct answer *answer)
{
    memcpy(answer->faults[1].message, "\xed\xa0\x80", 4);
}

Test(proto, encoder_refuses_what_a_decoder_would_refuse)
{
    static const struct {
        const char *fact;
        void (*change)(struct answer *answer);
    } cases[] = {
        {"no outcome", no_outcome},
        {"a text without end", open_text},
        {"a text that is not UTF-8", broken_text},
        {"too many faults", too_many_faults},
        {"a time before 1970", early_time},
        {"a time after 9999", late_time},
        {"a side that is none", no_side},
        {"a broken text in a list", broken_fault},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
        CLEANUP_FREE struct answer *answer = sample(MESSAGE_ANSWER);
        struct envelope envelope = sample_envelope(MESSAGE_ANSWER);

        buffer_append_text(&out, "before");
        cases[i].change(answer);
        cr_expect_eq(answer_encode(&envelope, answer, &out), -EINVAL, "%s", cases[i].fact);
        cr_expect_str_eq(out.data, "before", "%s: half a message stayed", cases[i].fact);
        cr_expect_eq(out.length, strlen("before"));
    }
}

Test(proto, encoder_tells_that_the_buffer_is_full)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(100);
    struct envelope envelope = sample_envelope(MESSAGE_OUTBOX_WAKE);
    CLEANUP_FREE struct answer *answer = sample(MESSAGE_ANSWER);
    struct outbox_wake wake = {};

    cr_assert_eq(outbox_wake_encode(&envelope, &wake, &out), 0);
    size_t length = out.length;
    cr_expect_eq(answer_encode(&envelope, answer, &out), -ENOBUFS);
    cr_expect_eq(out.length, length);
}

Test(proto, unknown_types_have_no_codec)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct envelope envelope = sample_envelope(0);

    cr_expect_eq(codec_encode(0, &envelope, "", &out), -EINVAL);
    cr_expect_eq(codec_decode(99, (const uint8_t *)"", 0, &envelope, &out), -EBADMSG);
    cr_expect_null(message_type_text(0));
    cr_expect_null(message_type_text(99));
    cr_expect_str_eq(message_type_text(MESSAGE_LOGGED_EVENTS), "LOGGED_EVENTS");
}

Test(proto, words_are_read_as_they_are_written)
{
    static const char *const not_actions[] = {"", "FILLE", "FILLEDX", "filled", "HALTED "};
    enum audit_action action;

    for (int number = 1; number <= AUDIT_ACTION_LANE_RESYNCED; number++) {
        const char *text = audit_action_text((enum audit_action)number);
        cr_assert_neq(text[0], '\0');
        cr_assert_eq(audit_action_parse(text, strlen(text), &action), 0, "%s", text);
        cr_expect_eq((int)action, number, "%s", text);
    }
    for (size_t i = 0; i < ARRAY_LEN(not_actions); i++)
        cr_expect_eq(audit_action_parse(not_actions[i], strlen(not_actions[i]), &action), -EINVAL, "%s",
                     not_actions[i]);
    cr_expect_str_eq(audit_action_text((enum audit_action)0), "");
    cr_expect_str_eq(audit_action_text((enum audit_action)25), "");
    cr_expect_null(answer_outcome_text((enum answer_outcome)0));
}

Test(proto, words_of_a_command_are_read_as_they_are_written)
{
    static const char *const kinds[] = {"CANCEL", "RESOLVE"};
    static const char *const actions[] = {"RETRY", "REJECT", "CANCEL", "FILL"};
    enum order_command_kind kind;
    enum resolve_action action;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cr_assert_eq(order_command_kind_parse(kinds[i], strlen(kinds[i]), &kind), 0, "%s", kinds[i]);
        cr_expect_eq((size_t)kind, i + 1, "%s", kinds[i]);
        cr_expect_str_eq(order_command_kind_text(kind), kinds[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        cr_assert_eq(resolve_action_parse(actions[i], strlen(actions[i]), &action), 0, "%s", actions[i]);
        cr_expect_eq((size_t)action, i + 1, "%s", actions[i]);
        cr_expect_str_eq(resolve_action_text(action), actions[i]);
    }
    cr_expect_eq(order_command_kind_parse("cancel", 6, &kind), -EINVAL);
    cr_expect_eq(resolve_action_parse("FILLED", 6, &action), -EINVAL);
}

Test(proto, every_outcome_has_a_name)
{
    for (int outcome = ANSWER_CREATED; outcome <= ANSWER_PREVIEWED; outcome++)
        cr_expect_not_null(answer_outcome_text((enum answer_outcome)outcome), "%d", outcome);
    cr_expect_null(answer_outcome_text((enum answer_outcome)(ANSWER_PREVIEWED + 1)));
}
