/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/fault_spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

struct name {
    const char *name;
    uint32_t value;
};

static const struct name messages[] = {
    {"order", FAULT_ORDER}, {"cancel", FAULT_CANCEL}, {"replace", FAULT_REPLACE},  {"query", FAULT_QUERY},
    {"logon", FAULT_LOGON}, {"other", FAULT_OTHER},   {"any", FAULT_MESSAGES_ANY}, {NULL, 0}};
static const struct name reports[] = {{"ack", FAULT_ACK},
                                      {"fill", FAULT_FILL},
                                      {"done", FAULT_DONE},
                                      {"refusal", FAULT_REFUSAL},
                                      {"status", FAULT_STATUS},
                                      {"any", FAULT_REPORTS_ANY},
                                      {NULL, 0}};
static const struct name untils[] = {
    {"query", FAULT_UNTIL_QUERY}, {"resend", FAULT_UNTIL_RESEND}, {"never", FAULT_UNTIL_NEVER}, {NULL, 0}};
static const struct name ways[] = {
    {"resend", FAULT_AS_RESEND}, {"dup", FAULT_AS_DUP}, {"new", FAULT_AS_NEW}, {NULL, 0}};
static const struct name sides[] = {{"BUY", '1'}, {"SELL", '2'}, {NULL, 0}};

enum value_type {
    VALUE_TEXT,
    VALUE_NAME,
    VALUE_SET,
    VALUE_NUMBER,
    VALUE_COUNT, /* a number that is not 0 */
    VALUE_SEED,
    VALUE_CHANCE,
    VALUE_DECIMAL
};

enum {
#define FAULT_WORD(word, ...) WORD_##word,
#include "services/exchange-sim/faults/faults.def"
};

static const struct word {
    const char *name;
    enum value_type type;
    size_t offset, size;
    const struct name *names;
    uint64_t max;
} words_known[] = {
#define FAULT_WORD(word, type, name, member, names, max)                                                     \
    {name,  VALUE_##type, offsetof(struct fault_spec, member), sizeof(((struct fault_spec *)0)->member),     \
     names, max},
#include "services/exchange-sim/faults/faults.def"
};

#define TAKES(word) (UINT32_C(1) << WORD_##word)

enum {
    OF_SESSION = TAKES(SESSION) | TAKES(CHANCE) | TAKES(SEED),
    OF_ORDER = OF_SESSION | TAKES(SYMBOL) | TAKES(ORDER) | TAKES(SIDE),
    OF_MESSAGE = OF_ORDER | TAKES(MESSAGE),
    OF_REPORT = OF_ORDER | TAKES(REPORT),
    REQUESTS = FAULT_ORDER | FAULT_CANCEL | FAULT_REPLACE | FAULT_QUERY,
    NEWS = FAULT_ACK | FAULT_FILL | FAULT_DONE | FAULT_REFUSAL,
};

const struct fault_kind_info fault_spec_kinds[FAULT_KINDS] = {
#define FAULT(kind, name, usage, help, points, verdict, words, allowed, sticks, ...)                         \
    [FAULT_##kind] = {                                                                                       \
        name, name usage, help, points, verdict, words, allowed, sticks, {FAULT_##kind, __VA_ARGS__}},
#include "services/exchange-sim/faults/faults.def"
};

/* What has no chance has no count either. */
bool fault_spec_lasts(enum fault_kind kind)
{
    return (fault_spec_kinds[kind].words & TAKES(CHANCE)) == 0;
}

static const struct name *find_name(const struct name *names, const char *text, size_t length)
{
    for (; names->name != NULL; names++)
        if (strlen(names->name) == length && memcmp(names->name, text, length) == 0)
            return names;
    return NULL;
}

/* Names separated by commas, all of them allowed. */
static bool read_set(const struct name *names, const char *text, uint32_t allowed, uint32_t *ret_set)
{
    uint32_t set = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        const struct name *found = find_name(names, at, length);
        if (found == NULL)
            return false;
        bool any = strcmp(found->name, "any") == 0;
        if (!any && (found->value & ~allowed) != 0)
            return false;
        set |= found->value & allowed;
        at += length;
        if (*at == '\0')
            break;
    }
    *ret_set = set;
    return true;
}

/* A probability above 0 and up to 1. */
static bool read_chance(const char *text, uint32_t *ret_ppm)
{
    struct decimal value;
    const int64_t ppm = DECIMAL_ONE / FAULT_CERTAIN_PPM;
    if (fix_value_decimal(text, strlen(text), &value) < 0 || value.units < ppm || value.units > DECIMAL_ONE)
        return false;
    *ret_ppm = (uint32_t)(value.units / ppm);
    return true;
}

static bool read_value(const struct word *word, const char *text, uint32_t allowed, struct fault_spec *spec)
{
    void *target = (char *)spec + word->offset;
    uint64_t number = 0;
    const struct name *name = NULL;
    switch (word->type) {
    case VALUE_TEXT:
        if (*text == '\0' || strlen(text) >= word->size)
            return false;
        if (strcmp(text, "*") != 0)
            memcpy(target, text, strlen(text) + 1);
        return true;
    case VALUE_NAME:
        name = find_name(word->names, text, strlen(text));
        if (name != NULL)
            *(uint32_t *)target = name->value;
        return name != NULL;
    case VALUE_SET:
        return read_set(word->names, text, allowed, target);
    case VALUE_NUMBER:
    case VALUE_COUNT:
        if (fix_value_u64(text, strlen(text), &number) < 0 || number > word->max ||
            (number == 0 && word->type == VALUE_COUNT))
            return false;
        *(uint32_t *)target = (uint32_t)number;
        return true;
    case VALUE_SEED:
        return fix_value_u64(text, strlen(text), target) == 0;
    case VALUE_CHANCE:
        return read_chance(text, target);
    case VALUE_DECIMAL:
        return fix_value_decimal(text, strlen(text), target) == 0 &&
               decimal_is_positive(*(struct decimal *)target);
    }
    return false;
}

static int parse_option(const struct fault_kind_info *kind, const char *text, struct fault_spec *spec,
                        char *wrong)
{
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < ARRAY_LEN(words_known); i++) {
        const struct word *word = &words_known[i];
        if (strlen(word->name) != length || memcmp(word->name, text, length) != 0)
            continue;
        if ((kind->words & UINT32_C(1) << i) == 0)
            break;
        if (read_value(word, text + length + 1, kind->allowed, spec))
            return 0;
        (void)snprintf(wrong, FAULT_TEXT_MAX, "%s: that cannot be its %s", kind->name, word->name);
        return -EINVAL;
    }
    (void)snprintf(wrong, FAULT_TEXT_MAX, "%s takes no such option: %.40s", kind->name, text);
    return -EINVAL;
}

