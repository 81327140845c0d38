/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/gateway_routes.h"

#include "common/cleanup.h"
#include "services/gateway/live/stream.h"
#include "services/gateway/operations/operations.h"

#define OPERATION(name_, method_, path_, access_, run_, ...)                                                 \
    {.name = #name_, .method = method_, .path = path_, .access = access_, .run = run_, __VA_ARGS__},
static const struct operation operations[] = {
#include "services/gateway/operations.def"
};
#undef OPERATION

const struct routes gateway_routes = {operations, ARRAY_LEN(operations)};
