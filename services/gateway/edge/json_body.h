/* SPDX-License-Identifier: Apache-2.0 */
/* A request's body that is one JSON object with known members, read by a const table into the fields of a
 * message: pure, no clock, no log.
 *
 * Numbers keep their text until they are decimals, so none passes through binary floating point. All faults
 * are gathered, each with its JSON Pointer: unknown, repeated, missing members, wrong types. */
#ifndef OXE_GATEWAY_JSON_BODY_H
#define OXE_GATEWAY_JSON_BODY_H

#include "proto/schema.h"
#include "services/gateway/edge/faults.h"

enum {
    JSON_BODY_MAX = 16 * 1024, /* bytes */
    JSON_BODY_DEPTH_MAX = 8,   /* nested objects and arrays */
    JSON_BODY_DETAIL_MAX = 160,
    JSON_BODY_MEMBERS_MAX = 16,
    JSON_BODY_QUOTE_MAX = 64, /* bytes of a client's text in a message */
};

enum json_kind {
    JSON_WORD,   /* of an enum */
    JSON_SYMBOL, /* of an instrument */
    JSON_UUID,
    JSON_SENTENCE,  /* 1 to `max` characters without U+0000 */
    JSON_PRINTABLE, /* ASCII, as long as its field has room for */
    JSON_DECIMAL,   /* positive, at most 10 digits before the point and 8 after; a number or a string */
    JSON_BOOLEAN,
};

struct json_member {
    const char *name; /* the field's, too */
    enum json_kind kind;
    bool required;
    bool nullable;     /* null is as good as absent */
    const char *words; /* those there are, for a message: "BUY or SELL" */
    size_t max;
    /* The word of the first member with which it is required, and without which it must not be; 0: any. */
    uint32_t goes_with;
};

struct json_body {
    const struct schema_record *record;
    const struct json_member *members;
    size_t count; /* of them, at most JSON_BODY_MEMBERS_MAX */
    /* Sets what holds where members are absent; NULL: nothing does. */
    void (*begin)(void *message);
};

/* Fills the fields that the members name of *message, a struct of the body's record; those that are not there
 * are as begin sets them, or absent, but for a word, which stays. On failure it is half filled.
 *
 * 0; -EBADMSG: not JSON (400 MALFORMED_JSON), ret_detail says why; -EINVAL: ret_faults says what is wrong
 * (422 VALIDATION_FAILED); -ENOMEM. */
int json_body_parse(const struct json_body *body, const char *text, size_t length, void *message,
                    struct faults *ret_faults, char ret_detail[static JSON_BODY_DETAIL_MAX]);

#endif
