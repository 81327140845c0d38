/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fault.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

void fault_add(struct fault_list *list, enum reject_code code, const char *field, const char *limit,
               const char *actual, const char *format, ...)
{
    char sentence[1024];
    va_list arguments;

    assert(list->count < list->max);
    struct fault *fault = &list->faults[list->count++];
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    fault->code = code;
    utf8_copy(fault->field, sizeof(fault->field), field, strlen(field));
    utf8_copy(fault->message, sizeof(fault->message), sentence, strlen(sentence));
    utf8_copy(fault->limit, sizeof(fault->limit), limit, limit == NULL ? 0 : strlen(limit));
    utf8_copy(fault->actual, sizeof(fault->actual), actual, actual == NULL ? 0 : strlen(actual));
}

bool fault_has(const struct fault *faults, size_t count, enum reject_code code)
{
    for (size_t i = 0; i < count; i++) {
        if (faults[i].code == code)
            return true;
    }
    return false;
}

void fault_join_messages(const struct fault *faults, size_t count, char *text, size_t max)
{
    size_t length = 0;

    assert(max > 0);
    text[0] = '\0';
    for (size_t i = 0; i < count && length + 2 < max; i++) {
        if (i > 0)
            text[length++] = ' ';
        utf8_copy(text + length, max - length, faults[i].message, strlen(faults[i].message));
        length += strlen(text + length);
    }
}

struct fault_decimal fault_decimal(struct decimal value)
{
    struct fault_decimal formatted;

    (void)decimal_format(value, formatted.text);
    return formatted;
}

struct fault_decimal fault_integer(int64_t value)
{
    struct fault_decimal formatted;

    (void)snprintf(formatted.text, sizeof(formatted.text), "%" PRId64, value);
    return formatted;
}
