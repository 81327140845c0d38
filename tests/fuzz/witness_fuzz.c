/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness reads: requests for a cosignature from anybody, its own state, and policies. A request that
 * is read is written again as it was; nothing is cosigned that a log's key has not signed. */
#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/policy.h"
#include "services/witness/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_request(const char *body, size_t length)
{
    static const char key[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    CLEANUP(buffer_release) struct buffer again = BUFFER_INIT(0);
    struct add_seen seen = {.size = 3};
    struct add_checkpoint request;
    struct add_logs logs = {.count = 1};
    enum add_verdict verdict;

    if (add_checkpoint_parse(body, length, &request) < 0)
        return;
    buffer_append_format(&again, "old %" PRIu64 "\n", request.old_size);
    for (size_t i = 0; i < request.proof.count; i++) {
        base64_append(&again, request.proof.hashes[i], MERKLE_HASH_BYTES);
        buffer_append_char(&again, '\n');
    }
    buffer_append_char(&again, '\n');
    assert(!buffer_failed(&again) && again.length < length && memcmp(again.data, body, again.length) == 0);
    assert(request.note.text == body + again.length);
    int r = note_key_parse(key, strlen(key), &logs.keys[0]);
    assert(r == 0);
    memcpy(logs.keys[0].name, request.checkpoint.origin, sizeof(logs.keys[0].name));
    r = add_checkpoint_judge(&request, &logs, (request.old_size & 1) == 0 ? NULL : &seen, &verdict);
    assert(r == 0 && verdict == ADD_UNKNOWN_KEY);
    assert(add_verdict_status(verdict) == 403);
}

static void try_record(const char *text, size_t length)
{
    CLEANUP(buffer_release) struct buffer again = BUFFER_INIT(0);
    struct record record;
    const char *why;
    size_t line;

    if (record_parse(text, length, &record, &line, &why) < 0)
        return;
    record_append(&record, &again);
    assert(again.length == length && memcmp(again.data, text, length) == 0);
}

static void try_policy(const char *text, size_t length)
{
    struct policy policy;
    struct policy_fault fault;

    if (policy_parse(text, length, &policy, &fault) < 0) {
        assert(fault.why != NULL);
        return;
    }
    assert(policy.quorum != 0 || policy_is_met(&policy, 0));
    assert(policy.quorum == 0 || !policy_is_met(&policy, 0));
    assert(policy_is_met(&policy, UINT32_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_request((const char *)data, size);
    try_record((const char *)data, size);
    try_policy((const char *)data, size);
    return 0;
}
