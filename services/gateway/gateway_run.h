/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's life: from configuration to drained. */
#ifndef OXE_GATEWAY_RUN_H
#define OXE_GATEWAY_RUN_H

#include "common/service.h"

extern const char *const gateway_checks[];
extern const size_t gateway_check_count;
extern const struct clock_watch_place gateway_clock;

int gateway_run(struct service *service);

#endif
