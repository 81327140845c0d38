/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's table of operations, made of operations.def. */
#ifndef OXE_GATEWAY_GATEWAY_ROUTES_H
#define OXE_GATEWAY_GATEWAY_ROUTES_H

#include "services/gateway/edge/routes.h"

extern const struct routes gateway_routes;

#endif
