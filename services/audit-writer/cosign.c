/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/cosign.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

const char *cosign_trouble_text(enum cosign_trouble trouble)
{
    static const char *const texts[] = {
        [COSIGN_FINE] = "has not answered yet",
        [COSIGN_SILENT] = "does not answer",
        [COSIGN_UNKNOWN_LOG] = "does not know this log",
        [COSIGN_UNKNOWN_KEY] = "does not know the log's key",
        [COSIGN_BROKEN] = "answers what is no answer",
        [COSIGN_UNSIGNED] = "cosigns with another key than the policy's",
        [COSIGN_FORKED] = "has seen another history",
        [COSIGN_AHEAD] = "has seen a later checkpoint",
    };
    _Static_assert(ARRAY_LEN(texts) == COSIGN_TROUBLE_COUNT, "every trouble has a text");

    return texts[trouble];
}

void cosign_reset(struct cosign *cosign, const struct policy *policy)
{
    cosign->policy = policy;
    cosign->pending = false;
    cosign->since_us = 0;
    memset(cosign->witnesses, 0, sizeof(cosign->witnesses));
    buffer_clear(&cosign->note);
}

int cosign_begin(struct cosign *cosign, const char *bytes, size_t length, int64_t now_us)
{
    struct checkpoint target;
    struct note note;

    if (note_parse(bytes, length, &note) < 0 || checkpoint_parse(note.text, note.text_length, &target) < 0)
        return -EBADMSG;
    buffer_clear(&cosign->note);
    buffer_append(&cosign->note, bytes, length);
    if (buffer_failed(&cosign->note)) {
        cosign->pending = false;
        return cosign->note.error;
    }
    bool renamed = cosign->target.origin[0] != '\0' && strcmp(cosign->target.origin, target.origin) != 0;
    cosign->target = target;
    cosign->text_length = note.text_length;
    if (!cosign->pending)
        cosign->since_us = now_us;
    cosign->pending = true;
    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        struct cosign_witness *witness = &cosign->witnesses[i];
        witness->cosigned = false;
        witness->sizes_named = 0;
        if (renamed) { /* what it has seen is another log's */
            witness->seen_size = 0;
            witness->trouble = COSIGN_FINE;
        }
        if (witness->trouble == COSIGN_AHEAD && witness->seen_size <= target.size)
            witness->trouble = COSIGN_FINE;
        if (witness->trouble == COSIGN_FINE) /* others keep their pause */
            witness->ask_at_us = 0;
    }
    return 0;
}

bool cosign_is_renamed(const struct cosign *cosign, const char *bytes, size_t length)
{
    struct checkpoint checkpoint;
    struct note note;

    return note_parse(bytes, length, &note) == 0 &&
           checkpoint_parse(note.text, note.text_length, &checkpoint) == 0 &&
           strcmp(checkpoint.origin, cosign->target.origin) != 0;
}

void cosign_end(struct cosign *cosign)
{
    cosign->pending = false;
}

bool cosign_next(struct cosign *cosign, int64_t now_us, size_t *ret_witness, int64_t *ret_due_us)
{
    *ret_due_us = INT64_MAX;
    for (size_t i = 0; cosign->pending && i < cosign->policy->witness_count; i++) {
        struct cosign_witness *witness = &cosign->witnesses[i];
        if (witness->cosigned || witness->asking || cosign->policy->witnesses[i].url[0] == '\0')
            continue;
        if (witness->ask_at_us <= now_us) {
            witness->asking = true;
            witness->asked_size = cosign->target.size;
            witness->asked_from = witness->seen_size <= cosign->target.size ? witness->seen_size : 0;
            *ret_witness = i;
            return true;
        }
        if (witness->ask_at_us < *ret_due_us)
            *ret_due_us = witness->ask_at_us;
    }
    return false;
}

void cosign_put_off(struct cosign *cosign, size_t i, int64_t now_us)
{
    cosign->witnesses[i].asking = false;
    cosign->witnesses[i].ask_at_us = now_us + COSIGN_RETRY_US;
}

/* Whether the answer has a signature line of the witness' key; keeps it. */
static bool take_line(struct cosign *cosign, size_t i, const char *body, size_t length)
{
    struct cosign_witness *witness = &cosign->witnesses[i];
    struct note note;
    size_t at;

    if (note_parse_lines(body, length, &note) < 0)
        return false;
    note.text = cosign->note.data;
    note.text_length = cosign->text_length;
    if (note_verify(&note, &cosign->policy->witnesses[i].key, &at, NULL) < 0 ||
        note.signatures[at].line_length > sizeof(witness->line))
        return false;
    memcpy(witness->line, note.signatures[at].line, note.signatures[at].line_length);
    witness->line_length = note.signatures[at].line_length;
    return true;
}

