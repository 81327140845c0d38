/* SPDX-License-Identifier: Apache-2.0 */
/* subscribeOrderEvents: the handshake of the WebSocket. */
#include "services/gateway/live/stream.h"

#include <string.h>

#include <h2o/websocket.h>

#include "common/cleanup.h"
#include "services/gateway/gateway.h"
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
        const char *text = headers->entries[i].value.base, *end = text + headers->entries[i].value.len;
        while (text < end) {
            const char *comma = memchr(text, ',', (size_t)(end - text));
            const char *stop = comma == NULL ? end : comma;
            while (text < stop && (*text == ' ' || *text == '\t'))
                text++;
            const char *last = stop;
            while (last > text && (last[-1] == ' ' || last[-1] == '\t'))
                last--;
            size_t length = (size_t)(last - text);
            if (length >= name_length && memcmp(text, name, name_length) == 0 &&
                (prefix || length == name_length)) {
                *ret_length = length - name_length;
                return text + name_length;
            }
            text = stop + 1;
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

static void refuse_handshake(struct request *request, const char *detail)
{
    request_add_header(request, "upgrade", "websocket");
    request_add_header(request, "sec-websocket-version", "13");
    request_refuse(request, REJECT_MALFORMED_REQUEST, detail);
}

const char *stream_read_handshake(struct request *request)
{
    h2o_req_t *req = request->req;
    const char *key = NULL;
    size_t length;
    const char *version = request_header(request, "sec-websocket-version", &length);

    if (h2o_is_websocket_handshake(req, &key) != 0 || key == NULL || req->version != 0x101) {
        refuse_handshake(request,
                         "This path speaks WebSocket (RFC 6455); open it by an upgrade from HTTP/1.1.");
        return NULL;
    }
    if (version == NULL || !h2o_memis(version, length, H2O_STRLIT("13"))) {
        refuse_handshake(request, "Only version 13 of the WebSocket protocol is spoken; ask for that.");
        return NULL;
    }
    return key;
}

void stream_run(struct request *request)
{
    h2o_req_t *req = request->req;
    bool has_query = req->query_at != SIZE_MAX;
    struct stream_query query = {0};
    struct faults faults;
    size_t length;

    if (!request_origin_is_allowed(request)) {
        request_refuse(
            request, REJECT_ORIGIN_NOT_ALLOWED,
            "Pages of this origin may not open the WebSocket; serve the page from a listed origin, or have "
            "this one listed.");
        return;
    }
    const char *key = stream_read_handshake(request);
    if (key == NULL)
        return;
    if (http_params_parse(has_query ? req->path.base + req->query_at + 1 : NULL,
                          has_query ? req->path.len - req->query_at - 1 : 0, stream_params,
                          ARRAY_LEN(stream_params), &query, &faults) < 0) {
        request_answer_problem(request, REJECT_MALFORMED_REQUEST, faults.items[0].message, faults.items,
                               faults.count, NULL);
        return;
    }
    if (request->gateway->draining) {
        request_unavailable(request, "The gateway is going away; try again shortly.");
        return;
    }
    bool named = find_protocol(request, protocol_name, false, &length) != NULL;
    hub_join(request->gateway->hub, request, key, named ? protocol_name : NULL, query.has_last_seq,
             (uint64_t)query.last_seq);
}
