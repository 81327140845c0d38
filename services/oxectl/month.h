/* SPDX-License-Identifier: Apache-2.0 */
/* A month of the log, UTC: "2026-10". Pure. */
#ifndef OXE_OXECTL_MONTH_H
#define OXE_OXECTL_MONTH_H

#include <stdbool.h>

enum { MONTH_TEXT_MAX = 32 };

struct month {
    int year, month;
};

bool month_parse(const char *text, struct month *ret_month);
struct month month_next(struct month month);
/* When it begins: 2026-10-01T00:00:00Z. */
void month_begin(struct month month, char ret_text[static MONTH_TEXT_MAX]);

#endif
