/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request to the gateway, through libcurl. */
#include "services/oxectl/oxectl.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include <curl/curl.h>

#include "common/cleanup.h"

enum {
    PATH_BYTES = 4096,
    NO_CONTENT = 204,
    REQUEST_MAX = 64 * 1024,
    BODY_MAX = 64 * 1024 * 1024,
    TIMEOUT_SECONDS = 30,
    FETCH_SECONDS = 5,
    STREAM_BYTES = 256 * 1024
};

void query_append(struct buffer *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_append_format(path, "%c%s=", strchr(path->data, '?') == NULL ? '?' : '&', name);
    for (; *value != '\0'; value++) {
        if (isalnum((unsigned char)*value) != 0 || strchr("-._", *value) != NULL)
            buffer_append_char(path, *value);
        else
            buffer_append_format(path, "%%%02X", (unsigned char)*value);
    }
}

static int too_long(const struct args *args)
{
    return usage_error(args->command, "an argument is too long");
}

int http_append_args(struct buffer *path, const struct args *args)
{
    for (const struct arg *arg = args->command->args; arg->name != NULL; arg++) {
        if (arg->member != NULL)
            query_append(path, arg->member, args_text(args, arg->name));
    }
    return buffer_failed(path) ? too_long(args) : 0;
}

struct buffer http_body(const struct args *args)
{
    struct buffer body = BUFFER_INIT(REQUEST_MAX);

    buffer_append_char(&body, '{');
    for (const struct arg *arg = args->command->args; arg->name != NULL; arg++) {
        if (arg->member == NULL || !args_has(args, arg->name))
            continue;
        if (arg_is_option(arg) && arg->value == NULL)
            json_append_true(&body, arg->member);
        else
            json_append_member(&body, arg->member, args_text(args, arg->name));
    }
    return body;
}

static size_t collect(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *body = context;
    buffer_append(body, bytes, size * count);
    return buffer_failed(body) ? 0 : size * count;
}

static struct curl_slist *headers_make(const struct context *context, bool has_body,
                                       const char *idempotency_key)
{
    struct curl_slist *headers = NULL;
    struct buffer line = BUFFER_INIT(16384);
    if (context->token != NULL) {
        buffer_append_format(&line, "Authorization: Bearer %s", context->token);
        headers = curl_slist_append(headers, line.data);
    }
    if (has_body)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (idempotency_key != NULL) {
        buffer_clear(&line);
        buffer_append_format(&line, "Idempotency-Key: %s", idempotency_key);
        headers = curl_slist_append(headers, line.data);
    }
    buffer_release(&line);
    return headers;
}

typedef size_t (*body_writer)(char *bytes, size_t size, size_t count, void *context);

/* The request that the handle is set for; frees the headers. */
static CURLcode perform(CURL *curl, const char *url, struct curl_slist *headers, body_writer write,
                        void *context, long *ret_status)
{
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
    CURLcode code = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    curl_slist_free_all(headers);
    return code;
}

