/* SPDX-License-Identifier: Apache-2.0 */
/* getAuditPolicy: which keys sign the log's checkpoints, and how many witnesses vouch for them (C2SP
 * tlog-policy). The file is read for each answer: it is small, seldom asked for, and in force as soon as it
 * is changed. */
#include "proto/policy.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations/operations.h"

void policy_get(struct request *request)
{
    const char *path = request->gateway->config->audit_policy;
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(POLICY_TEXT_MAX);

    if (path[0] == '\0') {
        request_refuse(request, REJECT_NOT_FOUND,
                       "This server names no keys of its audit log; ask whoever runs it for the policy.");
        return;
    }
    if (file_read(path, &text) < 0)
        request_unavailable(request, "The policy of the audit log cannot be read; try again shortly.");
    else
        request_answer_bytes(request, "text/plain; charset=utf-8", "no-cache", text.data, text.length);
}
