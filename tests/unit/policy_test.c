/* SPDX-License-Identifier: Apache-2.0 */
/* Policies (C2SP tlog-policy): what is one, and which witnesses are enough. */
#include "proto/policy.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/paper_log.h"

enum { KEYS = 8 };

/* %0 … %7 in the text stand for witnesses' keys, %L and %M for logs'. */
static void expand(const char *text, struct buffer *out)
{
    char key[NOTE_KEY_TEXT_MAX];

    for (; *text != '\0'; text++) {
        if (*text != '%') {
            buffer_append_char(out, *text);
            continue;
        }
        bool is_log = *++text >= 'A';
        CLEANUP(note_signer_destroy)
        struct note_signer *signer =
            paper_signer("a.test/name", is_log ? NOTE_ED25519 : NOTE_COSIGNATURE, (uint8_t)*text);
        note_key_format(note_signer_key(signer), key);
        buffer_append_text(out, key);
    }
}

static int parse(const char *text, struct policy *ret_policy, struct policy_fault *ret_fault)
{
    CLEANUP(buffer_release) struct buffer expanded = BUFFER_INIT(0);

    buffer_append(&expanded, "", 0);
    expand(text, &expanded);
    return policy_parse(expanded.data, expanded.length, ret_policy, ret_fault);
}

#define THREE "witness a %0\nwitness b %1\nwitness c %2\n"

Test(policy, a_quorum_is_what_it_says)
{
    static const struct {
        const char *text;
        uint32_t met[8], short_of[8]; /* closed by ~0 */
    } cases[] = {
        {"quorum none\n", {0, ~0u}, {~0u}},
        {THREE "quorum none\n", {0, 1, ~0u}, {~0u}},
        {THREE "quorum b\n", {2, 3, 7, ~0u}, {0, 1, 4, 5, ~0u}},
        {THREE "group g 2 a b c\nquorum g\n", {3, 5, 6, 7, ~0u}, {0, 1, 2, 4, ~0u}},
        {THREE "group g any a b c\nquorum g\n", {1, 2, 4, ~0u}, {0, ~0u}},
        {THREE "group g all a b c\nquorum g\n", {7, ~0u}, {0, 3, 5, 6, ~0u}},
        {THREE "group g all a c\nquorum g\n", {5, 7, ~0u}, {0, 3, 6, 4, ~0u}},
        {"witness x1 %0\nwitness x2 %1\nwitness x3 %2\ngroup x 2 x1 x2 x3\nwitness y1 %3\nwitness y2 %4\n"
         "group y any y1 y2\ngroup both all x y\nquorum both\n",
         {3 | 8, 5 | 16, 31, ~0u},
         {7, 24, 1 | 8, 3, 8, ~0u}},
        {"# told\n\n  log\t%L  http://log.test \n\t# more\nwitness a %0 http://127.0.0.1:1/x\nquorum a\n",
         {1, ~0u},
         {0, 2, ~0u}},
    };
    struct policy policy;
    struct policy_fault fault;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_assert_eq(parse(cases[i].text, &policy, &fault), 0, "case %zu: line %zu: %s", i, fault.line,
                     fault.why);
        for (size_t j = 0; cases[i].met[j] != ~0u; j++)
            cr_expect(policy_is_met(&policy, cases[i].met[j]), "case %zu: %x", i, cases[i].met[j]);
        for (size_t j = 0; cases[i].short_of[j] != ~0u; j++)
            cr_expect_not(policy_is_met(&policy, cases[i].short_of[j]), "case %zu: %x", i,
                          cases[i].short_of[j]);
    }
    cr_expect_eq(policy.log_count, 1);
    cr_expect_str_eq(policy.witnesses[0].url, "http://127.0.0.1:1/x");
    cr_expect_str_eq(policy.witnesses[0].name, "a");
}

