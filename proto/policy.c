/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/policy.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

enum { WORDS_MAX = 3 + POLICY_WITNESSES_MAX + POLICY_GROUPS_MAX };

struct word {
    const char *text;
    size_t length;
};

struct reader {
    struct policy policy;
    bool has_quorum;
    uint64_t grouped; /* members of any group so far */
    struct word words[WORDS_MAX];
    size_t count; /* of words in the line */
};

static bool is_word(const struct word *word, const char *text)
{
    return word->length == strlen(text) && memcmp(word->text, text, word->length) == 0;
}

static uint64_t bit_of_group(size_t i)
{
    return UINT64_C(1) << (POLICY_WITNESSES_MAX + i);
}

/* The bit of a name that is defined; 0: it is not. */
static uint64_t find(const struct policy *policy, const struct word *name)
{
    for (size_t i = 0; i < policy->witness_count; i++) {
        if (is_word(name, policy->witnesses[i].name))
            return UINT64_C(1) << i;
    }
    for (size_t i = 0; i < policy->group_count; i++) {
        if (is_word(name, policy->groups[i].name))
            return bit_of_group(i);
    }
    return 0;
}

static const char *take_name(const struct policy *policy, const struct word *word,
                             char ret_name[static POLICY_NAME_MAX])
{
    if (word->length >= POLICY_NAME_MAX)
        return "a name is too long";
    if (is_word(word, "none") || find(policy, word) != 0)
        return "this name is taken";
    memcpy(ret_name, word->text, word->length);
    ret_name[word->length] = '\0';
    return NULL;
}

