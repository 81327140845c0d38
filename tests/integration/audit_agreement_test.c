/* SPDX-License-Identifier: Apache-2.0 */
/* docs/audit/verify.py, written from the page alone, and `oxectl audit check` say the same of proofs from
 * random logs, sound ones and spoiled ones. OXE_AGREEMENT_LOGS (60) logs, from OXE_AGREEMENT_SEED (1). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "proto/checkpoint.h"
#include "proto/tlog_proof.h"
#include "tests/support/audit_key.h"
#include "tests/support/instance.h"

enum { ENTRIES_MAX = 3000, PROOF_BYTES = 128 * 1024 };

static uint64_t state;

/* splitmix64 */
static uint64_t draw(uint64_t below)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % below;
}

static int64_t setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoll(text, NULL, 10);
}

static void draw_text(char *text, size_t max)
{
    static const char *const pieces[] = {"a", "Z", "9", " ", "\"", "\n", "\xc3\xa4", "\xe2\x82\xac",
                                         "=", ","};
    size_t length = 0, pick;

    for (size_t i = draw(max / 4); i > 0; i--) {
        pick = draw(ARRAY_LEN(pieces));
        if (length + strlen(pieces[pick]) + 1 > max)
            break;
        length += (size_t)snprintf(text + length, max - length, "%s", pieces[pick]);
    }
}

static void draw_entry(uint64_t log_seq, struct audit_entry *ret_entry)
{
    struct event *event = &ret_entry->event;

    *ret_entry = (struct audit_entry){.log_seq = log_seq, .recorded_at = {(int64_t)draw(INT64_MAX)}};
    ret_entry->has_trader_seq = draw(2) == 0;
    ret_entry->trader_seq = draw(INT64_MAX);
    for (size_t i = 0; i < sizeof(event->event_id.bytes); i++)
        event->event_id.bytes[i] = (uint8_t)draw(256);
    event->action = AUDIT_ACTION_FILLED;
    event->has_price = draw(2) == 0;
    event->price.units = (int64_t)draw(UINT64_MAX);
    event->has_trace_id = draw(2) == 0;
    event->occurred_at.us = (int64_t)draw(INT64_MAX);
    draw_text(event->message, sizeof(event->message));
    draw_text(event->actor, sizeof(event->actor));
}

struct leaves {
    uint8_t hashes[ENTRIES_MAX][MERKLE_HASH_BYTES];
};

static int read_node(void *context, unsigned int level, uint64_t index,
                     uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    const struct leaves *leaves = context;
    struct merkle tree = {0};

    for (uint64_t i = index << level; i < (index + 1) << level; i++)
        cr_assert_eq(merkle_append(&tree, leaves->hashes[i]), 0);
    return merkle_root(&tree, ret_hash);
}

/* A proof of one entry of a log of its own. */
static void make_proof(const struct note_signer *signer, struct buffer *out)
{
    static struct leaves leaves;
    static struct tlog_proof proof;
    CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(NOTE_TEXT_MAX);
    struct checkpoint checkpoint = {.origin = AUDIT_KEY_ORIGIN, .size = 1 + draw(ENTRIES_MAX)};
    struct audit_entry entry;
    struct merkle tree = {0};

    proof.index = draw(checkpoint.size);
    for (uint64_t i = 0; i < checkpoint.size; i++) {
        draw_entry(i + 1, &entry);
        cr_assert_eq(audit_leaf_hash(&entry, leaves.hashes[i]), 0);
        cr_assert_eq(merkle_append(&tree, leaves.hashes[i]), 0);
        if (i == proof.index)
            proof.entry_length = audit_leaf_encode(&entry, proof.entry);
    }
    cr_assert_eq(merkle_root(&tree, checkpoint.root), 0);
    checkpoint_append(&checkpoint, &note);
    CLEANUP_FREE char *text = strndup(note.data, note.length);
    buffer_append_char(&note, '\n');
    cr_assert_eq(note_sign(signer, text, strlen(text), 0, &note), 0);
    cr_assert_eq(merkle_proof_include(proof.index, checkpoint.size, read_node, &leaves, &proof.path), 0);
    proof.checkpoint = note.data;
    proof.checkpoint_length = note.length;
    tlog_proof_append(&proof, out);
    cr_assert(!buffer_failed(out));
}

/* Changes, drops, doubles or adds a byte, or moves a line. */
static void spoil(struct buffer *proof)
{
    char *data = proof->data;
    size_t at = draw(proof->length), rest = proof->length - at;

    switch (draw(5)) {
    case 0:
        data[at] = (char)(data[at] ^ 1 << draw(7));
        break;
    case 1:
        memmove(data + at, data + at + 1, rest - 1);
        proof->length--;
        break;
    case 2:
        proof->length = at;
        break;
    case 3:
        buffer_append_char(proof, '\n');
        break;
    default:
        data[at] = data[draw(proof->length)];
        break;
    }
}

static int told(const char *const *argv)
{
    int status = -1;
    AUTO_TEXT said = instance_run(argv, &status);
    return status;
}

Test(audit_agreement, of_proofs_from_random_logs, .timeout = 3600)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char directory[] = "/tmp/oxe-agreement-XXXXXX", verifier[NOTE_KEY_TEXT_MAX], script[512], path[128];
    int64_t logs = setting("OXE_AGREEMENT_LOGS", 60), sound = 0, refused = 0;

    state = (uint64_t)setting("OXE_AGREEMENT_SEED", 1);
    cr_assert_not_null(mkdtemp(directory));
    audit_key_set(directory);
    cr_assert_eq(note_signer_load(getenv("OXE_AUDIT_KEY"), AUDIT_KEY_ORIGIN, NOTE_ED25519, &signer), 0);
    note_key_format(note_signer_key(signer), verifier);
    (void)setenv("OXE_AUDIT_VERIFIER", verifier, 1);
    (void)snprintf(script, sizeof(script), "%s/docs/audit/verify.py", getenv("OXE_SOURCE_ROOT"));
    (void)snprintf(path, sizeof(path), "%s/proof.tlog-proof", directory);
    for (int64_t i = 0; i < logs; i++) {
        CLEANUP(buffer_release) struct buffer proof = BUFFER_INIT(PROOF_BYTES);
        bool spoiled = draw(2) == 0;
        make_proof(signer, &proof);
        if (spoiled)
            spoil(&proof);
        FILE *file = fopen(path, "we");
        cr_assert_not_null(file);
        cr_assert_eq(fwrite(proof.data, 1, proof.length, file), proof.length);
        cr_assert_eq(fclose(file), 0);
        bool ours = told((const char *[]){getenv("OXE_CTL_BINARY"), "audit", "check", path, NULL}) == 0;
        bool theirs = told((const char *[]){"python3", script, path, NULL}) == 0;
        cr_assert_eq(ours, theirs, "log %ld: oxectl %s it, verify.py does not; %s", (long)i,
                     ours ? "takes" : "refuses", path);
        cr_assert(ours || spoiled, "log %ld: a sound proof is refused", (long)i);
        sound += ours;
        refused += !ours;
    }
    cr_expect_gt(sound, logs / 4);
    cr_expect_gt(refused, logs / 4);
    (void)unlink(path);
    (void)unlink(getenv("OXE_AUDIT_KEY"));
    (void)rmdir(directory);
}
