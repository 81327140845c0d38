/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

/* Cut between escapes, so that what is left is a pointer still. */
static void write_pointer(char *target, size_t max, const char *field)
{
    size_t length = 0;

    target[length++] = '/';
    for (; *field != '\0'; field++) {
        const char *escape = *field == '~' ? "~0" : *field == '/' ? "~1" : NULL;
        size_t needed = escape != NULL ? 2 : 1;
        if (length + needed >= max)
            break;
        memcpy(target + length, escape != NULL ? escape : field, needed);
        length += needed;
    }
    /* A sequence of UTF-8 that did not fit whole goes. */
    if (((unsigned char)*field & 0xc0) == 0x80) {
        while (((unsigned char)target[length - 1] & 0xc0) == 0x80)
            length--;
        length--;
    }
    target[length] = '\0';
}

void faults_add(struct faults *faults, const char *field, enum reject_code code, const char *limit,
                const char *actual, const char *format, ...)
{
    char message[1024];
    va_list arguments;

    if (faults->count == FAULTS_MAX)
        return;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    struct fault *fault = &faults->items[faults->count++];
    *fault = (struct fault){.code = code};
    if (field != NULL)
        write_pointer(fault->field, sizeof(fault->field), field);
    if (limit != NULL)
        utf8_copy(fault->limit, sizeof(fault->limit), limit, strlen(limit));
    if (actual != NULL)
        utf8_copy(fault->actual, sizeof(fault->actual), actual, strlen(actual));
    if (length < 0)
        length = 0;
    if ((size_t)length >= sizeof(message))
        length = (int)sizeof(message) - 1;
    utf8_copy(fault->message, sizeof(fault->message), message, (size_t)length);
}
