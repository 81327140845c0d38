/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/line.h"

#include <string.h>

const char *line_take(const char **at, const char *end, const char *word, size_t *ret_length)
{
    size_t length = strlen(word);
    const char *lf = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

    if (lf == NULL || (size_t)(lf - *at) < length || memcmp(*at, word, length) != 0)
        return NULL;
    const char *rest = *at + length;
    *ret_length = (size_t)(lf - rest);
    *at = lf + 1;
    return rest;
}
