/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tlog_proof.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/base64.h"
#include "proto/checkpoint.h"

static const char head[] = "c2sp.org/tlog-proof@v1\n";

void tlog_proof_append(const struct tlog_proof *proof, struct buffer *out)
{
    buffer_append_format(out, "%sextra ", head);
    base64_append(out, proof->entry, proof->entry_length);
    buffer_append_format(out, "\nindex %" PRIu64 "\n", proof->index);
    for (size_t i = 0; i < proof->path.count; i++) {
        base64_append(out, proof->path.hashes[i], MERKLE_HASH_BYTES);
        buffer_append_char(out, '\n');
    }
    buffer_append_char(out, '\n');
    buffer_append(out, proof->checkpoint, proof->checkpoint_length);
}

/* The rest of a line that begins with the word; NULL when the next one does not. */
static const char *take_line(const char **at, const char *end, const char *word, size_t *ret_length)
{
    size_t length = strlen(word);
    const char *lf = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

    if (lf == NULL || (size_t)(lf - *at) < length || memcmp(*at, word, length) != 0)
        return NULL;
    const char *rest = *at + length;
    *ret_length = (size_t)(lf - rest);
    *at = lf + 1;
    return rest;
}

static int parse_path(const char **at, const char *end, struct merkle_proof *ret_path)
{
    const char *line;
    size_t length, decoded;

    ret_path->count = 0;
    while ((line = take_line(at, end, "", &length)) != NULL && length > 0) {
        if (ret_path->count == MERKLE_PROOF_MAX ||
            base64_decode(line, length, ret_path->hashes[ret_path->count], MERKLE_HASH_BYTES, &decoded) < 0 ||
            decoded != MERKLE_HASH_BYTES)
            return -EBADMSG;
        ret_path->count++;
    }
    return line != NULL ? 0 : -EBADMSG;
}

int tlog_proof_parse(const char *text, size_t length, struct tlog_proof *ret_proof)
{
    const char *at = text, *end = text + length;
    struct tlog_proof proof = {0};
    size_t line;

    if (length < strlen(head) || memcmp(text, head, strlen(head)) != 0)
        return -EBADMSG;
    at += strlen(head);
    const char *extra = take_line(&at, end, "extra ", &line);
    if (extra == NULL ||
        base64_decode(extra, line, proof.entry, sizeof(proof.entry), &proof.entry_length) < 0)
        return -EBADMSG;
    const char *index = take_line(&at, end, "index ", &line);
    if (index == NULL || checkpoint_parse_size(index, line, &proof.index) < 0 ||
        parse_path(&at, end, &proof.path) < 0 || at == end)
        return -EBADMSG;
    proof.checkpoint = at;
    proof.checkpoint_length = (size_t)(end - at);
    *ret_proof = proof;
    return 0;
}
