/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/feature.h"

#include <errno.h>
#include <string.h>

int feature_parse(const char *text, int *ret_percent)
{
    int percent = 0;
    size_t digits = strspn(text, "0123456789");

    if (strcmp(text, "false") == 0 || strcmp(text, "true") == 0) {
        *ret_percent = text[0] == 't' ? 100 : 0;
        return 0;
    }
    if (digits == 0 || digits > 3 || (text[digits] != '\0' && strcmp(text + digits, "%") != 0))
        return -EINVAL;
    for (size_t i = 0; i < digits; i++)
        percent = percent * 10 + (text[i] - '0');
    if (percent > 100)
        return -EINVAL;
    *ret_percent = percent;
    return 0;
}

bool feature_includes(int percent, struct uuid trader_id)
{
    return (int)(uuid_hash(trader_id) % 100) < percent;
}
