/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/json_body.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "common/cleanup.h"
#include "common/utf8.h"
#include "proto/row.h"

/* 10 digits before the point: the first number that has 11. */
#define UNITS_END (INT64_C(10000000000) * DECIMAL_ONE)

struct parse {
    const struct json_body *body;
    char *message;
    struct faults *faults;
    int depth;
    bool too_deep;
    size_t member;     /* that the next value belongs to */
    bool ignore_value; /* of no member, or of a repeated or unknown one, which has its fault already */
    bool top_not_object;
    bool seen[JSON_BODY_MEMBERS_MAX];
};

/* A client's text as a fault shows it: without control characters, cut. */
static void quote(char target[static JSON_BODY_QUOTE_MAX + 1], const char *text, size_t length)
{
    char clean[JSON_BODY_QUOTE_MAX * 4];
    size_t kept = length < sizeof(clean) ? length : sizeof(clean);

    clean[0] = '\0'; /* the compiler does not see that nothing is read of an empty text */
    for (size_t i = 0; i < kept; i++) {
        clean[i] = text[i];
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            clean[i] = '?';
    }
    utf8_copy(target, JSON_BODY_QUOTE_MAX + 1, clean, kept);
}

static bool take_decimal(const struct json_member *member, const char *text, size_t length,
                         struct decimal *ret_value, struct faults *faults)
{
    const char *name = member->name;
    char actual[JSON_BODY_QUOTE_MAX + 1];
    struct decimal value;

    quote(actual, text, length);
    int r = decimal_parse(text, length, &value);
    if (r == -EDOM) {
        faults_add(faults, name, REJECT_TOO_PRECISE, "8", actual,
                   "The member '%s' has more than 8 digits after the point, it is %s; round it.", name,
                   actual);
    } else if (r == -ERANGE || (r == 0 && (value.units >= UNITS_END || value.units <= -UNITS_END))) {
        faults_add(
            faults, name, REJECT_OUT_OF_RANGE, "9999999999.99999999", actual,
            "The member '%s' has more than 10 digits before the point, it is %s; send a smaller number.",
            name, actual);
    } else if (r < 0) {
        faults_add(faults, name, REJECT_INVALID_VALUE, NULL, actual,
                   "The member '%s' is no decimal number, it is '%s'; send one, for example 10.5.", name,
                   actual);
    } else if (!decimal_is_positive(value)) {
        faults_add(faults, name, REJECT_NOT_POSITIVE, "0", actual,
                   "The member '%s' is %s, not greater than 0; send a positive number.", name, actual);
    } else {
        *ret_value = value;
        return true;
    }
    return false;
}

