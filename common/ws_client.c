/* SPDX-License-Identifier: Apache-2.0 */
#include "common/ws_client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include <curl/curl.h>
#include <openssl/evp.h>
#include <wslay/wslay.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"

enum { HANDSHAKE_MAX = 16384, KEY_BYTES = 16, KEY_TEXT_MAX = 32, INBOX_MAX = 64 * 1024 * 1024 };

struct ws_client {
    CURL *curl;
    wslay_event_context_ptr frames;
    curl_socket_t fd;
    struct buffer inbox; /* messages that came and wait: a size_t length, the bytes, a NUL, and so on */
    size_t inbox_taken;
    struct buffer early; /* frames that came with the handshake's answer */
    size_t early_taken;
    bool lost;
    uint16_t close_code;
    char protocol[64];
};

static int poll_fd(curl_socket_t fd, short events, int64_t end_us)
{
    int64_t left_ms = (end_us - clock_monotonic_us() + 999) / 1000;
    if (left_ms <= 0)
        return -ETIMEDOUT;
    struct pollfd item = {.fd = fd, .events = events};
    int ready = poll(&item, 1, (int)(left_ms > 60000 ? 60000 : left_ms));
    return ready < 0 && errno != EINTR ? -errno : 0;
}

static ssize_t receive_callback(wslay_event_context_ptr frames, uint8_t *bytes, size_t length, int flags,
                                void *context)
{
    (void)flags;
    struct ws_client *client = context;
    size_t waiting = client->early.length - client->early_taken;
    if (waiting > 0) {
        size_t taken = waiting < length ? waiting : length;
        memcpy(bytes, client->early.data + client->early_taken, taken);
        client->early_taken += taken;
        return (ssize_t)taken;
    }
    size_t received = 0;
    CURLcode code = curl_easy_recv(client->curl, bytes, length, &received);
    if (code == CURLE_OK && received > 0)
        return (ssize_t)received;
    if (code != CURLE_AGAIN)
        client->lost = true;
    wslay_event_set_error(frames, code == CURLE_AGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t send_callback(wslay_event_context_ptr frames, const uint8_t *bytes, size_t length, int flags,
                             void *context)
{
    (void)flags;
    struct ws_client *client = context;
    size_t sent = 0;
    CURLcode code = curl_easy_send(client->curl, bytes, length, &sent);
    if (code == CURLE_OK && sent > 0)
        return (ssize_t)sent;
    if (code != CURLE_AGAIN && code != CURLE_OK)
        client->lost = true;
    wslay_event_set_error(frames, client->lost ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static int mask_callback(wslay_event_context_ptr frames, uint8_t *bytes, size_t length, void *context)
{
    (void)frames, (void)context;
    return getrandom(bytes, length, 0) == (ssize_t)length ? 0 : -1;
}

static void message_callback(wslay_event_context_ptr frames,
                             const struct wslay_event_on_msg_recv_arg *message, void *context)
{
    (void)frames;
    struct ws_client *client = context;
    if (message->opcode == WSLAY_CONNECTION_CLOSE) {
        client->close_code = message->status_code == 0 ? 1005 : message->status_code;
        return;
    }
    if (wslay_is_ctrl_frame(message->opcode))
        return;
    size_t length = message->msg_length;
    buffer_append(&client->inbox, &length, sizeof(length));
    buffer_append(&client->inbox, message->msg, length);
    buffer_append_char(&client->inbox, '\0');
    client->lost |= buffer_failed(&client->inbox);
}

static const struct wslay_event_callbacks callbacks = {
    .recv_callback = receive_callback,
    .send_callback = send_callback,
    .genmask_callback = mask_callback,
    .on_msg_recv_callback = message_callback,
};

/* The value of a response header, or NULL. */
static const char *header_find(const char *head, const char *name, size_t *ret_length)
{
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        const char *start = line + 2;
        if (strncasecmp(start, name, strlen(name)) != 0 || start[strlen(name)] != ':')
            continue;
        start += strlen(name) + 1;
        start += strspn(start, " \t");
        *ret_length = strcspn(start, "\r\n");
        return start;
    }
    return NULL;
}

/* Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2). */
static void accept_make(const char *key, char ret_accept[KEY_TEXT_MAX])
{
    char text[KEY_TEXT_MAX + 40];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    (void)snprintf(text, sizeof(text), "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    (void)EVP_Digest(text, strlen(text), digest, &length, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock((uint8_t *)ret_accept, digest, (int)length);
}

static int send_all(struct ws_client *client, const char *bytes, size_t length, int64_t end_us)
{
    for (size_t done = 0; done < length;) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(client->curl, bytes + done, length - done, &sent);
        done += sent;
        if (code != CURLE_OK && code != CURLE_AGAIN)
            return -ECONNRESET;
        int error = done < length ? poll_fd(client->fd, POLLOUT, end_us) : 0;
        if (error != 0)
            return error;
    }
    return 0;
}

static int receive_head(struct ws_client *client, int64_t end_us, struct buffer *head)
{
    for (;;) {
        char bytes[4096];
        size_t received = 0;
        CURLcode code = curl_easy_recv(client->curl, bytes, sizeof(bytes), &received);
        if (code == CURLE_OK && received == 0)
            return -ECONNRESET;
        if (code != CURLE_OK && code != CURLE_AGAIN)
            return -ECONNRESET;
        buffer_append(head, bytes, received);
        if (buffer_failed(head))
            return -EPROTO;
        char *end = head->length == 0 ? NULL : strstr(head->data, "\r\n\r\n");
        if (end != NULL) {
            buffer_append(&client->early, end + 4, head->length - (size_t)(end + 4 - head->data));
            end[2] = '\0';
            return 0;
        }
        int error = poll_fd(client->fd, POLLIN, end_us);
        if (error != 0)
            return error;
    }
}

static int check_head(struct ws_client *client, const char *head, const char *key, int *ret_status)
{
    int status = 0;
    if (sscanf(head, "HTTP/1.1 %3d", &status) != 1)
        return -EPROTO;
    *ret_status = status;
    if (status != 101)
        return -EACCES;
    char expected[KEY_TEXT_MAX];
    accept_make(key, expected);
    size_t length = 0;
    const char *value = header_find(head, "Sec-WebSocket-Accept", &length);
    if (value == NULL || length != strlen(expected) || memcmp(value, expected, length) != 0)
        return -EPROTO;
    value = header_find(head, "Sec-WebSocket-Protocol", &length);
    if (value != NULL)
        (void)snprintf(client->protocol, sizeof(client->protocol), "%.*s", (int)length, value);
    return 0;
}

static int handshake(struct ws_client *client, const char *url, const char *const *headers, int64_t end_us,
                     int *ret_status)
{
    uint8_t random[KEY_BYTES];
    char key[KEY_TEXT_MAX];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -errno;
    (void)EVP_EncodeBlock((uint8_t *)key, random, sizeof(random));
    const char *authority = strstr(url, "://") + 3;
    size_t authority_length = strcspn(authority, "/?");
    const char *path = authority + authority_length;
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(HANDSHAKE_MAX);
    buffer_append_format(&text,
                         "GET %s%s HTTP/1.1\r\nHost: %.*s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
                         *path == '/' ? "" : "/", path, (int)authority_length, authority);
    buffer_append_format(&text, "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n", key);
    for (; headers != NULL && *headers != NULL; headers++)
        buffer_append_format(&text, "%s\r\n", *headers);
    buffer_append_text(&text, "\r\n");
    if (buffer_failed(&text))
        return -EMSGSIZE;
    int error = send_all(client, text.data, text.length, end_us);
    if (error != 0)
        return error;
    buffer_clear(&text);
    error = receive_head(client, end_us, &text);
    return error != 0 ? error : check_head(client, text.data, key, ret_status);
}

static int connect_curl(struct ws_client *client, const char *url, int timeout_ms)
{
    CLEANUP(buffer_release) struct buffer http = BUFFER_INIT(HANDSHAKE_MAX);
    bool secure = strncmp(url, "wss://", 6) == 0;
    if (!secure && strncmp(url, "ws://", 5) != 0)
        return -EINVAL;
    buffer_append_format(&http, "%s%s", secure ? "https://" : "http://", strstr(url, "://") + 3);
    if (buffer_failed(&http))
        return -EMSGSIZE;
    (void)curl_easy_setopt(client->curl, CURLOPT_URL, http.data);
    (void)curl_easy_setopt(client->curl, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(client->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    CURLcode code = curl_easy_perform(client->curl);
    if (code != CURLE_OK)
        return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -ECONNREFUSED;
    return curl_easy_getinfo(client->curl, CURLINFO_ACTIVESOCKET, &client->fd) == CURLE_OK ? 0
                                                                                           : -ECONNREFUSED;
}

int ws_client_open(const char *url, const char *const *headers, int timeout_ms, struct ws_client **ret_client,
                   int *ret_status)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    int status = 0;
    CLEANUP(ws_client_destroy) struct ws_client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return -ENOMEM;
    client->inbox = BUFFER_INIT(INBOX_MAX);
    client->early = BUFFER_INIT(HANDSHAKE_MAX);
    client->curl = curl_easy_init();
    int error = client->curl == NULL ? -ENOMEM : connect_curl(client, url, timeout_ms);
    if (error == 0)
        error = handshake(client, url, headers, end_us, &status);
    if (error == 0 && wslay_event_context_client_init(&client->frames, &callbacks, client) != 0)
        error = -ENOMEM;
    if (ret_status != NULL)
        *ret_status = status;
    if (error != 0)
        return error;
    wslay_event_config_set_max_recv_msg_length(client->frames, WS_CLIENT_MESSAGE_MAX);
    *ret_client = client;
    client = NULL;
    return 0;
}

void ws_client_destroy(struct ws_client **client)
{
    if (*client == NULL)
        return;
    if ((*client)->frames != NULL)
        wslay_event_context_free((*client)->frames);
    if ((*client)->curl != NULL)
        curl_easy_cleanup((*client)->curl);
    buffer_release(&(*client)->inbox);
    buffer_release(&(*client)->early);
    free(*client);
    *client = NULL;
}

/* Sends what wslay has queued: pongs, the close frame, messages. */
static int flush(struct ws_client *client, int64_t end_us)
{
    while (wslay_event_want_write(client->frames)) {
        if (wslay_event_send(client->frames) != 0)
            return -ECONNRESET;
        int error = wslay_event_want_write(client->frames) ? poll_fd(client->fd, POLLOUT, end_us) : 0;
        if (error != 0)
            return error;
    }
    return 0;
}

/* Takes the oldest waiting message. */
static bool inbox_take(struct ws_client *client, const char **ret_text, size_t *ret_length)
{
    if (client->inbox_taken == client->inbox.length) {
        buffer_clear(&client->inbox);
        client->inbox_taken = 0;
        return false;
    }
    const char *entry = client->inbox.data + client->inbox_taken;
    size_t length;
    memcpy(&length, entry, sizeof(length));
    client->inbox_taken += sizeof(length) + length + 1;
    *ret_text = entry + sizeof(length);
    *ret_length = length;
    return true;
}

int ws_client_next(struct ws_client *client, int timeout_ms, const char **ret_text, size_t *ret_length)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    for (;;) {
        if (inbox_take(client, ret_text, ret_length))
            return 0;
        if (client->close_code != 0)
            return -ESHUTDOWN;
        /* Reads all that has arrived: perhaps several messages, perhaps a close frame behind them. */
        int error = wslay_event_recv(client->frames) != 0 ? -EPROTO : 0;
        if (error == 0)
            error = flush(client, end_us);
        if (client->inbox_taken < client->inbox.length || client->close_code != 0)
            continue;
        if (client->lost)
            return -ECONNRESET;
        if (error == 0)
            error = poll_fd(client->fd, POLLIN, end_us);
        if (error != 0)
            return error;
    }
}

int ws_client_send(struct ws_client *client, const char *text, size_t length, int timeout_ms)
{
    struct wslay_event_msg message = {
        .opcode = WSLAY_TEXT_FRAME, .msg = (const uint8_t *)text, .msg_length = length};
    if (wslay_event_queue_msg(client->frames, &message) != 0)
        return -EPROTO;
    return flush(client, clock_monotonic_us() + (int64_t)timeout_ms * 1000);
}

int ws_client_close(struct ws_client *client, uint16_t code, int timeout_ms)
{
    if (wslay_event_queue_close(client->frames, code, NULL, 0) != 0)
        return -EPROTO;
    int error = flush(client, clock_monotonic_us() + (int64_t)timeout_ms * 1000);
    const char *text;
    size_t length;
    while (error == 0)
        error = ws_client_next(client, timeout_ms, &text, &length);
    return error == -ESHUTDOWN ? 0 : error;
}

uint16_t ws_client_close_code(const struct ws_client *client)
{
    return client->close_code;
}

const char *ws_client_protocol(const struct ws_client *client)
{
    return client->protocol;
}

int ws_client_fd(const struct ws_client *client)
{
    return (int)client->fd;
}
