/* SPDX-License-Identifier: Apache-2.0 */
/* The development sign-in. */
#ifndef OXE_GATEWAY_SIGN_IN_H
#define OXE_GATEWAY_SIGN_IN_H

#include "services/gateway/gateway.h"

/* Loads its keys, where there are to be any. */
int sign_in_open(struct gateway *gateway);

#endif
