/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness cosigns, and what it says to everything else: every rule of C2SP tlog-witness, the order in
 * which they are asked, and requests that are almost requests. */
#include "services/witness/add_checkpoint.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/paper_log.h"

static const char origin[] = "oxe.test/log";

static struct add_seen seen_of(int fork, uint64_t size)
{
    struct add_seen seen = {.size = size};

    (void)strcpy(seen.origin, origin);
    paper_root(fork, size, seen.root);
    return seen;
}

static struct add_logs known(const struct note_signer *signer)
{
    return (struct add_logs){.keys = {*note_signer_key(signer)}, .count = 1};
}

static enum add_verdict judge(const struct buffer *body, const struct add_logs *logs,
                              const struct add_seen *seen)
{
    struct add_checkpoint request;
    enum add_verdict verdict;

    cr_assert_eq(add_checkpoint_parse(body->data, body->length, &request), 0, "%s", body->data);
    cr_assert_eq(add_checkpoint_judge(&request, logs, seen, &verdict), 0);
    return verdict;
}

Test(add_checkpoint, what_extends_the_last_one_is_cosigned_and_nothing_else)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    const struct add_logs logs = known(signer);
    enum { NEVER = -1 };
    static const struct {
        const char *fact;
        int seen_size, seen_fork;
        uint64_t old_size, size;
        int fork;
        int status;
    } cases[] = {
        {"the first checkpoint", NEVER, 1, 0, 7, 1, 200},
        {"the first is of nothing", NEVER, 1, 0, 0, 1, 200},
        {"nothing was seen, and again nothing", 0, 1, 0, 0, 1, 200},
        {"after nothing comes anything", 0, 1, 0, 9, 1, 200},
        {"one more", 7, 1, 7, 8, 1, 200},
        {"from one", 1, 1, 1, 2, 1, 200},
        {"from a whole subtree", 8, 1, 8, 9, 1, 200},
        {"to a whole subtree", 7, 1, 7, 8, 1, 200},
        {"many more", 7, 1, 7, 1000, 1, 200},
        {"the same again", 7, 1, 7, 7, 1, 200},
        {"a fork of the same size", 7, 1, 7, 7, 2, 422},
        {"a fork that is longer", 7, 1, 7, 12, 2, 422},
        {"a fork from its shared beginning on", 5, 1, 5, 12, 2, 200},
        {"a fork against what was never seen", NEVER, 1, 0, 12, 2, 200},
        {"shorter, honest about what was seen", 9, 1, 9, 8, 1, 400},
        {"shorter, from an older one", 9, 1, 7, 8, 1, 409},
        {"back to nothing", 9, 1, 0, 0, 1, 409},
        {"from less than was seen", 9, 1, 8, 12, 1, 409},
        {"from more than was seen", 9, 1, 10, 12, 1, 409},
        {"from something when nothing was seen", NEVER, 1, 3, 9, 1, 409},
        {"as if nothing was seen", 9, 1, 0, 12, 1, 409},
        {"the old size is above the new and not what was seen", 5, 1, 9, 8, 1, 400},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
        struct add_seen seen = {0};
        if (cases[i].seen_size >= 0)
            seen = seen_of(cases[i].seen_fork, (uint64_t)cases[i].seen_size);
        paper_request(cases[i].fork, cases[i].old_size, cases[i].size, signer, &body);
        enum add_verdict verdict = judge(&body, &logs, cases[i].seen_size < 0 ? NULL : &seen);
        cr_expect_eq(add_verdict_status(verdict), cases[i].status, "%s: %d %s", cases[i].fact,
                     add_verdict_status(verdict), add_verdict_text(verdict));
    }
}