static bool is_same_key(const struct note_key *a, const struct note_key *b)
{
    return memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static const char *read_log(struct reader *reader)
{
    struct policy *policy = &reader->policy;
    struct note_key *key = &policy->logs[policy->log_count];

    if (reader->count < 2 || reader->count > 3)
        return "a log is: log VERIFIER-KEY [URL]";
    if (policy->log_count == POLICY_LOGS_MAX)
        return "there are too many logs";
    if (note_key_parse(reader->words[1].text, reader->words[1].length, key) < 0 || key->kind != NOTE_ED25519)
        return "this is no verifier key of a log (Ed25519)";
    for (size_t i = 0; i < policy->log_count; i++) {
        if (is_same_key(&policy->logs[i], key))
            return "this log's key is there twice";
    }
    policy->log_count++;
    return NULL;
}

static const char *read_witness(struct reader *reader)
{
    struct policy *policy = &reader->policy;
    struct policy_witness *witness = &policy->witnesses[policy->witness_count];
    const struct word *words = reader->words;

    if (reader->count < 3 || reader->count > 4)
        return "a witness is: witness NAME VERIFIER-KEY [URL]";
    if (policy->witness_count == POLICY_WITNESSES_MAX)
        return "there are too many witnesses";
    *witness = (struct policy_witness){0};
    const char *fault = take_name(policy, &words[1], witness->name);
    if (fault != NULL)
        return fault;
    if (note_key_parse(words[2].text, words[2].length, &witness->key) < 0 ||
        witness->key.kind != NOTE_COSIGNATURE)
        return "this is no verifier key of a witness (Ed25519 cosignatures)";
    for (size_t i = 0; i < policy->witness_count; i++) {
        if (is_same_key(&policy->witnesses[i].key, &witness->key))
            return "this witness' key is there twice";
    }
    if (reader->count == 4 && words[3].length >= POLICY_URL_MAX)
        return "a URL is too long";
    if (reader->count == 4)
        memcpy(witness->url, words[3].text, words[3].length);
    policy->witness_count++;
    return NULL;
}

/* 0: it is not a number. */
static unsigned int read_threshold(const struct word *word, size_t members)
{
    unsigned int value = 0;

    if (is_word(word, "all"))
        return (unsigned int)members;
    if (is_word(word, "any"))
        return 1;
    if (word->length > 2 || word->text[0] == '0')
        return 0;
    for (size_t i = 0; i < word->length; i++) {
        if (word->text[i] < '0' || word->text[i] > '9')
            return 0;
        value = value * 10 + (unsigned int)(word->text[i] - '0');
    }
    return value <= members ? value : 0;
}

static const char *read_group(struct reader *reader)
{
    struct policy *policy = &reader->policy;
    struct policy_group *group = &policy->groups[policy->group_count];

    if (reader->count < 4)
        return "a group is: group NAME all|any|K MEMBER …";
    if (policy->group_count == POLICY_GROUPS_MAX)
        return "there are too many groups";
    *group = (struct policy_group){.threshold = read_threshold(&reader->words[2], reader->count - 3)};
    const char *fault = take_name(policy, &reader->words[1], group->name);
    if (fault != NULL)
        return fault;
    if (group->threshold == 0)
        return "a group asks for all, any, or a number from 1 to that of its members";
    for (size_t i = 3; i < reader->count; i++) {
        uint64_t member = find(policy, &reader->words[i]);
        if (member == 0)
            return "a member is not defined above";
        if ((reader->grouped & member) != 0)
            return "a member is in a group already";
        reader->grouped |= member;
        group->members |= member;
    }
    policy->group_count++;
    return NULL;
}

static const char *read_quorum(struct reader *reader)
{
    if (reader->count != 2)
        return "a quorum is: quorum NAME, or quorum none";
    if (reader->has_quorum)
        return "there is a quorum already";
    reader->has_quorum = true;
    if (is_word(&reader->words[1], "none"))
        return NULL;
    reader->policy.quorum = find(&reader->policy, &reader->words[1]);
    return reader->policy.quorum == 0 ? "the quorum is not defined above" : NULL;
}

/* Splits the line into words. */
static const char *split(struct reader *reader, const char *line, size_t length)
{
    const char *at = line, *end = line + length;

    reader->count = 0;
    for (size_t i = 0; i < length; i++) {
        if (((uint8_t)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
            return "there is a control character";
    }
    for (;;) {
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        if (at == end)
            return NULL;
        if (reader->count == WORDS_MAX)
            return "there are too many words";
        struct word *word = &reader->words[reader->count++];
        word->text = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        word->length = (size_t)(at - word->text);
    }
}

static const char *read_line(struct reader *reader, const char *line, size_t length)
{
    static const struct {
        const char *word;
        const char *(*read)(struct reader *reader);
    } kinds[] = {
        {"log", read_log}, {"witness", read_witness}, {"group", read_group}, {"quorum", read_quorum}};
    const char *fault = split(reader, line, length);

    if (fault != NULL || reader->count == 0 || reader->words[0].text[0] == '#')
        return fault;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (is_word(&reader->words[0], kinds[i].word))
            return kinds[i].read(reader);
    }
    return "a line begins with log, witness, group or quorum";
}

int policy_parse(const char *text, size_t length, struct policy *ret_policy, struct policy_fault *ret_fault)
{
    struct reader reader = {0};
    struct policy_fault fault = {0};
    const char *end = text + length;

    if (length > POLICY_TEXT_MAX)
        fault.why = "it is too long";
    for (const char *at = text; fault.why == NULL && at < end;) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        fault.line++;
        fault.why = lf == NULL ? "the line does not end" : read_line(&reader, at, (size_t)(lf - at));
        at = lf == NULL ? end : lf + 1;
    }
    if (fault.why == NULL && !reader.has_quorum)
        fault = (struct policy_fault){.why = "there is no quorum; 'quorum none' asks for no witness"};
    if (fault.why != NULL) {
        *ret_fault = fault;
        return -EINVAL;
    }
    *ret_policy = reader.policy;
    return 0;
}

bool policy_is_met(const struct policy *policy, uint32_t cosigned)
{
    uint64_t met = cosigned;

    /* A group has only members that stand above it. */
    for (size_t i = 0; i < policy->group_count; i++) {
        if ((unsigned int)__builtin_popcountll(policy->groups[i].members & met) >=
            policy->groups[i].threshold)
            met |= bit_of_group(i);
    }
    return (met & policy->quorum) == policy->quorum;
}

uint32_t policy_cosigned(const struct policy *policy, const struct note *note)
{
    uint32_t cosigned = 0;

    for (size_t i = 0; i < policy->witness_count; i++) {
        if (note_verify(note, &policy->witnesses[i].key, NULL, NULL) == 0)
            cosigned |= UINT32_C(1) << i;
    }
    return cosigned;
}
