/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's FIX parser and builder: what is sound, what is garbled, and which fault is named. */
#include "services/exchange-sim/fix/fix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/fix_text.h"

#define HEAD "35=D|49=A|56=SIM|34=7|52=20260102-03:04:05|"

static struct fix_message message;

static struct fix_fault parse(const char *fields)
{
    static char bytes[FIX_TEXT_MAX];
    size_t length = fix_text_build(fields, bytes);
    return fix_parse(bytes, length, &message);
}

Test(sim_fix, a_sound_message_is_taken_apart)
{
    struct fix_fault fault =
        parse("35=D|49=A|56=SIM|34=7|43=Y|97=N|52=20260102-03:04:05.678|122=20260102-03:04:04|11=x|58=a=b|");
    cr_assert_eq(fault.kind, FIX_VALID);
    cr_expect(fix_text_equals(message.type, "D"));
    cr_expect(fix_text_equals(message.sender, "A"));
    cr_expect(fix_text_equals(message.target, "SIM"));
    cr_expect_eq(message.sending_time.us - message.orig_sending_time.us, 1678000);
    cr_expect_eq(message.seq, 7);
    cr_expect(message.poss_dup);
    cr_expect_not(message.poss_resend);
    const struct fix_field *text = fix_find(&message, FIX_TEXT);
    cr_assert_not_null(text);
    cr_expect(fix_text_equals((struct fix_text){text->value, text->length}, "a=b"));
    cr_expect_null(fix_find(&message, FIX_SYMBOL));
    cr_expect_null(fix_find(&message, FIX_MSG_SEQ_NUM), "the header is not part of the body");
}

/* Text ends at its first NUL where it is kept: taken as one, it would come back as another value. */
Test(sim_fix, a_value_with_a_nul_is_faulty_and_data_may_hold_any_byte)
{
    static char bytes[FIX_TEXT_MAX];
    char body[] = "262=#m\x01";
    struct fix_header header = {.type = "V", .sender = "A", .target = "SIM", .seq = 7};
    body[4] = '\0';
    size_t length = fix_build(&header, body, sizeof(body) - 1, bytes);
    struct fix_fault fault = fix_parse(bytes, length, &message);
    cr_expect_eq(fault.kind, FIX_FAULTY);
    cr_expect_eq(fault.reason, FIX_REASON_DATA_FORMAT);
    cr_expect_eq(fault.tag, FIX_MD_REQ_ID);

    char data[] = "95=3\x01"
                  "96=#\x01#\x01";
    data[8] = data[10] = '\0';
    length = fix_build(&header, data, sizeof(data) - 1, bytes);
    cr_expect_eq(fix_parse(bytes, length, &message).kind, FIX_VALID);
}

Test(sim_fix, a_message_without_a_body_is_sound)
{
    cr_assert_eq(parse("35=0|49=A|56=SIM|34=7|52=20260102-03:04:05|").kind, FIX_VALID);
    cr_expect_null(fix_find(&message, FIX_TEXT));
}

