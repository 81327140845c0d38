/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/handshake.h"

#include <assert.h>
#include <h2o.h>
#include <h2o/websocket.h>
#include <openssl/evp.h>
#include <string.h>

#include "services/gateway/edge/request.h"

enum { KEY_LENGTH = 24, DIGEST_LENGTH = 20, ACCEPT_MAX = 29 };

static bool refuse(struct request *request, const char *detail)
{
    request_add_header(request, "upgrade", "websocket");
    request_add_header(request, "sec-websocket-version", "13");
    request_refuse(request, REJECT_MALFORMED_REQUEST, detail);
    return false;
}

bool handshake_read(struct request *request, struct handshake *ret_handshake)
{
    h2o_req_t *req = request->req;
    struct handshake handshake = {NULL};
    size_t length;
    const char *version = request_header(request, "sec-websocket-version", &length);

    if (h2o_is_websocket_handshake(req, &handshake.key) != 0 || handshake.key == NULL ||
        req->version != 0x101)
        return refuse(request, "This path speaks WebSocket (RFC 6455); open it by an upgrade from HTTP/1.1.");
    if (version == NULL || !h2o_memis(version, length, H2O_STRLIT("13")))
        return refuse(request, "Only version 13 of the WebSocket protocol is spoken; ask for that.");
    *ret_handshake = handshake;
    return true;
}

static void write_accept_key(const char *key, char ret_text[static ACCEPT_MAX])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char joined[KEY_LENGTH + sizeof(guid)];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_length = 0;

    memcpy(joined, key, KEY_LENGTH);
    memcpy(joined + KEY_LENGTH, guid, sizeof(guid));
    int hashed = EVP_Digest(joined, KEY_LENGTH + sizeof(guid) - 1, digest, &digest_length, EVP_sha1(), NULL);
    assert(hashed == 1 && digest_length == DIGEST_LENGTH);
    (void)EVP_EncodeBlock((unsigned char *)ret_text, digest, DIGEST_LENGTH);
}

void handshake_accept(struct request *request, const struct handshake *handshake)
{
    char accept[ACCEPT_MAX];

    request_upgraded(request);
    request->req->res.status = 101;
    request->req->res.reason = "Switching Protocols";
    write_accept_key(handshake->key, accept);
    request_add_header(request, "upgrade", "websocket");
    request_add_header(request, "sec-websocket-accept", accept);
    if (handshake->protocol != NULL)
        request_add_header(request, "sec-websocket-protocol", handshake->protocol);
}
