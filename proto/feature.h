/* SPDX-License-Identifier: Apache-2.0 */
/* ORDER_EXECUTION_V2_ENABLED: false, true, or a percentage of traders, sticky per trader. Pure. */
#ifndef OXE_PROTO_FEATURE_H
#define OXE_PROTO_FEATURE_H

#include <stdbool.h>

#include "common/uuid.h"

/* The share of traders in percent: false 0, true 100, "25" and "25%" 25. -EINVAL. */
int feature_parse(const char *text, int *ret_percent);

/* Whether the trader is within the share. A trader that is in at one percentage is in at every greater one.
 */
bool feature_includes(int percent, struct uuid trader_id);

#endif
