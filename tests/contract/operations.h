/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of docs/openapi.yaml, each with a request that it accepts. */
#ifndef OXE_TESTS_CONTRACT_OPERATIONS_H
#define OXE_TESTS_CONTRACT_OPERATIONS_H

#include "tests/support/instance.h"

enum { OPERATION_PATH_MAX = 512 };

#define NO_SUCH_ID "0199f0a5-7d0c-7000-8000-000000000001"

enum who { ANYONE, TRADER, COMPLIANCE, OPERATIONS, WHO_COUNT };

struct operation {
    const char *id, *method, *path;
    const char *after_id; /* what follows the id in the path; NULL: there is none */
    const char *body;     /* NULL: none */
    enum who who;
};

extern const struct operation operations[];
extern const size_t operations_count;

/* id NULL: one that is not there. path holds the call's. */
struct call operation_call(const struct operation *operation, const char *id,
                           char path[static OPERATION_PATH_MAX]);

#endif
