/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/fault_spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

/* What may be said about a kind. */
enum option {
    OPTION_SESSION = 1 << 0,
    OPTION_SYMBOL = 1 << 1,
    OPTION_ORDER = 1 << 2,
    OPTION_SIDE = 1 << 3,
    OPTION_MESSAGE = 1 << 4,
    OPTION_REPORT = 1 << 5,
    OPTION_CHANCE = 1 << 6,
    OPTION_SEED = 1 << 7,
    OPTION_UNTIL = 1 << 8,
    OPTION_AS = 1 << 9,
    OPTION_MS = 1 << 10,
    OPTION_NUMBER = 1 << 11,
    OPTION_QUANTITY = 1 << 12,
    OPTION_REASON = 1 << 13,
    OPTION_COUNT = 1 << 14,
    OPTION_ID = 1 << 15,
};

enum {
    OFTEN = OPTION_CHANCE | OPTION_SEED | OPTION_COUNT,
    OF_SESSION = OPTION_SESSION | OFTEN,
    OF_ORDER = OF_SESSION | OPTION_SYMBOL | OPTION_ORDER | OPTION_SIDE,
    OF_MESSAGE = OF_ORDER | OPTION_MESSAGE,
    OF_REPORT = OF_ORDER | OPTION_REPORT,
    REQUESTS = FAULT_ORDER | FAULT_CANCEL | FAULT_REPLACE | FAULT_QUERY,
    NEWS = FAULT_ACK | FAULT_FILL | FAULT_DONE | FAULT_REFUSAL,
    REPEATED = OF_REPORT | OPTION_AS,
};

