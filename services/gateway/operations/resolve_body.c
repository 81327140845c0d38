/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/resolve_body.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/utf8.h"

enum { REASON_CHARACTERS_MAX = 500 };

enum member { ACTION, QUANTITY, PRICE, VENUE_EXEC_ID, REASON, MEMBER_COUNT };

#define A_TEXT   "a string"
#define A_NUMBER "a number, or a string that holds one"

static const struct json_member members[MEMBER_COUNT] = {
    [ACTION] = {"action", A_TEXT, .required = true},
    [QUANTITY] = {"quantity", A_NUMBER},
    [PRICE] = {"price", A_NUMBER},
    [VENUE_EXEC_ID] = {"venue_exec_id", A_TEXT},
    [REASON] = {"reason", A_TEXT, .required = true},
};

static const enum member figures[] = {QUANTITY, PRICE, VENUE_EXEC_ID};

static void take_action(struct order_command *command, const char *text, size_t length, struct faults *faults)
{
    char actual[JSON_BODY_QUOTE_MAX + 1];

    command->has_action = resolve_action_parse(text, length, &command->action) == 0;
    if (command->has_action)
        return;
    json_body_quote(actual, text, length);
    faults_add(faults, members[ACTION].name, REJECT_INVALID_VALUE, NULL, actual,
               "The member 'action' is '%s'; send RETRY, REJECT, CANCEL or FILL, in capitals.", actual);
}

static void take_exec_id(struct order_command *command, const char *text, size_t length,
                         struct faults *faults)
{
    bool plain = length > 0 && length < VENUE_EXEC_ID_MAX;

    for (size_t i = 0; i < length && plain; i++)
        plain = text[i] >= 0x20 && text[i] <= 0x7e;
    if (plain)
        utf8_copy(command->venue_exec_id, sizeof(command->venue_exec_id), text, length);
    else
        faults_add(
            faults, members[VENUE_EXEC_ID].name, REJECT_INVALID_VALUE, "64", NULL,
            "The member 'venue_exec_id' is not 1 to 64 printable ASCII characters; send it as the exchange "
            "wrote it.");
}

static void take(void *context, size_t member, bool is_string, const char *text, size_t length,
                 struct faults *faults)
{
    struct order_command *command = context;
    const struct json_member *def = &members[member];

    if (member == QUANTITY)
        command->has_quantity = json_body_take_decimal(def, text, length, &command->quantity, faults);
    else if (member == PRICE)
        command->has_price = json_body_take_decimal(def, text, length, &command->price, faults);
    else if (!is_string)
        json_body_wrong_type(def, "a number", faults);
    else if (member == ACTION)
        take_action(command, text, length, faults);
    else if (member == VENUE_EXEC_ID)
        take_exec_id(command, text, length, faults);
    else
        (void)json_body_take_sentence(def, text, length, REASON_CHARACTERS_MAX, command->reason,
                                      sizeof(command->reason), faults);
}

/* The figures go with FILL, and only with it. */
static void judge_figures(const struct order_command *command, const bool *seen, struct faults *faults)
{
    bool fills = command->action == RESOLVE_ACTION_FILL;

    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        const char *name = members[figures[i]].name;
        if (fills && !seen[figures[i]])
            faults_add(faults, name, REJECT_REQUIRED, NULL, NULL,
                       "The member '%s' is missing, but required with the action FILL; add it.", name);
        else if (!fills && seen[figures[i]])
            faults_add(faults, name, REJECT_INVALID_VALUE, NULL, NULL,
                       "The member '%s' goes with the action FILL only, not with %s; leave it out.", name,
                       resolve_action_text(command->action));
    }
}

int resolve_body_parse(const char *body, size_t length, struct order_command *command,
                       struct faults *ret_faults, char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    bool seen[MEMBER_COUNT] = {false};

    command->has_action = command->has_quantity = command->has_price = false;
    command->venue_exec_id[0] = command->reason[0] = '\0';
    int r = json_body_parse(body, length, members, MEMBER_COUNT, take, command, seen, ret_faults, ret_detail);
    if ((r == 0 || r == -EINVAL) && command->has_action)
        judge_figures(command, seen, ret_faults);
    return r == 0 && ret_faults->count > 0 ? -EINVAL : r;
}
