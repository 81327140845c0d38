/* SPDX-License-Identifier: Apache-2.0 */
/* The codes of refusals: every ErrorCode of the contract, declared once in reject.def.
 *
 * A code is the `code` of a problem document or of a fault in it, or the `reason` of an order. Everything
 * returned is const and lives for ever; a number that is no code gives "" or 0. docs/errors.md has the table
 * that is printed from here. */
#ifndef OXE_PROTO_REJECT_H
#define OXE_PROTO_REJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

enum reject_code {
#define REJECT(number, code, http_status, by, recorded, title, cause, remedy) REJECT_##code = (number),
#include "proto/reject.def"
};

enum { REJECT_SLUG_MAX = 32 }; /* longest slug with NUL */

/* Who refuses with a code. */
enum reject_by {
    REJECT_BY_GATEWAY = 1,
    REJECT_BY_VALIDATOR = 2,
    REJECT_BY_RISK_MANAGER = 4,
    REJECT_BY_EXECUTOR = 8,
};

/* "INSUFFICIENT_BUYING_POWER": the contract's spelling. */
const char *reject_text(enum reject_code code);
/* The code of an exact text; -EINVAL. */
int reject_parse(const char *text, size_t length, enum reject_code *ret_code);
/* Of a problem document with this code; 0 when it is only a fault's code or an order's reason. */
int reject_http_status(enum reject_code code);
const char *reject_title(enum reject_code code);
/* enum reject_by, joined by |. */
unsigned int reject_by(enum reject_code code);
/* "insufficient-buying-power", the last part of /problems/…. Returns its length; 0 and "" for no code. */
size_t reject_slug(enum reject_code code, char buffer[static REJECT_SLUG_MAX]);
/* Appends the Markdown table of all codes. */
void reject_render_table(struct buffer *out);

#endif
