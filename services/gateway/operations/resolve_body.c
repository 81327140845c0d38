/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/resolve_body.h"

#include <errno.h>

#include "common/cleanup.h"

enum { REASON_CHARACTERS_MAX = 500 };

enum member { ACTION, QUANTITY, PRICE, VENUE_EXEC_ID, REASON };

static const struct json_member members[] = {
    [ACTION] = {"action", JSON_WORD, .required = true, .words = "RETRY, REJECT, CANCEL or FILL"},
    [QUANTITY] = {"quantity", JSON_DECIMAL},
    [PRICE] = {"price", JSON_DECIMAL},
    [VENUE_EXEC_ID] = {"venue_exec_id", JSON_PRINTABLE},
    [REASON] = {"reason", JSON_SENTENCE, .required = true, .max = REASON_CHARACTERS_MAX},
};

int resolve_body_parse(const char *body, size_t length, struct order_command *command,
                       struct faults *ret_faults, char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    static const enum member figures[] = {QUANTITY, PRICE, VENUE_EXEC_ID};
    bool seen[ARRAY_LEN(members)] = {false};

    int r = json_body_parse(body, length, &schema_order_command, members, ARRAY_LEN(members), command, seen,
                            ret_faults, ret_detail);
    /* The figures go with FILL, and only with it. */
    bool is_judged = (r == 0 || r == -EINVAL) && command->has_action;
    for (size_t i = 0; is_judged && i < ARRAY_LEN(figures); i++)
        json_body_judge_with(&members[figures[i]], seen[figures[i]], command->action == RESOLVE_ACTION_FILL,
                             "action", "FILL", resolve_action_text(command->action), ret_faults);
    return r == 0 && ret_faults->count > 0 ? -EINVAL : r;
}
