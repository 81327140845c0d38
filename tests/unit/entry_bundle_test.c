/* SPDX-License-Identifier: Apache-2.0 */
/* Entries as the tree has them: the encoding of
 * docs/audit.md's example, and columns that no entry has. */
#include "services/gateway/operations/audit_entry.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "common/cleanup.h"

/* The example of docs/audit.md, as PostgreSQL writes its columns. */
static const char *const example[AUDIT_COLUMNS] = {"1000",
                                                   "0199f0a5-7d0c-7000-8000-000000000e01",
                                                   "0199f0a5-7d0c-7000-8000-000000000001",
                                                   "0199f000-0000-7000-8000-00000000000a",
                                                   "42",
                                                   "FILLED",
                                                   "PARTIAL",
                                                   "WORKING",
                                                   "AAPL",
                                                   "50.00000000",
                                                   "150.45000000",
                                                   "50.00000000",
                                                   "150.45000000",
                                                   "SIM",
                                                   "LATE",
                                                   "50 at 150.45 – \"späte\" Ausführung",
                                                   "executor",
                                                   "1760702465000000",
                                                   "1760702465002500",
                                                   "",
                                                   "BUY",
                                                   "E-1001",
                                                   "101112131415161718191a1b1c1d1e1f"};

static void expect_hash(const struct buffer *bundle, const char *expected)
{
    CLEANUP(buffer_release) struct buffer input = BUFFER_INIT(0), hex = BUFFER_INIT(0);
    uint8_t hash[32];
    size_t length = (size_t)(uint8_t)bundle->data[0] << 8 | (uint8_t)bundle->data[1];

    cr_assert_eq(bundle->length, 2 + length);
    buffer_append_char(&input, '\0');
    buffer_append(&input, bundle->data + 2, length);
    cr_assert_eq(EVP_Digest(input.data, input.length, hash, NULL, EVP_sha256(), NULL), 1);
    buffer_append_hex(&hex, hash, sizeof(hash));
    cr_expect_str_eq(hex.data, expected);
}

Test(entry_bundle, an_entry_hashes_to_its_leaf)
{
    CLEANUP(buffer_release) struct buffer bundle = BUFFER_INIT(0);

    cr_assert_eq(audit_entry_bundle(example, &bundle), 0);
    expect_hash(&bundle, "0ec70f6f343048ff7ace3f0767e14ee4998fbc11d42425e8c23723ac2fa02ed5");
}

Test(entry_bundle, what_may_be_null_may_be_null)
{
    static const int may[] = {2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22};
    const char *columns[AUDIT_COLUMNS];

    for (size_t i = 0; i < ARRAY_LEN(may); i++) {
        CLEANUP(buffer_release) struct buffer bundle = BUFFER_INIT(0);
        memcpy(columns, example, sizeof(columns));
        columns[may[i]] = NULL;
        cr_expect_eq(audit_entry_bundle(columns, &bundle), 0, "column %d", may[i]);
    }
}

Test(entry_bundle, columns_that_no_entry_has_are_refused)
{
    static char long_text[600];
    static const struct {
        int column;
        const char *text;
    } cases[] = {
        {0, NULL},
        {0, "x"},
        {0, "99999999999999999999"},
        {1, NULL},
        {1, "0199"},
        {2, "x"},
        {3, "x"},
        {4, "1x"},
        {5, NULL},
        {5, "SOLD"},
        {6, "DONE"},
        {7, "FILLED"},
        {8, "ABCDEFGHIJKLMNOPQ"},
        {9, "NaN"},
        {10, "Infinity"},
        {11, "one"},
        {12, ""},
        {13, long_text},
        {14, long_text},
        {15, long_text},
        {16, long_text},
        {17, NULL},
        {17, "now"},
        {18, NULL},
        {20, "LONG"},
        {21, long_text},
        {22, "1011"},
        {22, "zz112131415161718191a1b1c1d1e1f00"},
    };
    const char *columns[AUDIT_COLUMNS];

    memset(long_text, 'x', sizeof(long_text) - 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer bundle = BUFFER_INIT(0);
        memcpy(columns, example, sizeof(columns));
        columns[cases[i].column] = cases[i].text;
        cr_expect_eq(audit_entry_bundle(columns, &bundle), -EBADMSG, "column %d: %s", cases[i].column,
                     cases[i].text);
        cr_expect_eq(bundle.length, 0);
    }
}