Test(sim_fix, each_fault_names_its_reason_and_tag)
{
    static const struct {
        const char *fields;
        enum fix_reject_reason reason;
        uint32_t tag;
    } cases[] = {
        {"35=D|56=SIM|34=7|52=20260102-03:04:05|11=x|", FIX_REASON_REQUIRED_TAG_MISSING, 49},
        {"35=D|49=A|34=7|52=20260102-03:04:05|11=x|", FIX_REASON_REQUIRED_TAG_MISSING, 56},
        {"35=D|49=A|56=SIM|52=20260102-03:04:05|11=x|", FIX_REASON_REQUIRED_TAG_MISSING, 34},
        {"35=D|49=A|56=SIM|34=7|11=x|", FIX_REASON_REQUIRED_TAG_MISSING, 52},
        {"35=D|49=A|56=SIM|34=x|52=20260102-03:04:05|", FIX_REASON_DATA_FORMAT, 34},
        {"35=D|49=A|56=SIM|34=99999999999999999999|52=20260102-03:04:05|", FIX_REASON_DATA_FORMAT, 34},
        {"35=D|49=A|56=SIM|34=7|52=yesterday|", FIX_REASON_DATA_FORMAT, 52},
        {"35=D|49=A|56=SIM|34=7|52=20261302-03:04:05|", FIX_REASON_DATA_FORMAT, 52},
        {"35=D|49=A|56=SIM|34=7|43=1|52=20260102-03:04:05|", FIX_REASON_DATA_FORMAT, 43},
        {HEAD "49=A|", FIX_REASON_TAG_REPEATED, 49},
        {HEAD "34=8|11=x|", FIX_REASON_TAG_REPEATED, 34},
        {HEAD "11=x|43=Y|", FIX_REASON_TAG_OUT_OF_ORDER, 43},
        {HEAD "11=x|43=Y|43=Y|", FIX_REASON_TAG_OUT_OF_ORDER, 43},
        {HEAD "11=x|97=Z|", FIX_REASON_TAG_OUT_OF_ORDER, 97},
        {HEAD "11=x|90=1|91=x|", FIX_REASON_TAG_OUT_OF_ORDER, 90},
        {HEAD "11=x|93=1|89=x|58=t|", FIX_REASON_TAG_OUT_OF_ORDER, 58},
        {HEAD "93=1|89=x|43=N|", FIX_REASON_TAG_OUT_OF_ORDER, 43},
        {HEAD "11=x|10=123|58=t|", FIX_REASON_TAG_OUT_OF_ORDER, 10},
        {HEAD "97=|11=x|", FIX_REASON_NO_VALUE, 97},
        {HEAD "97=1|11=x|", FIX_REASON_DATA_FORMAT, 97},
        {HEAD "43=Y|11=x|", FIX_REASON_REQUIRED_TAG_MISSING, 122},
        {HEAD "43=Y|122=20260102-03:04:05.001|11=x|", FIX_REASON_SENDING_TIME, 122},
        {HEAD "122=yesterday|11=x|", FIX_REASON_DATA_FORMAT, 122},
        {HEAD "370=yesterday|11=x|", FIX_REASON_DATA_FORMAT, 370},
        {HEAD "369=x|11=x|", FIX_REASON_DATA_FORMAT, 369},
        {HEAD "347=latin1|11=x|", FIX_REASON_VALUE_INCORRECT, 347},
        {HEAD "627=1|628=A|629=yesterday|11=x|", FIX_REASON_DATA_FORMAT, 629},
        {HEAD "627=x|11=x|", FIX_REASON_DATA_FORMAT, 627},
        {HEAD "957=x|", FIX_REASON_UNDEFINED_TAG, 957},
        {HEAD "4999=x|", FIX_REASON_UNDEFINED_TAG, 4999},
        {"35=D|49=A|56=SIM|34=7|52=20260229-03:04:05|", FIX_REASON_DATA_FORMAT, 52},
        {HEAD "11=|", FIX_REASON_NO_VALUE, 11},
        {HEAD "=x|", FIX_REASON_INVALID_TAG, 0},
        {HEAD "0=x|", FIX_REASON_INVALID_TAG, 0},
        {HEAD "011=x|", FIX_REASON_INVALID_TAG, 0},
        {HEAD "-1=x|", FIX_REASON_INVALID_TAG, 0},
        {HEAD "abc|", FIX_REASON_INVALID_TAG, 0},
        {HEAD "123456=x|", FIX_REASON_INVALID_TAG, 0},
        {HEAD "11=a\tb|", FIX_REASON_DATA_FORMAT, 11},
        {HEAD "11=x|58=\x7f|", FIX_REASON_DATA_FORMAT, 58},
        {HEAD "57=\x02|11=x|", FIX_REASON_DATA_FORMAT, 57},
        {HEAD "95=3|96=ab|", FIX_REASON_DATA_FORMAT, 96},
        {HEAD "95=3|58=abc|", FIX_REASON_DATA_FORMAT, 96},
        {HEAD "95=x|96=abc|", FIX_REASON_DATA_FORMAT, 95},
        {HEAD "95=3|", FIX_REASON_REQUIRED_TAG_MISSING, 96},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fix_fault fault = parse(cases[i].fields);
        cr_expect_eq(fault.kind, FIX_FAULTY, "%s is kind %d", cases[i].fields, fault.kind);
        cr_expect_eq(fault.reason, cases[i].reason, "%s has reason %d", cases[i].fields, fault.reason);
        cr_expect_eq(fault.tag, cases[i].tag, "%s has tag %u", cases[i].fields, fault.tag);
    }
}

/* A Reject names the message by its number: what stands behind a fault or in the wrong place counts too. */
Test(sim_fix, the_header_is_read_also_when_something_is_faulty)
{
    static const char *const cases[] = {
        HEAD "11=|",
        "35=D|50=|49=A|56=SIM|34=7|52=20260102-03:04:05|11=x|",
        "35=D|abc|49=A|56=SIM|34=7|52=20260102-03:04:05|11=x|",
        "35=D|58=t|49=A|56=SIM|34=7|52=20260102-03:04:05|11=x|",
        "35=D|58=t|58=|2000=y|0=|49=A|56=SIM|52=20260102-03:04:05|34=7|11=x|",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_assert_eq(parse(cases[i]).kind, FIX_FAULTY, "%s", cases[i]);
        cr_expect_eq(message.seq, 7, "%s", cases[i]);
        cr_expect(fix_text_equals(message.sender, "A"), "%s", cases[i]);
    }
}

