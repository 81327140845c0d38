/* SPDX-License-Identifier: Apache-2.0 */
/* A trader's limits as arguments: NAME=VALUE. */
#ifndef OXE_OXECTL_LIMITS_H
#define OXE_OXECTL_LIMITS_H

#include "common/db.h"
#include "services/oxectl/args.h"

enum { LIMITS_MAX = 16 };

struct limit_values {
    const char *values[LIMITS_MAX]; /* NULL: as it is */
    size_t count;                   /* of those that are named */
};

/* From the operands behind the first. 0, or EXIT_USAGE after saying why. */
int limits_parse(const struct args *args, struct limit_values *values);
/* As change_limits.sql takes them, after the trader. */
void limits_append(struct db_args *args, const struct limit_values *values);

#endif