static const struct kind {
    const char *name, *usage, *help;
    unsigned options;
    unsigned allowed; /* messages or reports that `message` or `report` may name */
    bool sticks;
    struct fault_spec defaults;
} kinds[FAULT_KINDS] = {
    [FAULT_WITHHOLD] = {"withhold",
                        "withhold [until=query|resend|never] [report=…]",
                        "an order's reports are not sent: until it is asked for, but with numbers that a "
                        "resend brings, or never",
                        OF_REPORT | OPTION_UNTIL,
                        FAULT_REPORTS_ANY,
                        true,
                        {.count = 1, .reports = NEWS}},
    [FAULT_DELAY] = {"delay",
                     "delay [ms=1000] [report=…]",
                     "an order's reports are sent later",
                     OF_REPORT | OPTION_MS,
                     FAULT_REPORTS_ANY,
                     true,
                     {.count = 1, .reports = NEWS, .ms = 1000}},
    [FAULT_SWALLOW] = {"swallow",
                       "swallow [message=order]",
                       "a message is read and forgotten: no answer",
                       OF_MESSAGE,
                       REQUESTS | FAULT_LOGON,
                       false,
                       {.count = 1, .messages = FAULT_ORDER}},
    [FAULT_REFUSE] = {"refuse",
                      "refuse [message=order] [reason=99]",
                      "a message is refused with that reason (102 or 103); a query as about an unknown "
                      "order, a logon with a Logout",
                      OF_MESSAGE | OPTION_REASON,
                      REQUESTS | FAULT_LOGON,
                      false,
                      {.count = 1, .messages = FAULT_ORDER, .number = 99}},
    [FAULT_DROP_BEFORE] = {"drop-before",
                           "drop-before [message=order]",
                           "a message is read, not applied, and the connection is cut",
                           OF_MESSAGE,
                           FAULT_MESSAGES_ANY,
                           false,
                           {.count = 1, .messages = FAULT_ORDER}},
    [FAULT_DROP_AFTER] = {"drop-after",
                          "drop-after [message=order]",
                          "a message is applied and journaled, and the connection is cut before any answer",
                          OF_MESSAGE,
                          FAULT_MESSAGES_ANY,
                          false,
                          {.count = 1, .messages = FAULT_ORDER}},
    [FAULT_REORDER] = {"reorder",
                       "reorder [report=ack] [ms=1000]",
                       "a report goes after the next one of its order, or after so long",
                       OF_REPORT | OPTION_MS,
                       FAULT_REPORTS_ANY,
                       false,
                       {.count = 1, .reports = FAULT_ACK, .ms = 1000}},
    [FAULT_REPEAT] =
        {"repeat",
         "repeat [as=resend|dup|new] [report=fill]",
         "a report comes twice: with PossResend, with PossDup and its number, or as if it were new",
         REPEATED,
         FAULT_REPORTS_ANY,
         true,
         {.count = 1, .reports = FAULT_FILL}},
    [FAULT_ALTER] =
        {"alter",
         "alter [as=resend|dup|new] [quantity=LOT]",
         "a fill is told again under its ExecID, with a larger LastQty and a LastPx one tick higher",
         OF_ORDER | OPTION_AS | OPTION_QUANTITY,
         0,
         true,
         {.count = 1, .reports = FAULT_FILL}},
    [FAULT_HALF_OPEN] = {"half-open",
                         "half-open [message=any] [ms=10000]",
                         "from this message on nothing is read or written for so long; the connection stays",
                         OF_MESSAGE | OPTION_MS,
                         FAULT_MESSAGES_ANY & ~FAULT_LOGON,
                         false,
                         {.count = 1, .messages = FAULT_MESSAGES_ANY & ~FAULT_LOGON, .ms = 10000}},
    [FAULT_SLOW] = {"slow",
                    "slow [ms=1000]",
                    "everything leaves so much later; until cleared",
                    OPTION_SESSION | OPTION_MS,
                    0,
                    false,
                    {.ms = 1000}},
    [FAULT_GAP] = {"gap",
                   "gap [n=1]",
                   "numbers are skipped before the next message to a session",
                   OF_SESSION | OPTION_NUMBER,
                   0,
                   false,
                   {.count = 1, .number = 1}},
    [FAULT_RESET] = {"reset",
                     "reset [n=10]",
                     "SequenceReset-Reset raises the number of the next message to a session",
                     OF_SESSION | OPTION_NUMBER,
                     0,
                     false,
                     {.count = 1, .number = 10}},
    [FAULT_RESET_LOGON] =
        {"reset-logon",
         "reset-logon",
         "the next logon is answered with ResetSeqNumFlag: both numbers begin anew, what was "
         "sent is forgotten",
         OF_SESSION,
         0,
         false,
         {.count = 1}},
    [FAULT_PIECES] = {"pieces",
                      "pieces [n=3]",
                      "each fill of an order comes in so many",
                      OF_ORDER | OPTION_NUMBER,
                      0,
                      true,
                      {.count = 1, .reports = FAULT_FILL, .number = 3}},
    [FAULT_OVERFILL] = {"overfill",
                        "overfill [quantity=LOT]",
                        "an order that is filled is filled beyond its quantity",
                        OF_ORDER | OPTION_QUANTITY,
                        0,
                        false,
                        {.count = 1}},
    [FAULT_LATE_FILL] = {"late-fill",
                         "late-fill [ms=500] [quantity=REST]",
                         "a cancelled order is filled after all, so much later",
                         OF_ORDER | OPTION_MS | OPTION_QUANTITY,
                         0,
                         false,
                         {.count = 1, .ms = 500}},
    [FAULT_WRONG_CUM] = {"wrong-cum",
                         "wrong-cum [quantity=LOT]",
                         "a status answer tells a larger CumQty",
                         OF_ORDER | OPTION_QUANTITY,
                         0,
                         false,
                         {.count = 1}},
    [FAULT_STRAY] =
        {"stray",
         "stray [id=CLORDID] [quantity=LOT]",
         "with the next message from a session it is told of a fill of an order that it never sent",
         OF_SESSION | OPTION_ID | OPTION_QUANTITY,
         0,
         false,
         {.count = 1}},
    [FAULT_NO_QUOTES] =
        {"no-liquidity",
         "no-liquidity [symbol=SYMBOL]",
         "no synthetic quotes: LIMIT orders rest, MARKET orders and STOPs wait; until cleared",
         OPTION_SYMBOL,
         0,
         false,
         {.count = 0}},
};

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
    VALUE_SIDE,
    VALUE_NUMBER,
    VALUE_SEED,
    VALUE_CHANCE,
    VALUE_DECIMAL
};

#define FIELD(member) offsetof(struct fault_spec, member), sizeof(((struct fault_spec *)0)->member)

static const struct word {
    const char *name;
    unsigned option;
    enum value_type type;
    size_t offset, size;
    const struct name *names;
    uint64_t max;
} words_known[] = {
    {"session", OPTION_SESSION, VALUE_TEXT, FIELD(session), NULL, 0},
    {"symbol", OPTION_SYMBOL, VALUE_TEXT, FIELD(symbol), NULL, 0},
    {"order", OPTION_ORDER, VALUE_TEXT, FIELD(order), NULL, 0},
    {"side", OPTION_SIDE, VALUE_SIDE, FIELD(side), sides, 0},
    {"message", OPTION_MESSAGE, VALUE_SET, FIELD(messages), messages, 0},
    {"report", OPTION_REPORT, VALUE_SET, FIELD(reports), reports, 0},
    {"until", OPTION_UNTIL, VALUE_NAME, FIELD(until), untils, 0},
    {"as", OPTION_AS, VALUE_NAME, FIELD(as), ways, 0},
    {"ms", OPTION_MS, VALUE_NUMBER, FIELD(ms), NULL, FAULT_MS_MAX},
    {"n", OPTION_NUMBER, VALUE_NUMBER, FIELD(number), NULL, FAULT_NUMBER_MAX},
    {"id", OPTION_ID, VALUE_TEXT, FIELD(id), NULL, 0},
    {"reason", OPTION_REASON, VALUE_NUMBER, FIELD(number), NULL, 99},
    {"quantity", OPTION_QUANTITY, VALUE_DECIMAL, FIELD(quantity), NULL, 0},
    {"chance", OPTION_CHANCE, VALUE_CHANCE, FIELD(chance_ppm), NULL, 0},
    {"seed", OPTION_SEED, VALUE_SEED, FIELD(seed), NULL, INT64_MAX},
};

