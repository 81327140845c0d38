/* SPDX-License-Identifier: Apache-2.0 */
/* A request's body that is one JSON object with known members, read by a const table: pure, no clock, no log.
 *
 * Numbers keep their text until they are decimals, so none passes through binary floating point. All faults
 * are gathered, each with its JSON Pointer: unknown, repeated, missing members, wrong types. */
#ifndef OXE_GATEWAY_JSON_BODY_H
#define OXE_GATEWAY_JSON_BODY_H

#include "common/decimal.h"
#include "services/gateway/edge/faults.h"

enum {
    JSON_BODY_MAX = 16 * 1024, /* bytes */
    JSON_BODY_DEPTH_MAX = 8,   /* nested objects and arrays */
    JSON_BODY_DETAIL_MAX = 160,
    JSON_BODY_MEMBERS_MAX = 16,
    JSON_BODY_QUOTE_MAX = 64, /* bytes of a client's text in a message */
};

struct json_member {
    const char *name;
    const char *type; /* what it must be, for a message: "a string" */
    bool required;
    bool nullable; /* null is as good as absent */
    bool boolean;  /* true and false are handed over as these words */
};

/* Takes the value of a member: the text of a string, or of a number as it is written. */
typedef void json_body_take(void *context, size_t member, bool is_string, const char *text, size_t length,
                            struct faults *faults);

/* 0; -EBADMSG: not JSON (400 MALFORMED_JSON), ret_detail says why; -EINVAL: ret_faults says what is wrong
 * (422 VALIDATION_FAILED); -ENOMEM. count is at most JSON_BODY_MEMBERS_MAX. ret_seen (of count, or NULL)
 * tells which members are there. */
int json_body_parse(const char *body, size_t length, const struct json_member *members, size_t count,
                    json_body_take *take, void *context, bool *ret_seen, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX]);

/* The fault of a member that is of `type` ("a number") instead of its own. */
void json_body_wrong_type(const struct json_member *member, const char *type, struct faults *faults);

/* A positive decimal of the contract (at most 10 digits before the point and 8 after), from a number or a
 * string. False: *ret_value stays and there is a fault. */
bool json_body_take_decimal(const struct json_member *member, const char *text, size_t length,
                            struct decimal *ret_value, struct faults *faults);

/* A sentence of 1 to characters_max characters without U+0000, into target[size]. False: there is a fault. */
bool json_body_take_sentence(const struct json_member *member, const char *text, size_t length,
                             size_t characters_max, char *target, size_t size, struct faults *faults);

/* A client's text as a fault shows it: without control characters, cut. */
void json_body_quote(char target[static JSON_BODY_QUOTE_MAX + 1], const char *text, size_t length);

#endif