static bool take_sentence(const struct json_member *member, const char *text, size_t length, char *target,
                          size_t size, struct faults *faults)
{
    size_t characters = 0;
    char actual[24], limit[24];

    for (size_t i = 0; i < length; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    (void)snprintf(actual, sizeof(actual), "%zu", characters);
    (void)snprintf(limit, sizeof(limit), "%zu", characters == 0 ? 1 : member->max);
    if (memchr(text, '\0', length) != NULL) {
        faults_add(faults, member->name, REJECT_INVALID_VALUE, NULL, NULL,
                   "The member '%s' holds the character U+0000; send it without.", member->name);
        return false;
    }
    if (characters == 0 || characters > member->max) {
        faults_add(faults, member->name, REJECT_INVALID_VALUE, limit, actual,
                   "The member '%s' has %zu characters; send 1 to %zu.", member->name, characters,
                   member->max);
        return false;
    }
    utf8_copy(target, size, text, length);
    return true;
}

static bool is_printable(const char *text, size_t length, size_t max)
{
    bool plain = length > 0 && length <= max;

    for (size_t i = 0; i < length && plain; i++)
        plain = text[i] >= 0x20 && text[i] <= 0x7e;
    return plain;
}

static bool take_text(const struct json_member *member, const struct schema_field *field, const char *text,
                      size_t length, char *message, struct faults *faults)
{
    const char *name = member->name;
    char actual[JSON_BODY_QUOTE_MAX + 1], limit[24];

    quote(actual, text, length);
    (void)snprintf(limit, sizeof(limit), "%zu", field->bound - 1);
    switch (member->kind) {
    case JSON_WORD:
        /* It ends with a NUL, as a word is wanted, and differs from the text only where that is no word. */
        if (row_set_field(field, actual, strlen(actual), message) == 0)
            return true;
        faults_add(faults, name, REJECT_INVALID_VALUE, NULL, actual,
                   "The member '%s' is '%s'; send %s, in capitals.", name, actual, member->words);
        return false;
    case JSON_UUID:
        if (row_set_field(field, text, length, message) == 0)
            return true;
        faults_add(faults, name, REJECT_INVALID_VALUE, NULL, actual, "The member '%s' is '%s'; send a UUID.",
                   name, actual);
        return false;
    case JSON_SENTENCE:
        return take_sentence(member, text, length, message + field->offset, field->bound, faults);
    case JSON_SYMBOL:
        if (order_is_symbol(text, length))
            break;
        faults_add(faults, name, REJECT_INVALID_VALUE, NULL, actual,
                   "The member '%s' is '%s'; send 1 to 16 of A to Z, 0 to 9, point and hyphen, of which the "
                   "first is a letter or a digit.",
                   name, actual);
        return false;
    default:
        if (is_printable(text, length, field->bound - 1))
            break;
        faults_add(
            faults, name, REJECT_INVALID_VALUE, limit, NULL,
            "The member '%s' is not 1 to %s printable ASCII characters; send it as the exchange wrote it.",
            name, limit);
        return false;
    }
    utf8_copy(message + field->offset, field->bound, text, length);
    return true;
}

static const struct schema_field *field_of(const struct parse *parse, const struct json_member *member)
{
    const struct schema_field *field = parse->body->record->fields;

    while (strcmp(field->name, member->name) != 0)
        field++;
    assert(field < parse->body->record->fields + parse->body->record->field_count);
    return field;
}

/* Absent, until its value comes. */
static void clear(const struct parse *parse, const struct json_member *member)
{
    const struct schema_field *field = field_of(parse, member);

    if (field->has_flag)
        *(bool *)(parse->message + field->flag_offset) = false;
    if (field->kind == SCHEMA_TEXT || field->kind == SCHEMA_BOOL)
        parse->message[field->offset] = 0;
}

static void wrong_type(const struct json_member *member, const char *type, struct faults *faults)
{
    const char *wanted = member->kind == JSON_BOOLEAN   ? "a boolean"
                         : member->kind == JSON_DECIMAL ? "a number, or a string that holds one"
                                                        : "a string";

    faults_add(faults, member->name, REJECT_INVALID_TYPE, NULL, type, "The member '%s' is %s; send %s.",
               member->name, type, wanted);
}

/* The text of a string, or of a number as it is written. */
static void take(struct parse *parse, bool is_string, const char *text, size_t length)
{
    const struct json_member *member = &parse->body->members[parse->member];
    const struct schema_field *field = field_of(parse, member);
    void *value = parse->message + field->offset;
    bool taken = false;

    if (member->kind == JSON_DECIMAL)
        taken = take_decimal(member, text, length, value, parse->faults);
    else if (member->kind == JSON_BOOLEAN || !is_string)
        wrong_type(member, is_string ? "a string" : "a number", parse->faults);
    else
        taken = take_text(member, field, text, length, parse->message, parse->faults);
    if (field->has_flag)
        *(bool *)(parse->message + field->flag_offset) = taken;
}

/* Whether a value of the body's object begins that is to be judged. */
static bool wanted(struct parse *parse)
{
    if (parse->depth == 0)
        parse->top_not_object = true;
    return parse->depth == 1 && !parse->ignore_value;
}

static int on_null(void *context)
{
    struct parse *parse = context;

    if (!wanted(parse))
        return 1;
    const struct json_member *member = &parse->body->members[parse->member];
    if (member->required)
        faults_add(parse->faults, member->name, REJECT_REQUIRED, NULL, NULL,
                   "The member '%s' is null, but required; give it a value.", member->name);
    else if (!member->nullable)
        wrong_type(member, "null", parse->faults);
    return 1;
}

static int on_boolean(void *context, int value)
{
    struct parse *parse = context;

    if (!wanted(parse))
        return 1;
    const struct json_member *member = &parse->body->members[parse->member];
    if (member->kind == JSON_BOOLEAN)
        *(bool *)(parse->message + field_of(parse, member)->offset) = value != 0;
    else
        wrong_type(member, "a boolean", parse->faults);
    return 1;
}

static int on_number(void *context, const char *text, size_t length)
{
    struct parse *parse = context;

    if (wanted(parse))
        take(parse, false, text, length);
    return 1;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    struct parse *parse = context;

    if (wanted(parse))
        take(parse, true, (const char *)text, length);
    return 1;
}

static int descend(struct parse *parse, const char *type)
{
    if (parse->depth == 1 && !parse->ignore_value)
        wrong_type(&parse->body->members[parse->member], type, parse->faults);
    parse->depth++;
    parse->too_deep = parse->depth > JSON_BODY_DEPTH_MAX;
    return parse->too_deep ? 0 : 1;
}

static int on_map_begin(void *context)
{
    return descend(context, "an object");
}

static int on_array_begin(void *context)
{
    struct parse *parse = context;

    if (parse->depth == 0)
        parse->top_not_object = true;
    return descend(parse, "an array");
}

static int on_end(void *context)
{
    ((struct parse *)context)->depth--;
    return 1;
}

/* stoploss, stopLoss and Stop-Loss are all stop_loss misspelt. */
static bool alike(const char *key, size_t length, const char *name)
{
    size_t i = 0;

    for (; *name != '\0'; name++) {
        if (*name == '_')
            continue;
        while (i < length && (key[i] == '_' || key[i] == '-' || key[i] == ' '))
            i++;
        if (i == length || tolower((unsigned char)key[i]) != *name)
            return false;
        i++;
    }
    return i == length;
}

static void unknown_member(struct parse *parse, const char *key, size_t length)
{
    char name[JSON_BODY_QUOTE_MAX + 1];
    const char *meant = NULL;

    quote(name, key, length);
    for (size_t i = 0; i < parse->body->count && meant == NULL; i++) {
        if (alike(key, length, parse->body->members[i].name))
            meant = parse->body->members[i].name;
    }
    if (meant != NULL)
        faults_add(parse->faults, name, REJECT_UNKNOWN_FIELD, NULL, NULL,
                   "The member '%s' is unknown; correct the name, perhaps to '%s'.", name, meant);
    else
        faults_add(parse->faults, name, REJECT_UNKNOWN_FIELD, NULL, NULL,
                   "The member '%s' is unknown; correct the name or leave it out.", name);
}

static int on_map_key(void *context, const unsigned char *key, size_t length)
{
    struct parse *parse = context;

    if (parse->depth != 1)
        return 1;
    parse->ignore_value = true;
    for (size_t i = 0; i < parse->body->count; i++) {
        const char *name = parse->body->members[i].name;
        if (strlen(name) != length || memcmp(name, key, length) != 0)
            continue;
        if (parse->seen[i])
            faults_add(parse->faults, name, REJECT_INVALID_VALUE, NULL, NULL,
                       "The member '%s' is there more than once; send it once.", name);
        else
            parse->ignore_value = false;
        parse->seen[i] = true;
        parse->member = i;
        return 1;
    }
    unknown_member(parse, (const char *)key, length);
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map_begin,
    .yajl_map_key = on_map_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array_begin,
    .yajl_end_array = on_end,
};

static void cleanup_yajl(yajl_handle *handle)
{
    if (*handle != NULL)
        yajl_free(*handle);
}

static int malformed(char ret_detail[static JSON_BODY_DETAIL_MAX], const char *why)
{
    (void)snprintf(ret_detail, JSON_BODY_DETAIL_MAX, "The body is not JSON: %s; send one JSON object.", why);
    return -EBADMSG;
}

static int read_json(struct parse *parse, const char *text, size_t length,
                     char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    CLEANUP(cleanup_yajl) yajl_handle handle = NULL;
    char why[64];

    if (length == 0)
        return malformed(ret_detail, "it is empty");
    if (!utf8_is_text(text, length))
        return malformed(ret_detail, "it is not UTF-8 text");
    handle = yajl_alloc(&callbacks, NULL, parse);
    if (handle == NULL)
        return -ENOMEM;
    yajl_status status = yajl_parse(handle, (const unsigned char *)text, length);
    size_t at = yajl_get_bytes_consumed(handle);
    if (parse->too_deep)
        return malformed(ret_detail, "it is nested too deeply");
    if (status != yajl_status_ok) {
        (void)snprintf(why, sizeof(why), "byte %zu is not allowed there", at);
        return malformed(ret_detail, why);
    }
    if (yajl_complete_parse(handle) != yajl_status_ok)
        return malformed(ret_detail, "it ends too early");
    return 0;
}

/* Those that go with one word of the first member are there with it, and not with another. */
static void judge_company(const struct parse *parse)
{
    const struct json_member *first = parse->body->members;
    const struct schema_field *field = field_of(parse, first);
    uint32_t word;

    if (field->kind != SCHEMA_ENUM || !schema_field_is_present(field, parse->message))
        return;
    memcpy(&word, parse->message + field->offset, sizeof(word));
    for (size_t i = 0; i < parse->body->count; i++) {
        const struct json_member *member = &parse->body->members[i];
        bool is_due = member->goes_with == word;
        if (member->goes_with == 0 || is_due == parse->seen[i])
            continue;
        if (is_due)
            faults_add(parse->faults, member->name, REJECT_REQUIRED, NULL, NULL,
                       "The member '%s' is missing, but required with the %s %s; add it.", member->name,
                       first->name, field->enum_text(word));
        else
            faults_add(parse->faults, member->name, REJECT_INVALID_VALUE, NULL, NULL,
                       "The member '%s' goes with the %s %s only, not with %s; leave it out.", member->name,
                       first->name, field->enum_text(member->goes_with), field->enum_text(word));
    }
}

int json_body_parse(const struct json_body *body, const char *text, size_t length, void *message,
                    struct faults *ret_faults, char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    struct parse parse = {.body = body, .message = message, .faults = ret_faults, .ignore_value = true};

    assert(body->count <= JSON_BODY_MEMBERS_MAX);
    ret_faults->count = 0;
    for (size_t i = 0; i < body->count; i++)
        clear(&parse, &body->members[i]);
    if (body->begin != NULL)
        body->begin(message);
    int r = read_json(&parse, text, length, ret_detail);
    if (r < 0)
        return r;
    if (parse.top_not_object) {
        ret_faults->count = 0;
        faults_add(ret_faults, NULL, REJECT_INVALID_TYPE, NULL, NULL,
                   "The body is not an object; send one JSON object.");
        return -EINVAL;
    }
    for (size_t i = 0; i < body->count; i++) {
        const struct json_member *member = &body->members[i];
        if (member->required && !parse.seen[i])
            faults_add(ret_faults, member->name, REJECT_REQUIRED, NULL, NULL,
                       "The member '%s' is missing; add it.", member->name);
    }
    judge_company(&parse);
    return ret_faults->count == 0 ? 0 : -EINVAL;
}
