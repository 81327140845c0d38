/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps by a real authority, OpenSSL's, and everything that is not one. */
#include "proto/timestamp.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#define TEXT  "oxe.test/log\n1234\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define OTHER "oxe.test/log\n1235\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static const uint8_t nonce[TIMESTAMP_NONCE_BYTES] = {0x80, 1, 2, 3, 4, 5, 6, 7};
static char directory[64];
static char authority[96], stranger[96];

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void run(const char *format, ...)
{
    char line[512];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    cr_assert_eq(system(line), 0, "%s", line); // NOLINT(cert-env33-c): a test's own line
}

static void set_up(void)
{
    (void)snprintf(directory, sizeof(directory), "/tmp/oxe-tsa-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(authority, sizeof(authority), "%s/ca.pem", directory);
    (void)snprintf(stranger, sizeof(stranger), "%s/other.pem", directory);
    run("sh '%s/tests/support/tsa.sh' %s", OXE_SOURCE_ROOT, directory);
}

static void clean_up(void)
{
    run("rm -rf %s", directory);
}

TestSuite(timestamp, .init = set_up, .fini = clean_up, .timeout = 60);

/* What the authority answers to our request. */
static size_t stamp(const char *options, uint8_t ret_answer[static TIMESTAMP_MAX])
{
    CLEANUP(buffer_release) struct buffer request = BUFFER_INIT(0);
    char path[96];

    cr_assert_eq(timestamp_request(TEXT, strlen(TEXT), nonce, &request), 0);
    (void)snprintf(path, sizeof(path), "%s/request", directory);
    FILE *file = fopen(path, "we");
    cr_assert_eq(fwrite(request.data, 1, request.length, file), request.length);
    cr_assert_eq(fclose(file), 0);
    run("cd %s && openssl ts -reply -config tsa.conf -section authority -queryfile request -out answer %s "
        "2>/dev/null",
        directory, options);
    (void)snprintf(path, sizeof(path), "%s/answer", directory);
    file = fopen(path, "re");
    cr_assert_not_null(file);
    size_t length = fread(ret_answer, 1, TIMESTAMP_MAX, file);
    (void)fclose(file);
    return length;
}

Test(timestamp, one_of_this_text_and_nonce_is_taken_at_its_time)
{
    uint8_t answer[TIMESTAMP_MAX];
    struct instant at, before = clock_now();

    size_t length = stamp("", answer);
    cr_assert_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), nonce, authority, &at), 0);
    cr_expect_geq(at.us, before.us - 1000000);
    cr_expect_leq(at.us, clock_now().us);
    cr_expect_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), NULL, authority, &at), 0,
                 "a stored one");
}

Test(timestamp, one_of_another_text_nonce_or_authority_is_none)
{
    static const uint8_t other[TIMESTAMP_NONCE_BYTES] = {0x80, 1, 2, 3, 4, 5, 6, 8};
    uint8_t answer[TIMESTAMP_MAX];
    struct instant at;

    size_t length = stamp("", answer);
    cr_expect_eq(timestamp_verify(answer, length, OTHER, strlen(OTHER), nonce, authority, &at), -EBADMSG);
    cr_expect_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), other, authority, &at), -EBADMSG);
    cr_expect_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), nonce, stranger, &at), -EBADMSG);
    cr_expect_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), nonce, "/nonexistent", &at), -ENOENT);
}

/* A request that the authority cannot grant: it knows no such digest. */
Test(timestamp, a_refusal_is_told_from_nonsense)
{
    uint8_t answer[TIMESTAMP_MAX];
    struct instant at;

    run("sed -i 's/^digests = .*/digests = sha512/' %s/tsa.conf", directory);
    size_t length = stamp("|| true", answer);
    cr_expect_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), nonce, authority, &at), -EACCES);
}

Test(timestamp, no_byte_of_it_can_be_changed_cut_or_added)
{
    uint8_t answer[TIMESTAMP_MAX];
    struct instant at, genuine;

    size_t length = stamp("", answer);
    cr_assert_lt(length, sizeof(answer));
    cr_assert_eq(timestamp_verify(answer, length, TEXT, strlen(TEXT), nonce, authority, &genuine), 0);
    for (size_t i = 0; i < length; i += 7) {
        answer[i] ^= 1;
        int r = timestamp_verify(answer, length, TEXT, strlen(TEXT), nonce, authority, &at);
        answer[i] ^= 1;
        /* Some bytes no signature covers, as how a name is written in the certificates' copies. */
        if (r == 0)
            cr_expect_eq(at.us, genuine.us, "byte %zu", i);
        else
            cr_expect(r == -EBADMSG || r == -EACCES, "byte %zu: %d", i, r);
    }
    for (size_t cut = 0; cut < length; cut += 11)
        cr_expect_eq(timestamp_verify(answer, cut, TEXT, strlen(TEXT), nonce, authority, &at), -EBADMSG);
    answer[length] = 0;
    cr_expect_eq(timestamp_verify(answer, length + 1, TEXT, strlen(TEXT), nonce, authority, &at), -EBADMSG);
}