const char *http_fetch(const struct context *context, const char *url, struct buffer *out)
{
    long status = 0;

    curl_easy_reset(context->curl);
    (void)curl_easy_setopt(context->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(context->curl, CURLOPT_TIMEOUT, (long)FETCH_SECONDS);
    CURLcode code = perform(context->curl, url, NULL, collect, out, &status);
    if (code != CURLE_OK)
        return curl_easy_strerror(code);
    return status == 200 ? NULL : "it answers otherwise than with 200";
}

int http_request(const struct context *context, const char *method, const char *path, const char *body,
                 const char *idempotency_key, struct reply *ret_reply)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(8192);
    CURL *curl = context->curl;
    struct reply reply = {.body = BUFFER_INIT(BODY_MAX)};

    if (curl == NULL)
        return trouble("out of memory");
    buffer_append_format(&url, "%s%s", context->url, path);
    curl_easy_reset(curl); /* which keeps the connection */
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    if (body != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    CURLcode code = perform(curl, url.data, headers_make(context, body != NULL, idempotency_key), collect,
                            &reply.body, &reply.status);
    if (code != CURLE_OK) {
        buffer_release(&reply.body);
        return trouble("%s %s%s: %s", method, context->url, path, curl_easy_strerror(code));
    }
    if (reply.body.length > 0 && (reply.body.data[0] == '{' || reply.body.data[0] == '['))
        reply.json = yajl_tree_parse(reply.body.data, NULL, 0);
    *ret_reply = reply;
    return 0;
}

/* Where a body goes: to its taker once it is what was asked for, else it is gathered, to tell of the refusal.
 */
struct stream {
    CURL *curl;
    http_taker take;
    void *context;
    bool stopped;
    struct buffer refusal;
};

static size_t pass_on(char *bytes, size_t size, size_t count, void *context)
{
    struct stream *stream = context;
    long status = 0;

    (void)curl_easy_getinfo(stream->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return collect(bytes, size, count, &stream->refusal);
    stream->stopped = !stream->take(stream->context, bytes, size * count);
    return stream->stopped ? 0 : size * count;
}

int http_stream(const struct context *context, const char *path, http_taker take, void *taker)
{
    /* A handle of its own: the taker may ask for something else meanwhile. */
    struct stream stream = {
        .curl = curl_easy_init(), .take = take, .context = taker, .refusal = BUFFER_INIT(BODY_MAX)};
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(8192);
    CLEANUP(reply_release) struct reply reply = {0};

    if (stream.curl == NULL)
        return trouble("out of memory");
    buffer_append_format(&url, "%s%s", context->url, path);
    (void)curl_easy_setopt(stream.curl, CURLOPT_CONNECTTIMEOUT, (long)TIMEOUT_SECONDS);
    (void)curl_easy_setopt(stream.curl, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(stream.curl, CURLOPT_BUFFERSIZE, (long)STREAM_BYTES);
    CURLcode code =
        perform(stream.curl, url.data, headers_make(context, false, NULL), pass_on, &stream, &reply.status);
    curl_easy_cleanup(stream.curl);
    reply.body = stream.refusal;
    if (reply.body.length > 0)
        reply.json = yajl_tree_parse(reply.body.data, NULL, 0);
    if (code != CURLE_OK && !stream.stopped)
        return trouble("GET %s: %s", url.data, curl_easy_strerror(code));
    return reply.status == 200 ? 0 : reply_refused(&reply);
}

void reply_release(struct reply *reply)
{
    if (reply->json != NULL)
        yajl_tree_free(reply->json);
    reply->json = NULL;
    buffer_release(&reply->body);
}

int reply_refused(const struct reply *reply)
{
    if (reply->json == NULL)
        return refuse("the server answered %ld", reply->status);
    const char *detail = json_text(reply->json, json_get(reply->json, "detail") != NULL ? "detail" : "title");
    int status = refuse("%s (%ld): %s", json_text(reply->json, "code"), reply->status, detail);
    yajl_val errors = json_get(reply->json, "errors");
    for (size_t i = 0; i < json_length(errors); i++) {
        yajl_val fault = json_item(errors, i);
        const char *message = json_text(fault, "message");
        bool is_new = strcmp(message, detail) != 0;
        (void)fprintf(stderr, "  %s %s%s%s\n", json_text(fault, "field"), json_text(fault, "code"),
                      is_new ? ": " : "", is_new ? message : "");
    }
    if (json_get(reply->json, "order_id") != NULL)
        (void)fprintf(stderr, "  recorded as order %s\n", json_text(reply->json, "order_id"));
    return status;
}

static int ask(const struct context *context, const char *method, const char *body,
               const char *idempotency_key, struct reply *ret_reply, const char *format, va_list arguments)
    __attribute__((format(printf, 6, 0)));
static int ask(const struct context *context, const char *method, const char *body,
               const char *idempotency_key, struct reply *ret_reply, const char *format, va_list arguments)
{
    char path[PATH_BYTES];

    if (vsnprintf(path, sizeof(path), format, arguments) >= PATH_BYTES)
        return trouble("the path is too long: %s", path);
    int status = http_request(context, method, path, body, idempotency_key, ret_reply);
    if (status != 0 || ret_reply->status == NO_CONTENT ||
        (ret_reply->status / 100 == 2 && ret_reply->json != NULL))
        return status;
    status = reply_refused(ret_reply);
    reply_release(ret_reply);
    return status;
}

int http_ask(const struct context *context, const char *method, const char *body, const char *idempotency_key,
             struct reply *ret_reply, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int status = ask(context, method, body, idempotency_key, ret_reply, format, arguments);
    va_end(arguments);
    return status;
}

int http_post(const struct context *context, const struct args *args, struct buffer *body,
              const char *idempotency_key, struct reply *ret_reply, const char *format, ...)
{
    va_list arguments;

    buffer_append_char(body, '}');
    if (buffer_failed(body))
        return too_long(args);
    va_start(arguments, format);
    int status = ask(context, "POST", body->data, idempotency_key, ret_reply, format, arguments);
    va_end(arguments);
    return status;
}

bool reply_print_json(const struct reply *reply, const struct args *args)
{
    bool json = args_has(args, "--json");

    if (json)
        (void)printf("%s\n", reply->body.data);
    return json;
}

int http_list(const struct context *context, const struct args *args, const char *path, const char *member,
              const struct column *columns, size_t column_count)
{
    CLEANUP(buffer_release) struct buffer query = BUFFER_INIT(PATH_BYTES - 1);
    CLEANUP(reply_release) struct reply reply = {0};

    buffer_append_text(&query, path);
    int status = http_append_args(&query, args);
    if (status == 0)
        status = http_get(context, &reply, "%s", query.data);
    if (status != 0 || reply_print_json(&reply, args))
        return status;
    table_print(stdout, columns, column_count, json_get(reply.json, member));
    if (YAJL_IS_STRING(json_get(reply.json, "next_cursor")))
        (void)fprintf(stderr, "more: --cursor %s\n", json_text(reply.json, "next_cursor"));
    return 0;
}
