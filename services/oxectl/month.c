/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/month.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool month_parse(const char *text, struct month *ret_month)
{
    static const char form[] = "dddd-dd";

    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    }
    const struct month month = {.year = atoi(text), .month = atoi(text + 5)};
    if (month.year < 1970 || month.month < 1 || month.month > 12)
        return false;
    *ret_month = month;
    return true;
}

struct month month_next(struct month month)
{
    return month.month == 12 ? (struct month){month.year + 1, 1}
                             : (struct month){month.year, month.month + 1};
}

void month_begin(struct month month, char ret_text[static MONTH_TEXT_MAX])
{
    (void)snprintf(ret_text, MONTH_TEXT_MAX, "%04d-%02d-01T00:00:00Z", month.year, month.month);
}
