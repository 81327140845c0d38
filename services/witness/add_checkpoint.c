/* SPDX-License-Identifier: Apache-2.0 */
#include "services/witness/add_checkpoint.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/line.h"

static const struct {
    int status;
    const char *text;
} verdicts[] = {
    [ADD_COSIGN] = {200, "cosigned"},
    [ADD_UNKNOWN_LOG] = {404, "this log is not known here"},
    [ADD_UNKNOWN_KEY] = {403, "the checkpoint is not signed by a key of its log that is known here"},
    [ADD_BACKWARDS] = {400, "the old size is above that of the checkpoint"},
    [ADD_OTHER_SIZE] = {409, "another size was cosigned last"},
    [ADD_INCONSISTENT] = {422, "the checkpoint is not shown to extend the one that was cosigned last"},
};
_Static_assert(ARRAY_LEN(verdicts) == ADD_VERDICT_COUNT, "every verdict has a status");

int add_verdict_status(enum add_verdict verdict)
{
    return verdicts[verdict].status;
}

const char *add_verdict_text(enum add_verdict verdict)
{
    return verdicts[verdict].text;
}

int add_checkpoint_parse(const char *body, size_t length, struct add_checkpoint *ret_request)
{
    const char *at = body, *end = body + length;
    struct add_checkpoint request = {0};
    size_t old;

    const char *line = line_take(&at, end, "old ", &old);
    if (line == NULL || checkpoint_parse_size(line, old, &request.old_size) < 0 ||
        merkle_proof_take(&at, end, &request.proof) < 0 || request.proof.count > ADD_PROOF_MAX ||
        note_parse(at, (size_t)(end - at), &request.note) < 0 ||
        checkpoint_parse(request.note.text, request.note.text_length, &request.checkpoint) < 0)
        return -EBADMSG;
    *ret_request = request;
    return 0;
}

/* Whether each line of the key is right: 0, -EBADMSG, or -ENOENT when it has none. */
static int verify_all(const struct note *note, const struct note_key *key)
{
    struct note rest = *note;
    bool any = false;
    size_t at;
    int r;

    while ((r = note_verify(&rest, key, &at, NULL)) == 0) {
        any = true;
        rest.count -= at + 1;
        memmove(rest.signatures, rest.signatures + at + 1, rest.count * sizeof(rest.signatures[0]));
    }
    return r == -ENOENT && any ? 0 : r;
}

static int judge_signature(const struct add_checkpoint *request, const struct add_logs *logs,
                           enum add_verdict *ret_verdict)
{
    enum add_verdict verdict = ADD_UNKNOWN_LOG;

    for (size_t i = 0; i < logs->count; i++) {
        if (strcmp(logs->keys[i].name, request->checkpoint.origin) != 0)
            continue;
        int r = verify_all(&request->note, &logs->keys[i]);
        if (r == -EBADMSG) {
            *ret_verdict = ADD_UNKNOWN_KEY; /* whatever else has signed it */
            return 0;
        }
        if (r < 0 && r != -ENOENT)
            return r;
        if (r == 0)
            verdict = ADD_COSIGN;
        else if (verdict == ADD_UNKNOWN_LOG)
            verdict = ADD_UNKNOWN_KEY;
    }
    *ret_verdict = verdict;
    return 0;
}

int add_checkpoint_judge(const struct add_checkpoint *request, const struct add_logs *logs,
                         const struct add_seen *seen, enum add_verdict *ret_verdict)
{
    const struct checkpoint *checkpoint = &request->checkpoint;
    const struct merkle empty = {0};
    struct add_seen nothing = {0};
    int r = judge_signature(request, logs, ret_verdict);

    if (r < 0 || *ret_verdict != ADD_COSIGN)
        return r;
    if (request->old_size > checkpoint->size) {
        *ret_verdict = ADD_BACKWARDS;
        return 0;
    }
    r = merkle_root(&empty, nothing.root);
    if (r < 0)
        return r;
    const struct add_seen *last = seen == NULL ? &nothing : seen;
    if (request->old_size != last->size) {
        *ret_verdict = ADD_OTHER_SIZE;
        return 0;
    }
    r = merkle_proof_check_extension(last->size, last->root, checkpoint->size, checkpoint->root,
                                     &request->proof);
    if (r == -EBADMSG)
        *ret_verdict = ADD_INCONSISTENT;
    return r == -EBADMSG ? 0 : r;
}
