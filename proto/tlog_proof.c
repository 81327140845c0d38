/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tlog_proof.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/base64.h"
#include "proto/checkpoint.h"
#include "proto/line.h"

static const char head[] = "c2sp.org/tlog-proof@v1\n";

void tlog_proof_append(const struct tlog_proof *proof, struct buffer *out)
{
    buffer_append_format(out, "%sextra ", head);
    base64_append(out, proof->entry, proof->entry_length);
    buffer_append_format(out, "\nindex %" PRIu64 "\n", proof->index);
    merkle_proof_append(&proof->path, out);
    buffer_append(out, proof->checkpoint, proof->checkpoint_length);
}

int tlog_proof_parse(const char *text, size_t length, struct tlog_proof *ret_proof)
{
    const char *at = text, *end = text + length;
    struct tlog_proof proof = {0};
    size_t line;

    if (length < strlen(head) || memcmp(text, head, strlen(head)) != 0)
        return -EBADMSG;
    at += strlen(head);
    const char *extra = line_take(&at, end, "extra ", &line);
    if (extra == NULL ||
        base64_decode(extra, line, proof.entry, sizeof(proof.entry), &proof.entry_length) < 0)
        return -EBADMSG;
    const char *index = line_take(&at, end, "index ", &line);
    if (index == NULL || checkpoint_parse_size(index, line, &proof.index) < 0 ||
        merkle_proof_take(&at, end, &proof.path) < 0 || at == end)
        return -EBADMSG;
    proof.checkpoint = at;
    proof.checkpoint_length = (size_t)(end - at);
    *ret_proof = proof;
    return 0;
}
