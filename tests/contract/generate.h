/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of chance: a seed gives the same ones again. Each has the form that the contract describes, or
 * misses it in one of the ways that clients do and in many that they do not: types, bounds, encodings,
 * missing, doubled and further members, headers, parameters. */
#ifndef OXE_TESTS_CONTRACT_GENERATE_H
#define OXE_TESTS_CONTRACT_GENERATE_H

#include "tests/support/instance.h"

enum { GENERATE_TEXT_MAX = 1024 };

struct generator {
    uint64_t state; /* begins as the seed */
    const char *order_id;
    struct buffer body, value;
    char path[GENERATE_TEXT_MAX], key[GENERATE_TEXT_MAX], header[GENERATE_TEXT_MAX];
};

/* The next request without its token. Returns its operation; ret_call points into the generator and holds
 * until the next. */
const char *generate_request(struct generator *generator, struct call *ret_call);
void generator_release(struct generator *generator);

#endif