Test(add_checkpoint, each_pair_of_sizes_has_one_proof)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    const struct add_logs logs = known(signer);

    for (uint64_t old_size = 1; old_size <= 20; old_size++) {
        for (uint64_t size = old_size; size <= 20; size++) {
            CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
            struct add_seen seen = seen_of(1, old_size);
            struct add_checkpoint request;
            enum add_verdict verdict;
            paper_request(1, old_size, size, signer, &body);
            cr_assert_eq(add_checkpoint_parse(body.data, body.length, &request), 0);
            cr_assert_eq(add_checkpoint_judge(&request, &logs, &seen, &verdict), 0);
            cr_expect_eq(verdict, ADD_COSIGN, "%zu %zu", (size_t)old_size, (size_t)size);
            /* One hash too many, one too few, each one wrong, another root seen. */
            struct merkle_proof whole = request.proof;
            memset(request.proof.hashes[request.proof.count++], 7, MERKLE_HASH_BYTES);
            cr_assert_eq(add_checkpoint_judge(&request, &logs, &seen, &verdict), 0);
            cr_expect_eq(verdict, ADD_INCONSISTENT, "%zu %zu: too long", (size_t)old_size, (size_t)size);
            for (size_t i = 0; i < whole.count; i++) {
                request.proof = whole;
                request.proof.hashes[i][31] ^= 1;
                cr_assert_eq(add_checkpoint_judge(&request, &logs, &seen, &verdict), 0);
                cr_expect_eq(verdict, ADD_INCONSISTENT, "%zu %zu: hash %zu", (size_t)old_size, (size_t)size,
                             i);
                request.proof = whole;
                request.proof.count = i;
                cr_assert_eq(add_checkpoint_judge(&request, &logs, &seen, &verdict), 0);
                cr_expect_eq(verdict, ADD_INCONSISTENT, "%zu %zu: %zu hashes", (size_t)old_size, (size_t)size,
                             i);
            }
            request.proof = whole;
            seen.root[0] ^= 1;
            cr_assert_eq(add_checkpoint_judge(&request, &logs, &seen, &verdict), 0);
            cr_expect_eq(verdict, ADD_INCONSISTENT, "%zu %zu: other root", (size_t)old_size, (size_t)size);
        }
    }
}

Test(add_checkpoint, of_nothing_there_is_one_root_and_no_proof)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
    const struct add_logs logs = known(signer);
    struct add_checkpoint request;
    enum add_verdict verdict;

    paper_request(1, 0, 0, signer, &body);
    cr_assert_eq(add_checkpoint_parse(body.data, body.length, &request), 0);
    request.checkpoint.root[3] ^= 1;
    cr_assert_eq(add_checkpoint_judge(&request, &logs, NULL, &verdict), 0);
    cr_expect_eq(verdict, ADD_INCONSISTENT);
    buffer_clear(&body);
    paper_request(1, 0, 9, signer, &body);
    cr_assert_eq(add_checkpoint_parse(body.data, body.length, &request), 0);
    request.proof.count = 1;
    cr_assert_eq(add_checkpoint_judge(&request, &logs, NULL, &verdict), 0);
    cr_expect_eq(verdict, ADD_INCONSISTENT);
}

Test(add_checkpoint, only_a_known_logs_signature_counts)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    CLEANUP(note_signer_destroy) struct note_signer *thief = paper_signer(origin, NOTE_ED25519, 2);
    CLEANUP(note_signer_destroy) struct note_signer *other = paper_signer("other.test/log", NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0), good = BUFFER_INIT(0);
    struct add_logs logs = known(signer);
    struct add_checkpoint request;

    paper_request(1, 0, 9, thief, &body);
    cr_expect_eq(judge(&body, &logs, NULL), ADD_UNKNOWN_KEY, "another key of that name");
    buffer_clear(&body);
    paper_request(1, 0, 9, other, &body);
    cr_expect_eq(judge(&body, &logs, NULL), ADD_UNKNOWN_LOG, "the key of this log under another name");
    cr_expect_eq(judge(&body, &(struct add_logs){0}, NULL), ADD_UNKNOWN_LOG, "no log is known");

    /* A log with two keys: either will do, and a strange line is passed over. */
    logs.keys[logs.count++] = *note_signer_key(thief);
    buffer_clear(&body);
    paper_request(1, 0, 9, thief, &body);
    cr_expect_eq(judge(&body, &logs, NULL), ADD_COSIGN, "by the second key");
    logs.count = 1;
    paper_request(1, 0, 9, signer, &good);
    cr_assert_eq(add_checkpoint_parse(good.data, good.length, &request), 0);
    cr_assert_eq(note_sign(thief, request.note.text, request.note.text_length, 0, &good), 0);
    cr_expect_eq(judge(&good, &logs, NULL), ADD_COSIGN, "a line of an unknown key is passed over");

    /* A wrong line of a known key spoils the note, wherever it stands. */
    logs.keys[logs.count++] = *note_signer_key(thief);
    good.data[good.length - 10] = good.data[good.length - 10] == 'A' ? 'B' : 'A';
    cr_expect_eq(judge(&good, &logs, NULL), ADD_UNKNOWN_KEY, "a forged line beside a good one");
    logs.count = 1;
    buffer_clear(&body);
    paper_request(1, 0, 9, signer, &body);
    cr_assert_eq(add_checkpoint_parse(body.data, body.length, &request), 0);
    cr_assert_eq(note_sign(signer, "another text\n", 13, 0, &body), 0);
    cr_expect_eq(judge(&body, &logs, NULL), ADD_UNKNOWN_KEY,
                 "a forged line behind a good one of the same key");
}

