/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded list of faults: everything wrong with a request, gathered before it is answered.
 *
 * Faults past FAULTS_MAX are dropped: sixteen are enough to correct a request by. */
#ifndef OXE_GATEWAY_FAULTS_H
#define OXE_GATEWAY_FAULTS_H

#include "proto/proto.h"
#include "proto/reject.h"

enum { FAULTS_MAX = 16 };

struct faults {
    size_t count;
    struct fault items[FAULTS_MAX];
};

/* field: the member's or parameter's own name (not a pointer); it is escaped (RFC 6901) and cut. NULL: the
 * whole. limit and actual may be NULL; they are cut. The message comes from a printf format. */
void faults_add(struct faults *faults, const char *field, enum reject_code code, const char *limit,
                const char *actual, const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
