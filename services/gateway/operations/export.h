/* SPDX-License-Identifier: Apache-2.0 */
/* The exports of the audit log under way. */
#ifndef OXE_GATEWAY_EXPORT_H
#define OXE_GATEWAY_EXPORT_H

#include "services/gateway/gateway.h"

enum { EXPORTS_MAX = 4 };

/* Cuts what is still being exported. */
void export_cut_all(struct gateway *gateway);

#endif
