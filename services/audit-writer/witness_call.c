/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/witness_call.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

enum { URL_BYTES = POLICY_URL_MAX + 32, ANSWER_MAX = 16 * 1024 };

struct call {
    CURL *easy; /* NULL: none is on its way */
    struct buffer answer;
};

struct witness_calls {
    CURLM *multi;
    struct curl_slist *headers;
    struct call calls[POLICY_WITNESSES_MAX];
};

int witness_calls_create(struct witness_calls **ret_calls)
{
    CLEANUP(witness_calls_destroy) struct witness_calls *calls = calloc(1, sizeof(*calls));

    if (calls == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -ENOMEM;
    calls->multi = curl_multi_init();
    calls->headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
    if (calls->multi == NULL || calls->headers == NULL)
        return -ENOMEM;
    *ret_calls = calls;
    calls = NULL;
    return 0;
}

static void end_call(struct witness_calls *calls, struct call *call)
{
    (void)curl_multi_remove_handle(calls->multi, call->easy);
    curl_easy_cleanup(call->easy);
    call->easy = NULL;
}

void witness_calls_abandon(struct witness_calls *calls)
{
    for (size_t i = 0; i < ARRAY_LEN(calls->calls); i++) {
        if (calls->calls[i].easy != NULL)
            end_call(calls, &calls->calls[i]);
    }
}

void witness_calls_destroy(struct witness_calls **calls)
{
    if (*calls == NULL)
        return;
    witness_calls_abandon(*calls);
    for (size_t i = 0; i < ARRAY_LEN((*calls)->calls); i++)
        buffer_release(&(*calls)->calls[i].answer);
    (void)curl_multi_cleanup((*calls)->multi);
    curl_slist_free_all((*calls)->headers);
    free(*calls);
    *calls = NULL;
}

int witness_calls_begin(struct witness_calls *calls, size_t slot, const char *url,
                        const struct buffer *request)
{
    struct call *call = &calls->calls[slot];
    char whole[URL_BYTES];
    size_t length = strlen(url);

    assert(call->easy == NULL);
    while (length > 0 && url[length - 1] == '/')
        length--;
    (void)snprintf(whole, sizeof(whole), "%.*s/add-checkpoint", (int)length, url);
    buffer_release(&call->answer);
    call->answer = BUFFER_INIT(ANSWER_MAX);
    buffer_append(&call->answer, "", 0);
    CURL *easy = curl_easy_init();
    if (easy == NULL)
        return -ENOMEM;
    if (curl_easy_setopt(easy, CURLOPT_URL, whole) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)WITNESS_CALL_CONNECT_MS) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)WITNESS_CALL_MS) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, calls->headers) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->length) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->data) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, buffer_receive) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &call->answer) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)call) != CURLE_OK ||
        curl_multi_add_handle(calls->multi, easy) != CURLM_OK) {
        curl_easy_cleanup(easy);
        return -EINVAL;
    }
    call->easy = easy;
    return 0;
}

bool witness_calls_take(struct witness_calls *calls, size_t *ret_slot, long *ret_status,
                        const struct buffer **ret_body)
{
    struct call *call = NULL;
    CURLMsg *message;
    int count;

    (void)curl_multi_perform(calls->multi, &count);
    while ((message = curl_multi_info_read(calls->multi, &count)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        *ret_status = 0;
        if (message->data.result == CURLE_OK)
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, ret_status);
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        end_call(calls, call);
        *ret_slot = (size_t)(call - calls->calls);
        *ret_body = &call->answer;
        return true;
    }
    return false;
}

void witness_calls_wait(struct witness_calls *calls, int timeout_ms)
{
    (void)curl_multi_poll(calls->multi, NULL, 0, timeout_ms, NULL);
}

void witness_calls_wake(struct witness_calls *calls)
{
    (void)curl_multi_wakeup(calls->multi);
}
