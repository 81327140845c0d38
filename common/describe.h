/* SPDX-License-Identifier: Apache-2.0 */
/* A service's tables, for programs: one JSON object a line, of which docs/operation is made.
 *
 *   {"setting":"OXE_X","type":"duration","default":"5s","min":100,"max":60000,"help":"…"}
 *   {"metric":"oxe_x_total","type":"counter","help":"…","labels":{"outcome":["created","rejected"]}}
 *   {"check":"postgresql"}
 *
 * "default" is null where the variable is required; min and max are those of config.h. */
#ifndef OXE_COMMON_DESCRIBE_H
#define OXE_COMMON_DESCRIBE_H

#include <stdio.h>

#include "common/service.h"

/* -ENOMEM, or -EIO when `out` takes no more. */
int describe(const struct service_class *class, FILE *out);

#endif
