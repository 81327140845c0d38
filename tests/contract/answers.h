/* SPDX-License-Identifier: Apache-2.0 */
/* Requests whose answers are recorded for tests/contract/answers.jq: each a line of JSON with the operation
 * (of docs/openapi.yaml), the request, the status, the headers and the body, appended to the file that
 * OXE_CONTRACT_ANSWERS names. */
#ifndef OXE_TESTS_CONTRACT_ANSWERS_H
#define OXE_TESTS_CONTRACT_ANSWERS_H

#include "tests/support/instance.h"

/* Makes the call and records the answer. operation: also "unknownPath" and "wrongMethod". */
struct reply answers_call(const char *operation, const struct call *call);
/* The handshake of a WebSocket, which leaves a status only. */
void answers_add_upgrade(const char *operation, int status);

#endif