Test(add_checkpoint, one_bit_of_a_signed_request_is_enough)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
    const struct add_logs logs = known(signer);
    const struct add_seen seen = seen_of(1, 9);
    struct add_checkpoint request;
    enum add_verdict verdict = ADD_COSIGN;

    paper_request(1, 9, 12, signer, &body);
    cr_assert_eq(judge(&body, &logs, &seen), ADD_COSIGN);
    for (size_t i = 0; i < body.length * 8; i++) {
        body.data[i / 8] ^= (char)(1 << i % 8);
        bool read = add_checkpoint_parse(body.data, body.length, &request) == 0;
        if (read)
            cr_assert_eq(add_checkpoint_judge(&request, &logs, &seen, &verdict), 0);
        cr_expect(!read || verdict != ADD_COSIGN, "bit %zu", i);
        body.data[i / 8] ^= (char)(1 << i % 8);
    }
}

/* %R: a whole good request's checkpoint. */
Test(add_checkpoint, what_is_almost_a_request_is_none)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(0);
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    static const struct {
        const char *fact, *head;
        bool is_read;
    } cases[] = {
        {"no proof", "old 0\n\n", true},
        {"a proof", "old 1\n" HASH "\n\n", true},
        {"the largest size", "old 9223372036854775807\n\n", true},
        {"nothing", "", false},
        {"no old size", "\n", false},
        {"no empty line", "old 0\n", false},
        {"a size beyond", "old 9223372036854775808\n\n", false},
        {"a size far beyond", "old 99999999999999999999999999\n\n", false},
        {"a size with a zero", "old 01\n\n", false},
        {"two zeros", "old 00\n\n", false},
        {"below zero", "old -1\n\n", false},
        {"a plus", "old +1\n\n", false},
        {"hexadecimal", "old 0x1\n\n", false},
        {"no size", "old \n\n", false},
        {"no blank", "old1\n\n", false},
        {"two blanks", "old  1\n\n", false},
        {"a tab", "old\t1\n\n", false},
        {"a blank behind", "old 1 \n\n", false},
        {"a blank before", " old 1\n\n", false},
        {"capitals", "OLD 1\n\n", false},
        {"another word", "new 1\n\n", false},
        {"CRLF", "old 1\r\n\r\n", false},
        {"CRLF behind a hash", "old 1\n" HASH "\r\n\n", false},
        {"a short hash", "old 1\nAAAA\n\n", false},
        {"a long hash", "old 1\nAAAA" HASH "\n\n", false},
        {"no padding", "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n", false},
        {"spare bits", "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\n", false},
        {"base64url", "old 1\n-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", false},
        {"a blank behind a hash", "old 1\n" HASH " \n\n", false},
        {"hexadecimal hash", "old 1\n0000000000000000000000000000000000000000000000000000000000000000\n\n",
         false},
        {"two empty lines", "old 1\n\n\n", false},
    };

    paper_checkpoint(1, 9, signer, &note);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
        struct add_checkpoint request;
        buffer_append_text(&body, cases[i].head);
        buffer_append(&body, note.data, note.length);
        cr_expect_eq(add_checkpoint_parse(body.data, body.length, &request), cases[i].is_read ? 0 : -EBADMSG,
                     "%s", cases[i].fact);
    }
}

Test(add_checkpoint, nothing_may_be_cut_off_or_added)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
    struct add_checkpoint request;

    paper_request(1, 3, 9, signer, &body);
    for (size_t i = 0; i < body.length; i++) {
        char *exact = malloc(i + 1); /* so that a reader beyond the end is caught */
        memcpy(exact, body.data, i);
        cr_expect_eq(add_checkpoint_parse(exact, i, &request), -EBADMSG, "%zu bytes of %zu", i, body.length);
        free(exact);
    }
    static const char *const tails[] = {"x", "\n", "\r\n", " ", "old 0\n", "\n\n"};
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        CLEANUP(buffer_release) struct buffer longer = BUFFER_INIT(0);
        buffer_append(&longer, body.data, body.length);
        buffer_append_text(&longer, tails[i]);
        cr_expect_eq(add_checkpoint_parse(longer.data, longer.length, &request), -EBADMSG, "tail %zu", i);
    }
    buffer_append_char(&body, '\0');
    cr_expect_eq(add_checkpoint_parse(body.data, body.length, &request), -EBADMSG, "a NUL behind it");
}

Test(add_checkpoint, a_proof_has_63_hashes_at_most)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = paper_signer(origin, NOTE_ED25519, 1);

    for (int count = 63; count <= 64; count++) {
        CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
        struct add_checkpoint request;
        buffer_append_text(&body, "old 1\n");
        for (int i = 0; i < count; i++)
            buffer_append_text(&body, HASH "\n");
        buffer_append_char(&body, '\n');
        paper_checkpoint(1, 9, signer, &body);
        cr_expect_eq(add_checkpoint_parse(body.data, body.length, &request), count == 63 ? 0 : -EBADMSG);
    }
}
