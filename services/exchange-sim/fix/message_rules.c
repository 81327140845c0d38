/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/fix/message_rules.h"

#include <assert.h>
#include <string.h>

enum { USER_TAG_MIN = 5000 };

static const struct fix_fault valid = {.kind = FIX_VALID};

static struct fix_fault read_field(const struct fix_message *message, const struct fix_field *field,
                                   char type, const struct message_rule *rule, bool seen, void *into)
{
    if (seen && !rule->repeats)
        return fix_faulty(FIX_REASON_TAG_REPEATED, field->tag);
    if (strchr(rule->allowed_in, type) == NULL)
        return fix_faulty(FIX_REASON_TAG_NOT_DEFINED, field->tag);
    const struct fix_field *count = rule->counted_by != 0 ? fix_find(message, rule->counted_by) : NULL;
    if (count != NULL && count > field)
        return fix_faulty(FIX_REASON_GROUP_ORDER, field->tag);
    return fix_read(field, rule->kind, rule->values,
                    rule->offset != 0 ? (char *)into + rule->offset - 1 : NULL);
}

struct fix_fault message_rules_read(const struct fix_message *message, char type,
                                    const struct message_rule *rules, size_t rule_count, bool closed,
                                    void *into)
{
    struct fix_fault first = valid;
    uint32_t seen = 0;
    assert(rule_count <= MESSAGE_RULES_MAX);
    for (size_t i = message->body_begin; i < message->field_count; i++) {
        const struct fix_field *field = &message->fields[i];
        struct fix_fault fault = valid;
        size_t rule = 0;
        while (rule < rule_count && rules[rule].tag != field->tag)
            rule++;
        if (rule < rule_count) {
            fault = read_field(message, field, type, &rules[rule], (seen & UINT32_C(1) << rule) != 0, into);
            seen |= UINT32_C(1) << rule;
        } else if (closed && field->tag < USER_TAG_MIN) {
            fault = fix_faulty(FIX_REASON_TAG_NOT_DEFINED, field->tag);
        }
        if (first.kind == FIX_VALID)
            first = fault;
    }
    for (size_t rule = 0; rule < rule_count && first.kind == FIX_VALID; rule++)
        if ((seen & UINT32_C(1) << rule) == 0 && strchr(rules[rule].required_by, type) != NULL)
            first = fix_faulty(FIX_REASON_REQUIRED_TAG_MISSING, rules[rule].tag);
    return first;
}