Test(sim_fix, every_header_field_may_stand_in_any_order)
{
    cr_expect_eq(parse("35=D|629=20260102-03:04:05|627=2|628=A|628=B|630=1|369=5|347=UTF-8|145=a|144=a|143=a|"
                       "142=a|129=a|128=a|116=a|115=a|57=a|50=a|90=3|91=x|y|212=3|213=x|y|43=Y|"
                       "122=20260102-03:04:05|97=N|370=20260102-03:04:05|52=20260102-03:04:05|34=7|56=SIM|"
                       "49=A|11=x|5000=user|9999=user|93=3|89=x|y|")
                     .kind,
                 FIX_VALID);
}

Test(sim_fix, the_sending_time_may_be_off_by_the_skew_either_way)
{
    static const struct {
        int64_t off_us, skew_us;
        bool holds;
    } cases[] = {{0, 1, true},      {120, 120, true},   {-120, 120, true},
                 {121, 120, false}, {-121, 120, false}, {INT64_C(1) << 40, 0, true},
                 {-1, 0, true}};
    cr_assert_eq(parse(HEAD "11=x|").kind, FIX_VALID);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct instant now = {message.sending_time.us + cases[i].off_us};
        struct fix_fault fault = fix_check_time(&message, now, cases[i].skew_us);
        cr_expect_eq(fault.kind, cases[i].holds ? FIX_VALID : FIX_FAULTY, "case %zu", i);
        if (!cases[i].holds)
            cr_expect(fault.reason == FIX_REASON_SENDING_TIME && fault.tag == 52);
    }
}

Test(sim_fix, data_may_hold_separators)
{
    static const struct {
        const char *fields;
        uint32_t tag;
    } cases[] = {
#define FIX_DATA(length, data) {HEAD #length "=3|" #data "=a|b|", data},
#include "proto/fix_data.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_assert_eq(parse(cases[i].fields).kind, FIX_VALID, "%s", cases[i].fields);
        const struct fix_field *data = &message.fields[message.field_count - 1];
        cr_expect_eq(data->tag, cases[i].tag);
        cr_expect_eq(data->length, 3);
    }
}

Test(sim_fix, garbled_messages_are_known_as_such)
{
    static const char *const cases[] = {
        "8=FIX.4.4|9=5|35=0|10=000|",       /* CheckSum */
        "8=FIX.4.4|9=4|35=0|10=161|",       /* BodyLength too short */
        "8=FIX.4.4|9=6|35=0|10=163|",       /* BodyLength too long */
        "9=5|8=FIX.4.4|35=0|10=162|",       /* order */
        "8=FIX.4.4|9=5|34=0|10=161|",       /* MsgType is not third */
        "8=FIX.4.4|9=5|35=0|10=16|",        /* CheckSum of two digits */
        "8=FIX.4.4|9=0000005|35=0|10=162|", /* BodyLength of seven digits */
        "8=FIX.4.4|9=|35=0|10=162|",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char bytes[FIX_TEXT_MAX];
        size_t length = fix_text_raw(cases[i], bytes);
        cr_expect_eq(fix_parse(bytes, length, &message).kind, FIX_GARBLED, "%s", cases[i]);
    }
}

Test(sim_fix, every_changed_byte_is_noticed)
{
    char sound[FIX_TEXT_MAX], bytes[FIX_TEXT_MAX];
    size_t length = fix_text_build(HEAD "11=x|55=AAPL|54=1|38=100|40=1|60=20260102-03:04:05|", sound);
    for (size_t i = 0; i < length; i++) {
        memcpy(bytes, sound, length);
        bytes[i] ^= 0x04;
        cr_expect_eq(fix_parse(bytes, length, &message).kind, FIX_GARBLED, "byte %zu", i);
    }
}

Test(sim_fix, another_version_is_told_apart_from_garbage)
{
    char bytes[FIX_TEXT_MAX];
    size_t length = fix_text_raw("8=FIX.4.2|9=5|35=0|10=161|", bytes);
    cr_expect_eq(fix_parse(bytes, length, &message).kind, FIX_BAD_VERSION);
}

Test(sim_fix, framing_waits_for_every_byte_of_a_message)
{
    char bytes[FIX_TEXT_MAX];
    size_t length = fix_text_build(HEAD "11=x|", bytes), found = 0;
    for (size_t cut = 0; cut < length; cut++)
        cr_expect_eq(fix_frame(bytes, cut, &found), FIX_FRAME_MORE, "after %zu bytes", cut);
    cr_expect_eq(fix_frame(bytes, length, &found), FIX_FRAME_MESSAGE);
    cr_expect_eq(found, length);
}

