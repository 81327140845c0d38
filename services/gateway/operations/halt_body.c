/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/halt_body.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

enum { REASON_CHARACTERS_MAX = 500 };

enum member { SCOPE, TRADER_ID, SYMBOL, REASON, CANCEL_OPEN, MEMBER_COUNT };

#define A_TEXT "a string"

static const struct json_member members[MEMBER_COUNT] = {
    [SCOPE] = {"scope", A_TEXT, .required = true},
    [TRADER_ID] = {"trader_id", A_TEXT},
    [SYMBOL] = {"symbol", A_TEXT},
    [REASON] = {"reason", A_TEXT, .required = true},
    [CANCEL_OPEN] = {"cancel_open", "a boolean", .boolean = true},
};

static void take_scope(struct halt_request *request, const char *text, size_t length, struct faults *faults)
{
    char actual[JSON_BODY_QUOTE_MAX + 1];

    request->has_scope = halt_scope_parse(text, length, &request->scope) == 0;
    if (request->has_scope)
        return;
    json_body_quote(actual, text, length);
    faults_add(faults, members[SCOPE].name, REJECT_INVALID_VALUE, NULL, actual,
               "The member 'scope' is '%s'; send ALL, TRADER or SYMBOL, in capitals.", actual);
}

static void take_trader_id(struct halt_request *request, const char *text, size_t length,
                           struct faults *faults)
{
    char actual[JSON_BODY_QUOTE_MAX + 1];

    request->has_trader_id = uuid_parse(text, length, &request->trader_id) == 0;
    if (request->has_trader_id)
        return;
    json_body_quote(actual, text, length);
    faults_add(faults, members[TRADER_ID].name, REJECT_INVALID_VALUE, NULL, actual,
               "The member 'trader_id' is '%s'; send a UUID.", actual);
}

static void take_symbol(struct halt_request *request, const char *text, size_t length, struct faults *faults)
{
    char actual[JSON_BODY_QUOTE_MAX + 1];

    if (order_is_symbol(text, length)) {
        utf8_copy(request->symbol, sizeof(request->symbol), text, length);
        return;
    }
    json_body_quote(actual, text, length);
    faults_add(
        faults, members[SYMBOL].name, REJECT_INVALID_VALUE, NULL, actual,
        "The member 'symbol' is '%s'; send 1 to 16 of A to Z, 0 to 9, point and hyphen, of which the first "
        "is a letter or a digit.",
        actual);
}

static void take(void *context, size_t member, bool is_string, const char *text, size_t length,
                 struct faults *faults)
{
    struct halt_request *request = context;
    const struct json_member *def = &members[member];
    bool word = !is_string && (text[0] == 't' || text[0] == 'f');

    if (member == CANCEL_OPEN && word)
        request->cancel_open = text[0] == 't';
    else if (member == CANCEL_OPEN || !is_string)
        json_body_wrong_type(def, is_string ? "a string" : "a number", faults);
    else if (member == SCOPE)
        take_scope(request, text, length, faults);
    else if (member == TRADER_ID)
        take_trader_id(request, text, length, faults);
    else if (member == SYMBOL)
        take_symbol(request, text, length, faults);
    else
        (void)json_body_take_sentence(def, text, length, REASON_CHARACTERS_MAX, request->reason,
                                      sizeof(request->reason), faults);
}

/* Each goes with its scope, and only with it. */
static void judge_scope(const struct halt_request *request, const bool *seen, struct faults *faults)
{
    static const struct {
        enum member member;
        enum halt_scope scope;
    } rules[] = {{TRADER_ID, HALT_SCOPE_TRADER}, {SYMBOL, HALT_SCOPE_SYMBOL}};

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const char *name = members[rules[i].member].name, *scope = halt_scope_text(rules[i].scope);
        bool wanted = request->scope == rules[i].scope;
        if (wanted && !seen[rules[i].member])
            faults_add(faults, name, REJECT_REQUIRED, NULL, NULL,
                       "The member '%s' is missing, but required with the scope %s; add it.", name, scope);
        else if (!wanted && seen[rules[i].member])
            faults_add(faults, name, REJECT_INVALID_VALUE, NULL, NULL,
                       "The member '%s' goes with the scope %s only, not with %s; leave it out.", name, scope,
                       halt_scope_text(request->scope));
    }
}

int halt_body_parse(const char *body, size_t length, struct halt_request *request, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    bool seen[MEMBER_COUNT] = {false};

    request->has_scope = request->has_trader_id = request->cancel_open = false;
    request->has_cancel_open = true;
    request->symbol[0] = request->reason[0] = '\0';
    int r = json_body_parse(body, length, members, MEMBER_COUNT, take, request, seen, ret_faults, ret_detail);
    if ((r == 0 || r == -EINVAL) && request->has_scope)
        judge_scope(request, seen, ret_faults);
    return r == 0 && ret_faults->count > 0 ? -EINVAL : r;
}
