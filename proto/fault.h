/* SPDX-License-Identifier: Apache-2.0 */
/* Writing faults: the list of broken rules that the validator
 * and the risk-manager fill (contract: schema Fault).
 *
 * The list borrows its array. The rules are few and known, so a list that is too short is a bug (asserted);
 * texts that are too long are cut at a character. */
#ifndef OXE_PROTO_FAULT_H
#define OXE_PROTO_FAULT_H

#include <stdarg.h>

#include "proto/proto.h"
#include "proto/reject.h"

struct fault_list {
    struct fault *faults;
    size_t count;
    size_t max;
};

/* field: JSON Pointer, "" for the whole. limit and actual: a decimal or a word; NULL or "" leaves it out. The
 * format makes the sentence for people: what is wrong, and the next step. */
void fault_add(struct fault_list *list, enum reject_code code, const char *field, const char *limit,
               const char *actual, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Whether one of `count` faults has the code. */
bool fault_has(const struct fault *faults, size_t count, enum reject_code code);

/* The sentences of all faults, a blank between two, in text[max]; cut at a character. */
void fault_join_messages(const struct fault *faults, size_t count, char *text, size_t max);

/* A decimal as text that lives until the end of the full expression: fault_decimal(price).text */
struct fault_decimal {
    char text[DECIMAL_TEXT_MAX];
};
struct fault_decimal fault_decimal(struct decimal value);
struct fault_decimal fault_integer(int64_t value);

#endif
