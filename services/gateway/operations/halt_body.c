/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/halt_body.h"

#include <errno.h>

#include "common/cleanup.h"

enum { REASON_CHARACTERS_MAX = 500 };

enum member { SCOPE, TRADER_ID, SYMBOL, REASON, CANCEL_OPEN };

static const struct json_member members[] = {
    [SCOPE] = {"scope", JSON_WORD, .required = true, .words = "ALL, TRADER or SYMBOL"},
    [TRADER_ID] = {"trader_id", JSON_UUID},
    [SYMBOL] = {"symbol", JSON_SYMBOL},
    [REASON] = {"reason", JSON_SENTENCE, .required = true, .max = REASON_CHARACTERS_MAX},
    [CANCEL_OPEN] = {"cancel_open", JSON_BOOLEAN},
};

/* Each goes with its scope, and only with it. */
static void judge_scope(const struct halt_request *request, const bool *seen, struct faults *faults)
{
    static const struct {
        enum member member;
        enum halt_scope scope;
    } rules[] = {{TRADER_ID, HALT_SCOPE_TRADER}, {SYMBOL, HALT_SCOPE_SYMBOL}};

    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        json_body_judge_with(&members[rules[i].member], seen[rules[i].member],
                             request->scope == rules[i].scope, "scope", halt_scope_text(rules[i].scope),
                             halt_scope_text(request->scope), faults);
}

int halt_body_parse(const char *body, size_t length, struct halt_request *request, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    bool seen[ARRAY_LEN(members)] = {false};

    int r = json_body_parse(body, length, &schema_halt_request, members, ARRAY_LEN(members), request, seen,
                            ret_faults, ret_detail);
    request->has_cancel_open = true;
    if ((r == 0 || r == -EINVAL) && request->has_scope)
        judge_scope(request, seen, ret_faults);
    return r == 0 && ret_faults->count > 0 ? -EINVAL : r;
}