static int parse_count(const char *text, struct fault_spec *spec, char *wrong)
{
    uint64_t count = 0;
    if (strcmp(text, "always") == 0) {
        spec->count = 0;
        return 0;
    }
    if (fault_spec_lasts(spec->kind)) {
        (void)snprintf(wrong, FAULT_TEXT_MAX, "%s lasts until it is cleared",
                       fault_spec_kinds[spec->kind].name);
        return -EINVAL;
    }
    if (fix_value_u64(text, strlen(text), &count) < 0 || count == 0 || count > FAULT_COUNT_MAX) {
        (void)snprintf(wrong, FAULT_TEXT_MAX, "how often is 1 to %d or always, not %.40s", FAULT_COUNT_MAX,
                       text);
        return -EINVAL;
    }
    spec->count = (uint32_t)count;
    return 0;
}

int fault_spec_parse(char *const *words, size_t count, struct fault_spec *ret_spec,
                     char ret_wrong[static FAULT_TEXT_MAX])
{
    size_t kind = 0;
    while (kind < FAULT_KINDS && (count == 0 || strcmp(fault_spec_kinds[kind].name, words[0]) != 0))
        kind++;
    if (kind == FAULT_KINDS) {
        (void)snprintf(ret_wrong, FAULT_TEXT_MAX, "no such fault; try fault help");
        return -EINVAL;
    }
    struct fault_spec spec = fault_spec_kinds[kind].defaults;
    spec.count = !fault_spec_lasts(spec.kind);
    spec.chance_ppm = FAULT_CERTAIN_PPM;
    for (size_t i = 1; i < count; i++) {
        int error = strchr(words[i], '=') != NULL
                        ? parse_option(&fault_spec_kinds[kind], words[i], &spec, ret_wrong)
                        : parse_count(words[i], &spec, ret_wrong);
        if (error < 0)
            return error;
    }
    *ret_spec = spec;
    return 0;
}

/* The names in a set, but for the one of all together. */
static void put_names(struct buffer *out, const struct name *names, uint32_t set)
{
    const char *comma = "";
    for (; names->name != NULL; names++) {
        if ((set & names->value) != names->value || strcmp(names->name, "any") == 0)
            continue;
        buffer_append_text(out, comma);
        buffer_append_text(out, names->name);
        comma = ",";
    }
}

static void put_decimal(struct buffer *out, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    buffer_append(out, text, decimal_format(value, text));
}

static void put_value(const struct word *word, const struct fault_spec *spec, struct buffer *out)
{
    const void *value = (const char *)spec + word->offset;
    switch (word->type) {
    case VALUE_TEXT:
        buffer_append_text(out, value);
        break;
    case VALUE_NAME:
        for (const struct name *name = word->names; name->name != NULL; name++)
            if (name->value == *(const uint32_t *)value)
                buffer_append_text(out, name->name);
        break;
    case VALUE_SET:
        put_names(out, word->names, *(const uint32_t *)value);
        break;
    case VALUE_NUMBER:
    case VALUE_COUNT:
        buffer_append_i64(out, *(const uint32_t *)value);
        break;
    case VALUE_SEED:
        buffer_append_i64(out, (int64_t) * (const uint64_t *)value);
        break;
    case VALUE_CHANCE:
        put_decimal(out, decimal_from_units(*(const uint32_t *)value * (DECIMAL_ONE / FAULT_CERTAIN_PPM)));
        break;
    case VALUE_DECIMAL:
        put_decimal(out, *(const struct decimal *)value);
        break;
    }
}

/* Whether an option says what it would say when left out. */
static bool silent(const struct word *word, const struct fault_spec *spec)
{
    static const struct fault_spec nothing = {.chance_ppm = FAULT_CERTAIN_PPM};
    return word->type != VALUE_NUMBER &&
           memcmp((const char *)spec + word->offset, (const char *)&nothing + word->offset, word->size) == 0;
}

void fault_spec_describe(const struct fault_spec *spec, struct buffer *out)
{
    const struct fault_kind_info *kind = &fault_spec_kinds[spec->kind];
    buffer_append_text(out, kind->name);
    for (size_t i = 0; i < ARRAY_LEN(words_known); i++) {
        const struct word *word = &words_known[i];
        if ((kind->words & UINT32_C(1) << i) == 0 || silent(word, spec))
            continue;
        buffer_append_char(out, ' ');
        buffer_append_text(out, word->name);
        buffer_append_char(out, '=');
        put_value(word, spec, out);
    }
    buffer_append_char(out, ' ');
    if (spec->count == 0)
        buffer_append_text(out, "always");
    else
        buffer_append_i64(out, spec->count);
}
