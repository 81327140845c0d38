/* SPDX-License-Identifier: Apache-2.0 */
/* Proof files: what is written is read, and what is almost one is refused. */
#include "proto/tlog_proof.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

static const char checkpoint[] = "log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log AAAAAAAA\n";

static struct tlog_proof sample(void)
{
    struct tlog_proof proof = {.index = 2,
                               .path = {.count = 2},
                               .entry = {1, 2, 3, 4},
                               .entry_length = 4,
                               .checkpoint = checkpoint,
                               .checkpoint_length = sizeof(checkpoint) - 1};

    memset(proof.path.hashes[0], 0xaa, MERKLE_HASH_BYTES);
    memset(proof.path.hashes[1], 0xbb, MERKLE_HASH_BYTES);
    return proof;
}

Test(tlog_proof, a_proof_is_written_as_the_specification_says)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    const struct tlog_proof proof = sample();

    tlog_proof_append(&proof, &text);
    cr_expect_str_eq(
        text.data,
        "c2sp.org/tlog-proof@v1\nextra AQIDBA==\nindex 2\n"
        "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\nu7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7s=\n\n"
        "log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log AAAAAAAA\n");
}

Test(tlog_proof, what_is_written_is_read)
{
    for (size_t count = 0; count <= MERKLE_PROOF_MAX; count += 32) {
        CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
        struct tlog_proof proof = sample(), read;
        proof.path.count = count;
        tlog_proof_append(&proof, &text);
        cr_assert_eq(tlog_proof_parse(text.data, text.length, &read), 0);
        cr_expect_eq(read.index, 2);
        cr_expect_eq(read.path.count, count);
        cr_expect_eq(memcmp(read.path.hashes, proof.path.hashes, count * MERKLE_HASH_BYTES), 0);
        cr_expect_eq(read.entry_length, 4);
        cr_expect_eq(memcmp(read.entry, proof.entry, 4), 0);
        cr_expect_eq(read.checkpoint_length, sizeof(checkpoint) - 1);
        cr_expect_eq(memcmp(read.checkpoint, checkpoint, sizeof(checkpoint) - 1), 0);
    }
}

Test(tlog_proof, what_is_almost_one)
{
    static const char *const proofs[] = {
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nextra AQ==\nindex 0\n\nlog\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n\nlog\n", /* valid elsewhere, but without the entry it proves
                                                       nothing here */
        "c2sp.org/tlog-proof@v1\nextra AQ=\nindex 0\n\nlog\n",
        "c2sp.org/tlog-proof@v1\nextra AQ==\nindex 01\n\nlog\n",
        "c2sp.org/tlog-proof@v1\nextra AQ==\nindex -1\n\nlog\n",
        "c2sp.org/tlog-proof@v1\nextra AQ==\nindex 0\nAQ==\n\nlog\n",
        "c2sp.org/tlog-proof@v1\nextra AQ==\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nextra AQ==\nindex 0\nlog",
    };
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct tlog_proof proof = sample();

    for (size_t i = 0; i < ARRAY_LEN(proofs); i++)
        cr_expect_eq(tlog_proof_parse(proofs[i], strlen(proofs[i]), &proof), -EBADMSG, "%s", proofs[i]);
    buffer_append_text(&text, "c2sp.org/tlog-proof@v1\nextra AQ==\nindex 0\n");
    for (int i = 0; i <= MERKLE_PROOF_MAX; i++)
        buffer_append_text(&text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    buffer_append_text(&text, "\nlog\n");
    cr_expect_eq(tlog_proof_parse(text.data, text.length, &proof), -EBADMSG);
}
