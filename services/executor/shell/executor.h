/* SPDX-License-Identifier: Apache-2.0 */
/* The executor's loop. */
#ifndef OXE_EXECUTOR_EXECUTOR_H
#define OXE_EXECUTOR_EXECUTOR_H

#include "common/service.h"

/* Runs until the service is to stop. */
int executor_run(struct service *service);

#endif
