/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDv7: layout, order, text, and the hash that stored lanes depend on. */
#include "common/uuid.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

#define NOW ((struct instant){INT64_C(0x0199f1e2d3c4) * 1000 + 500})

static uint64_t time_bits(struct uuid id)
{
    uint64_t bits = 0;

    for (int i = 0; i < 6; i++)
        bits = bits << 8 | id.bytes[i];
    return bits << 12 | (uint64_t)(id.bytes[6] & 0x0f) << 8 | id.bytes[7];
}

Test(uuid, version_and_variant_are_those_of_rfc_9562)
{
    struct uuid_source source = {0};

    for (int i = 0; i < 100; i++) {
        struct uuid id = uuid_next(&source, NOW);
        cr_expect_eq(id.bytes[6] >> 4, 7);
        cr_expect_eq(id.bytes[8] >> 6, 2);
    }
}

Test(uuid, milliseconds_lead_and_the_fraction_follows)
{
    struct uuid_source source = {0};
    struct uuid id = uuid_next(&source, NOW);

    cr_expect_eq(time_bits(id) >> 12, UINT64_C(0x0199f1e2d3c4));
    cr_expect_eq(time_bits(id) & 0xfff, 2048, "500 of 1000 µs are half of 4096");
}

Test(uuid, ids_of_one_source_only_grow)
{
    static const int64_t steps_us[] = {0, 0, 1, -5, -1000000, 1000, 0, -1, 3600000000, -3600000000};
    struct uuid_source source = {0};
    struct instant now = NOW;
    struct uuid last = uuid_next(&source, now);

    for (int i = 0; i < 10000; i++) {
        now.us += steps_us[(size_t)i % ARRAY_LEN(steps_us)];
        struct uuid id = uuid_next(&source, now);
        cr_assert_gt(uuid_compare(id, last), 0, "draw %d", i);
        last = id;
    }
}

Test(uuid, two_sources_at_the_same_moment_differ)
{
    struct uuid_source a = {0}, b = {0};

    cr_expect_neq(uuid_compare(uuid_next(&a, NOW), uuid_next(&b, NOW)), 0);
}

Test(uuid, text_reads_back)
{
    static const char text[] = "0199f1e2-d3c4-7abc-8def-0123456789ab";
    struct uuid id;
    char out[UUID_TEXT_MAX];

    cr_assert_eq(uuid_parse(text, strlen(text), &id), 0);
    uuid_format(id, out);
    cr_expect_str_eq(out, text);
    cr_assert_eq(uuid_parse("0199F1E2-D3C4-7ABC-8DEF-0123456789AB", 36, &id), 0);
    uuid_format(id, out);
    cr_expect_str_eq(out, text, "upper case is read and lower case is written");
}

Test(uuid, ill_formed_text_is_refused)
{
    static const char *const cases[] = {
        "",
        "0199f1e2-d3c4-7abc-8def-0123456789a",
        "0199f1e2-d3c4-7abc-8def-0123456789abc",
        "0199f1e2d3c47abc8def0123456789abcdef",
        "0199f1e2-d3c4-7abc-8def-0123456789ag",
        "0199f1e2-d3c4-7abc-8def_0123456789ab",
        "{199f1e2-d3c4-7abc-8def-0123456789a}",
        "0199f1e-2d3c4-7abc-8def-0123456789ab",
        " 199f1e2-d3c4-7abc-8def-0123456789ab",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct uuid id = {.bytes = {42}};
        cr_expect_eq(uuid_parse(cases[i], strlen(cases[i]), &id), -EINVAL, "'%s'", cases[i]);
        cr_expect_eq(id.bytes[0], 42);
    }
}

Test(uuid, hash_is_fnv_1a_for_ever)
{
    static const struct {
        const char *text;
        uint64_t hash;
    } cases[] = {
        {"00000000-0000-0000-0000-000000000000", UINT64_C(0x88201fb960ff6465)},
        {"0199f1e2-d3c4-7abc-8def-0123456789ab", UINT64_C(0x252576e23cc6a939)},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct uuid id;
        cr_assert_eq(uuid_parse(cases[i].text, 36, &id), 0);
        cr_expect_eq(uuid_hash(id), cases[i].hash, "%s hashes to %#llx", cases[i].text,
                     (unsigned long long)uuid_hash(id));
    }
}

Test(uuid, only_zeros_are_nil)
{
    struct uuid id = {.bytes = {0}};

    cr_expect(uuid_is_nil(id));
    id.bytes[15] = 1;
    cr_expect_not(uuid_is_nil(id));
}