/* 409: the witness names the size that it has seen, and is asked again from there. */
static enum cosign_trouble take_size(const struct cosign *cosign, struct cosign_witness *witness,
                                     const char *body, size_t length, bool current)
{
    uint64_t size;

    if (length < 2 || body[length - 1] != '\n' || checkpoint_parse_size(body, length - 1, &size) < 0 ||
        size == witness->asked_from)
        return COSIGN_BROKEN;
    witness->seen_size = size;
    if (!current)
        return COSIGN_FINE;
    if (size > cosign->target.size)
        return COSIGN_AHEAD;
    if (++witness->sizes_named > COSIGN_SIZES_MAX)
        return COSIGN_BROKEN;
    return COSIGN_FINE;
}

void cosign_answer(struct cosign *cosign, size_t i, long status, const char *body, size_t length,
                   int64_t now_us)
{
    struct cosign_witness *witness = &cosign->witnesses[i];
    enum cosign_trouble trouble = COSIGN_BROKEN;
    bool current = cosign->pending && witness->asked_size == cosign->target.size;

    assert(i < cosign->policy->witness_count && witness->asking);
    witness->asking = false;
    if (status == 200 && !current) {
        /* Of a target that was published without it. */
        witness->seen_size = witness->asked_size;
        trouble = COSIGN_FINE;
    } else if (status == 200) {
        witness->cosigned = take_line(cosign, i, body, length);
        trouble = witness->cosigned ? COSIGN_FINE : COSIGN_UNSIGNED;
        if (witness->cosigned)
            witness->seen_size = cosign->target.size;
    } else if (status == 409) {
        trouble = take_size(cosign, witness, body, length, current);
    } else if (status == 0) {
        trouble = COSIGN_SILENT;
    } else if (status == 403) {
        trouble = COSIGN_UNKNOWN_KEY;
    } else if (status == 404) {
        trouble = COSIGN_UNKNOWN_LOG;
    } else if (status == 422) {
        trouble = COSIGN_FORKED;
    }
    witness->trouble = trouble;
    witness->ask_at_us = trouble == COSIGN_FINE ? now_us : now_us + COSIGN_RETRY_US;
}

static uint32_t cosigned(const struct cosign *cosign)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        if (cosign->witnesses[i].cosigned)
            bits |= UINT32_C(1) << i;
    }
    return bits;
}

bool cosign_is_met(const struct cosign *cosign)
{
    return cosign->pending && policy_is_met(cosign->policy, cosigned(cosign));
}

bool cosign_is_overtaken(const struct cosign *cosign)
{
    uint32_t possible = 0;
    bool any = false;

    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        if (cosign->witnesses[i].trouble == COSIGN_AHEAD)
            any = true;
        else
            possible |= UINT32_C(1) << i;
    }
    return cosign->pending && any && !policy_is_met(cosign->policy, possible);
}

void cosign_append_note(const struct cosign *cosign, struct buffer *out)
{
    buffer_append(out, cosign->note.data, cosign->note.length);
    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        if (cosign->witnesses[i].cosigned)
            buffer_append(out, cosign->witnesses[i].line, cosign->witnesses[i].line_length);
    }
}

bool cosign_is_contradicted(const struct cosign *cosign, uint64_t newest)
{
    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        const struct cosign_witness *witness = &cosign->witnesses[i];
        if (witness->trouble == COSIGN_FORKED ||
            (witness->trouble == COSIGN_AHEAD && witness->seen_size > newest))
            return true;
    }
    return false;
}

bool cosign_is_late(const struct cosign *cosign, int64_t now_us)
{
    return cosign->pending && now_us - cosign->since_us > COSIGN_ALARM_US;
}

void cosign_append_complaint(const struct cosign *cosign, struct buffer *out)
{
    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        const struct cosign_witness *witness = &cosign->witnesses[i];
        const struct policy_witness *known = &cosign->policy->witnesses[i];
        if (witness->cosigned || (witness->trouble == COSIGN_FINE && !cosign->pending))
            continue;
        buffer_append_format(out, "; %s %s", known->name,
                             known->url[0] == '\0' ? "has no URL" : cosign_trouble_text(witness->trouble));
    }
}
