/* SPDX-License-Identifier: Apache-2.0 */
/* What the routes run: each answers the request, at once or later. */
#ifndef OXE_GATEWAY_OPERATIONS_H
#define OXE_GATEWAY_OPERATIONS_H

struct request;

#define OPERATION(name_, method_, path_, access_, run_, ...) void run_(struct request *request);
#include "services/gateway/operations.def"
#undef OPERATION

#endif