Test(sim_fix, framing_finds_messages_between_garbage)
{
    char bytes[2 * FIX_TEXT_MAX], one[FIX_TEXT_MAX];
    size_t one_length = fix_text_build(HEAD "11=x|", one), length = 0, at = 0, found = 0, messages = 0,
           skipped = 0;
    static const char *const garbage[] = {"", "8=FIX.4.4|9=12|rubbish", "\n\r8=8=FIX",
                                          "8=FIX.4.4|9=999999|35=0|"};
    for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
        length += fix_text_raw(garbage[i], bytes + length);
        memcpy(bytes + length, one, one_length);
        length += one_length;
    }
    for (enum fix_frame frame; (frame = fix_frame(bytes + at, length - at, &found)) != FIX_FRAME_MORE;
         at += found) {
        cr_assert_gt(found, 0);
        messages += frame == FIX_FRAME_MESSAGE;
        skipped += frame == FIX_FRAME_GARBAGE ? found : 0;
    }
    cr_expect_eq(messages, ARRAY_LEN(garbage));
    cr_expect_eq(at, length);
    cr_expect_eq(skipped + messages * one_length, length);
}

Test(sim_fix, decimals_follow_the_grammar_of_fix)
{
    static const struct {
        const char *text;
        int result;
        int64_t units;
    } cases[] = {
        {"0", 0, 0},
        {"1", 0, 100000000},
        {"00023.230", 0, 2323000000},
        {"23.", 0, 2300000000},
        {".5", 0, 50000000},
        {"-0.00000001", 0, -1},
        {"1.000000000000", 0, 100000000},
        {"92233720368.54775807", 0, INT64_MAX},
        {"92233720368.54775808", -ERANGE, 0},
        {"99999999999999999999", -ERANGE, 0},
        {"1.000000001", -ERANGE, 0},
        {"", -EINVAL, 0},
        {".", -EINVAL, 0},
        {"-", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {"1e5", -EINVAL, 0},
        {"1.2.3", -EINVAL, 0},
        {" 1", -EINVAL, 0},
        {"NaN", -EINVAL, 0},
        {"--1", -EINVAL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct decimal value = {0};
        cr_expect_eq(fix_value_decimal(cases[i].text, strlen(cases[i].text), &value), cases[i].result, "'%s'",
                     cases[i].text);
        cr_expect_eq(value.units, cases[i].units, "'%s' is %lld", cases[i].text, (long long)value.units);
    }
}

Test(sim_fix, times_are_written_as_they_are_read)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "19700101-00:00:00.000"},
        {INT64_C(951782400000000), "20000229-00:00:00.000"},
        {INT64_C(1767323045678000), "20260102-03:04:05.678"},
        {INT64_C(4102444799999000), "20991231-23:59:59.999"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[FIX_TIME_MAX];
        struct instant read = {0};
        cr_expect_eq(fix_time_format((struct instant){cases[i].us}, text), 21);
        cr_expect_str_eq(text, cases[i].text);
        cr_expect_eq(fix_value_time(text, 21, &read), 0);
        cr_expect_eq(read.us, cases[i].us);
    }
}

Test(sim_fix, what_is_built_is_sound_and_says_the_same)
{
    struct fix_body body;
    char bytes[FIX_BODY_MAX + FIX_HEADER_MAX];
    fix_body_clear(&body);
    fix_put_string(&body, FIX_TEXT,
                   "a\x01"
                   "10=000");
    fix_put_u64(&body, FIX_REF_SEQ_NUM, UINT64_MAX);
    fix_put_decimal(&body, FIX_PRICE, decimal_from_units(15001000000));
    struct fix_header header = {.type = "3",
                                .sender = "SIM",
                                .target = "A",
                                .seq = 42,
                                .sending_time = {INT64_C(1767323045678000)},
                                .poss_dup = true,
                                .orig_sending_time = {INT64_C(1767323045000000)}};
    size_t length = fix_build(&header, body.bytes, body.length, bytes);
    cr_assert_eq(fix_parse(bytes, length, &message).kind, FIX_VALID);
    cr_expect_eq(message.seq, 42);
    cr_expect(message.poss_dup);
    const struct fix_field *text = fix_find(&message, FIX_TEXT), *price = fix_find(&message, FIX_PRICE);
    cr_assert(text != NULL && price != NULL);
    cr_expect(fix_text_equals((struct fix_text){text->value, text->length}, "a?10=000"),
              "no field can be forged");
    cr_expect(fix_text_equals((struct fix_text){price->value, price->length}, "150.01"));
    cr_expect_eq(message.field_count - message.body_begin, 3);
}

Test(sim_fix, a_body_never_grows_past_its_bound)
{
    struct fix_body body;
    fix_body_clear(&body);
    for (int i = 0; i < 1000; i++)
        fix_put_string(&body, FIX_TEXT, "0123456789");
    cr_expect(body.overflow);
    cr_expect_leq(body.length, sizeof(body.bytes));
}
