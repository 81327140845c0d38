/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix's results, added up by process and fault, as the Markdown table of docs/reliability.md. */
#ifndef OXE_TESTS_FAULT_SUMMARY_H
#define OXE_TESTS_FAULT_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/fault/cells.h"

/* One cell's; times in µs since 1970, 0 for what did not come. */
struct outcome {
    enum target target;
    enum fault fault;
    bool limited;
    int64_t at_us, first_201_us, lanes_fill_us, slowest_us;
    long orders, refused, broken, ruled; /* ruled: refused by a rule; not in the table */
    long lost;                           /* checks that found something lost or doubled */
};

struct summary {
    struct outcome outcomes[CELLS_MAX];
    size_t count;
};

void summary_add(struct summary *summary, const struct outcome *outcome);
/* One line of text an outcome: the parts of a run are added up from such files. */
void summary_write(const struct summary *summary, FILE *out);
/* Adds the outcomes of a file; false when it holds anything else. */
bool summary_read(struct summary *summary, FILE *in);
void summary_print(const struct summary *summary, FILE *out);

#endif