const char *fault_kind_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

const char *fault_kind_usage(enum fault_kind kind)
{
    return kinds[kind].usage;
}

const char *fault_kind_help(enum fault_kind kind)
{
    return kinds[kind].help;
}

bool fault_kind_sticks(enum fault_kind kind)
{
    return kinds[kind].sticks;
}

bool fault_kind_lasts(enum fault_kind kind)
{
    return (kinds[kind].options & OPTION_COUNT) == 0;
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
    case VALUE_SIDE:
        name = find_name(word->names, text, strlen(text));
        if (name != NULL)
            *(uint8_t *)target = (uint8_t)name->value;
        return name != NULL;
    case VALUE_NAME:
        name = find_name(word->names, text, strlen(text));
        if (name != NULL)
            *(uint32_t *)target = name->value;
        return name != NULL;
    case VALUE_SET:
        return read_set(word->names, text, allowed, target);
    case VALUE_NUMBER:
        if (fix_value_u64(text, strlen(text), &number) < 0 || number > word->max ||
            (number == 0 && word->option == OPTION_NUMBER))
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

static int parse_option(const struct kind *kind, const char *text, struct fault_spec *spec, char *wrong)
{
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < ARRAY_LEN(words_known); i++) {
        const struct word *word = &words_known[i];
        if (strlen(word->name) != length || memcmp(word->name, text, length) != 0)
            continue;
        if ((kind->options & word->option) == 0)
            break;
        if (read_value(word, text + length + 1, kind->allowed, spec))
            return 0;
        (void)snprintf(wrong, FAULT_TEXT_MAX, "%s: that cannot be its %s", kind->name, word->name);
        return -EINVAL;
    }
    (void)snprintf(wrong, FAULT_TEXT_MAX, "%s takes no such option: %.40s", kind->name, text);
    return -EINVAL;
}

static int parse_count(const struct kind *kind, const char *text, struct fault_spec *spec, char *wrong)
{
    uint64_t count = 0;
    if (strcmp(text, "always") == 0) {
        spec->count = 0;
        return 0;
    }
    if ((kind->options & OPTION_COUNT) == 0) {
        (void)snprintf(wrong, FAULT_TEXT_MAX, "%s lasts until it is cleared", kind->name);
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
    while (kind < FAULT_KINDS &&
           (count == 0 || kinds[kind].name == NULL || strcmp(kinds[kind].name, words[0]) != 0))
        kind++;
    if (kind == FAULT_KINDS) {
        (void)snprintf(ret_wrong, FAULT_TEXT_MAX, "no such fault; try fault help");
        return -EINVAL;
    }
    struct fault_spec spec = kinds[kind].defaults;
    spec.kind = (enum fault_kind)kind;
    spec.chance_ppm = FAULT_CERTAIN_PPM;
    for (size_t i = 1; i < count; i++) {
        int error = strchr(words[i], '=') != NULL ? parse_option(&kinds[kind], words[i], &spec, ret_wrong)
                                                  : parse_count(&kinds[kind], words[i], &spec, ret_wrong);
        if (error < 0)
            return error;
    }
    *ret_spec = spec;
    return 0;
}

static void put_set(struct buffer *out, const struct name *names, uint32_t set)
{
    bool first = true;
    for (; names->name != NULL && strcmp(names->name, "any") != 0; names++) {
        if ((set & names->value) == 0)
            continue;
        if (!first)
            buffer_append_char(out, ',');
        first = false;
        buffer_append_text(out, names->name);
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
    case VALUE_SIDE:
        buffer_append_text(out, *(const uint8_t *)value == '1' ? "BUY" : "SELL");
        break;
    case VALUE_NAME:
        buffer_append_text(out, word->names[*(const uint32_t *)value].name);
        break;
    case VALUE_SET:
        put_set(out, word->names, *(const uint32_t *)value);
        break;
    case VALUE_NUMBER:
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
    static const struct fault_spec nothing = {.kind = 0};
    if (word->type == VALUE_CHANCE)
        return spec->chance_ppm == FAULT_CERTAIN_PPM;
    return word->type != VALUE_NAME && word->type != VALUE_NUMBER &&
           memcmp((const char *)spec + word->offset, (const char *)&nothing + word->offset, word->size) == 0;
}

void fault_spec_describe(const struct fault_spec *spec, struct buffer *out)
{
    const struct kind *kind = &kinds[spec->kind];
    buffer_append_text(out, kind->name);
    for (size_t i = 0; i < ARRAY_LEN(words_known); i++) {
        const struct word *word = &words_known[i];
        if ((kind->options & word->option) == 0 || silent(word, spec))
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
