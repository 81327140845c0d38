/* SPDX-License-Identifier: Apache-2.0 */
/* subscribeOrderEvents: whose WebSocket it is, and from where on. */
#include "services/gateway/live/stream.h"

#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/gateway.h"
#include "services/gateway/live/handshake.h"
#include "services/gateway/live/hub.h"
#include "services/gateway/operations/operations.h"

static const char protocol_name[] = "oxe.v1";
static const char bearer_prefix[] = "bearer.";

struct stream_query {
    bool has_last_seq, has_token;
    int64_t last_seq;
};

static const struct http_param stream_params[] = {
    {"last_seq", HTTP_PARAM_INTEGER, offsetof(struct stream_query, last_seq),
     offsetof(struct stream_query, has_last_seq), 0, INT64_MAX},
    {"token", HTTP_PARAM_IGNORED, 0, offsetof(struct stream_query, has_token), 0, 0},
};

/* Finds an entry of the subprotocols: exactly `name`, or what follows when it is a prefix. */
static const char *find_protocol(const struct request *request, const char *name, bool prefix,
                                 size_t *ret_length)
{
    const h2o_headers_t *headers = &request->req->headers;
    size_t name_length = strlen(name);

    for (ssize_t i = -1;
         (i = h2o_find_header_by_str(headers, H2O_STRLIT("sec-websocket-protocol"), i)) >= 0;) {
        h2o_iovec_t rest = headers->entries[i].value;
        const char *text;
        size_t length;
        while ((text = h2o_next_token(&rest, ',', &length, NULL)) != NULL) {
            if (length < name_length || memcmp(text, name, name_length) != 0 ||
                (!prefix && length > name_length))
                continue;
            *ret_length = length - name_length;
            return text + name_length;
        }
    }
    return NULL;
}

bool stream_read_token(struct request *request)
{
    h2o_req_t *req = request->req;

    request->token = find_protocol(request, bearer_prefix, true, &request->token_length);
    if (request->token != NULL && request->token_length > 0)
        return true;
    if (req->query_at == SIZE_MAX)
        return false;
    char *token = h2o_mem_alloc_pool(&req->pool, JWT_TOKEN_MAX + 1);
    if (http_params_find(req->path.base + req->query_at + 1, req->path.len - req->query_at - 1, "token",
                         token, JWT_TOKEN_MAX + 1) < 0)
        return false;
    request->token = token;
    request->token_length = strlen(token);
    return request->token_length > 0;
}

void stream_run(struct request *request)
{
    struct stream_query query = {0};
    struct handshake handshake;
    struct faults faults;
    size_t length;

    if (!request_origin_is_allowed(request)) {
        request_refuse(request, REJECT_ORIGIN_NOT_ALLOWED,
                       "Pages of this origin may not open the WebSocket; serve the page from a listed "
                       "origin, or have this one listed.");
        return;
    }
    if (!handshake_read(request, &handshake))
        return;
    request_read_params(request, stream_params, ARRAY_LEN(stream_params), &query, &faults);
    if (faults.count > 0) {
        request_refuse_params(request, &faults);
        return;
    }
    if (request->edge->draining) {
        request_unavailable(request, "The gateway is going away; try again shortly.");
        return;
    }
    if (find_protocol(request, protocol_name, false, &length) != NULL)
        handshake.protocol = protocol_name;
    hub_join(request->gateway->hub, request, &handshake, query.has_last_seq, (uint64_t)query.last_seq);
}
