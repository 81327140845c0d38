/* SPDX-License-Identifier: Apache-2.0 */
/* See web.h. */
#include "tests/fault/web.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"

enum { REPLY_BYTES_MAX = 4 * 1024 * 1024 };

struct exchange {
    struct web *web;
    CURL *curl;
    struct curl_slist *headers;
    struct buffer body;
    size_t number;
};

struct web {
    CURLM *multi;
    char *base;
    web_done *done;
    void *context;
    size_t under_way;
};

struct web *web_create(const char *base, web_done *done, void *context)
{
    struct web *web = calloc(1, sizeof(*web));
    if (web == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    *web = (struct web){.multi = curl_multi_init(), .base = strdup(base), .done = done, .context = context};
    return web;
}

void web_destroy(struct web **web)
{
    if (*web == NULL)
        return;
    (void)curl_multi_cleanup((*web)->multi);
    free((*web)->base);
    free(*web);
    *web = NULL;
}

size_t web_under_way(const struct web *web)
{
    return web->under_way;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    buffer_append(context, bytes, size * count);
    return size * count;
}

static void add_header(struct exchange *exchange, const char *name, const char *value)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(16384);

    buffer_append_format(&line, "%s: %s", name, value);
    exchange->headers = curl_slist_append(exchange->headers, line.data);
}

static struct exchange *prepare(const struct web *web, const struct web_request *request)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(4096);
    CLEANUP(buffer_release) struct buffer bearer = BUFFER_INIT(16384);
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange == NULL || (exchange->curl = curl_easy_init()) == NULL)
        abort();
    exchange->body = BUFFER_INIT(REPLY_BYTES_MAX);
    buffer_append_format(&url, "%s%s", web->base, request->path);
    buffer_append_format(&bearer, "Bearer %s", request->token);
    add_header(exchange, "Authorization", bearer.data);
    if (request->key != NULL)
        add_header(exchange, "Idempotency-Key", request->key);
    if (request->body != NULL)
        add_header(exchange, "Content-Type", "application/json");
    exchange->headers = curl_slist_append(exchange->headers, "Expect:");
    CURL *curl = exchange->curl;
    (void)curl_easy_setopt(curl, CURLOPT_URL, url.data);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, exchange->headers);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WEB_TIMEOUT_MS);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange->body);
    (void)curl_easy_setopt(curl, CURLOPT_PRIVATE, exchange);
    if (request->body != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request->body);
    else if (strcmp(request->method, "POST") == 0)
        (void)curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, "");
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    return exchange;
}

static long status_of(const struct exchange *exchange, CURLcode code)
{
    long status = 0;

    if (code == CURLE_OK)
        (void)curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static void release(struct exchange *exchange)
{
    curl_easy_cleanup(exchange->curl);
    curl_slist_free_all(exchange->headers);
    buffer_release(&exchange->body);
    free(exchange);
}

void web_start(struct web *web, const struct web_request *request, size_t number)
{
    assert(web->under_way < WEB_UNDER_WAY_MAX);
    struct exchange *exchange = prepare(web, request);
    exchange->web = web;
    exchange->number = number;
    web->under_way++;
    (void)curl_multi_add_handle(web->multi, exchange->curl);
}

void web_run(struct web *web, int timeout_ms)
{
    int running, left;

    (void)curl_multi_poll(web->multi, NULL, 0, timeout_ms, NULL);
    (void)curl_multi_perform(web->multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(web->multi, &left)) != NULL;) {
        struct exchange *exchange = NULL;
        CURLcode code = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
        (void)curl_multi_remove_handle(web->multi, exchange->curl);
        web->under_way--;
        web->done(web->context, exchange->number, status_of(exchange, code),
                  exchange->body.data == NULL ? "" : exchange->body.data);
        release(exchange);
    }
}

char *web_ask(const struct web *web, const struct web_request *request, long *ret_status)
{
    struct exchange *exchange = prepare(web, request);

    *ret_status = status_of(exchange, curl_easy_perform(exchange->curl));
    char *body = strdup(exchange->body.data == NULL ? "" : exchange->body.data);
    release(exchange);
    return body;
}