Test(policy, what_is_almost_a_policy_is_none)
{
    static const struct {
        const char *text;
        size_t line;
        const char *why;
    } cases[] = {
        {"", 0, "no quorum"},
        {"log %L\n", 0, "no quorum"},
        {"quorum none", 1, "end"},
        {"quorum none\nquorum none\n", 2, "already"},
        {"quorum\n", 1, "quorum NAME"},
        {"quorum none none\n", 1, "quorum NAME"},
        {"quorum a\nwitness a %0\n", 1, "above"},
        {"Quorum none\n", 1, "begins"},
        {"quorum none\r\n", 1, "control"},
        {"quorum none\nlog %0\n", 2, "log (Ed25519)"},
        {"log %L %M %L\n", 1, "log VERIFIER"},
        {"log %L\nlog %L\n", 2, "twice"},
        {"witness a %L\n", 1, "witness (Ed25519"},
        {"witness a\n", 1, "witness NAME"},
        {"witness a %0 x y\n", 1, "witness NAME"},
        {"witness none %0\n", 1, "taken"},
        {"witness a %0\nwitness a %1\n", 2, "taken"},
        {"witness a %0\nwitness b %0\n", 2, "twice"},
        {"witness a rest+00000000+AAAA\n", 1, "verifier key"},
        {THREE "group a any b\n", 4, "taken"},
        {THREE "group none any b\n", 4, "taken"},
        {THREE "group g 0 a b\n", 4, "all, any"},
        {THREE "group g 3 a b\n", 4, "all, any"},
        {THREE "group g 02 a b\n", 4, "all, any"},
        {THREE "group g -1 a b\n", 4, "all, any"},
        {THREE "group g 99999999999 a b\n", 4, "all, any"},
        {THREE "group g 2x a b\n", 4, "all, any"},
        {THREE "group g any\n", 4, "group NAME"},
        {THREE "group g 1 a a\n", 4, "already"},
        {THREE "group g 1 a b\ngroup h 1 b c\n", 5, "already"},
        {THREE "group g 1 g\n", 4, "above"},
        {THREE "group g 1 none\n", 4, "above"},
        {THREE "group g any a d\n", 4, "above"},
    };
    struct policy policy;
    struct policy_fault fault;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fault = (struct policy_fault){.line = 99, .why = ""};
        cr_expect_eq(parse(cases[i].text, &policy, &fault), -EINVAL, "case %zu", i);
        cr_expect_eq(fault.line, cases[i].line, "case %zu: line %zu", i, fault.line);
        cr_expect_not_null(strstr(fault.why, cases[i].why), "case %zu: %s", i, fault.why);
    }
}

Test(policy, bounds_hold)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    char key[NOTE_KEY_TEXT_MAX];
    struct policy policy;
    struct policy_fault fault;

    for (int i = 0; i < POLICY_WITNESSES_MAX; i++) {
        CLEANUP(note_signer_destroy)
        struct note_signer *signer = paper_signer("w", NOTE_COSIGNATURE, (uint8_t)(i + 1));
        note_key_format(note_signer_key(signer), key);
        buffer_append_format(&text, "witness w%d %s\ngroup g%d any w%d\n", i, key, i, i);
    }
    buffer_append_text(&text, "quorum g31\n");
    cr_assert_eq(policy_parse(text.data, text.length, &policy, &fault), 0, "%zu %s", fault.line, fault.why);
    cr_expect(policy_is_met(&policy, 1u << 31));
    cr_expect_not(policy_is_met(&policy, ~(1u << 31)));
    buffer_append_text(&text, "group h any g1\n");
    cr_expect_eq(policy_parse(text.data, text.length, &policy, &fault), -EINVAL);
    cr_expect_str_eq(fault.why, "there are too many groups");
}

Test(policy, a_cosignature_counts_once_it_is_verified)
{
    CLEANUP(note_signer_destroy) struct note_signer *log = paper_signer("oxe.test/log", NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct policy policy;
    struct policy_fault fault;
    struct note note;

    cr_assert_eq(parse(THREE "group g 2 a b c\nquorum g\n", &policy, &fault), 0);
    paper_checkpoint(1, 9, log, &bytes);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(policy_cosigned(&policy, &note), 0, "the log is no witness");
    CLEANUP(note_signer_destroy) struct note_signer *a = paper_signer("a.test/name", NOTE_COSIGNATURE, '0');
    CLEANUP(note_signer_destroy) struct note_signer *c = paper_signer("a.test/name", NOTE_COSIGNATURE, '2');
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    size_t length = note.text_length;
    cr_assert_eq(note_sign(a, bytes.data, length, 1700000000, &bytes), 0);
    cr_assert_eq(note_sign(a, bytes.data, length, 1700000001, &bytes), 0);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(policy_cosigned(&policy, &note), 1, "the same witness twice is one");
    cr_expect_not(policy_is_met(&policy, policy_cosigned(&policy, &note)));
    cr_assert_eq(note_sign(c, bytes.data, length, 1700000000, &bytes), 0);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(policy_cosigned(&policy, &note), 5);
    cr_expect(policy_is_met(&policy, 5));
    bytes.data[bytes.length - 10] = bytes.data[bytes.length - 10] == 'A' ? 'B' : 'A';
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(policy_cosigned(&policy, &note), 1, "a forged one is none");
}
