/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/http_params.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/hex.h"
#include "common/utf8.h"

int http_params_decode(const char *text, size_t length, char *target, size_t max)
{
    size_t written = 0;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            if (length - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return -EINVAL;
            c = (char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
            i += 2;
        }
        if (written + 1 >= max)
            return -ENOBUFS;
        target[written++] = c;
    }
    target[written] = '\0';
    return utf8_is_text(target, written) ? 0 : -EINVAL;
}

/* One name=value of the query; moves *at past it. */
static bool next_pair(const char *query, size_t length, size_t *at, const char **ret_name,
                      size_t *ret_name_length, const char **ret_value, size_t *ret_value_length)
{
    while (*at < length && query[*at] == '&')
        (*at)++;
    if (*at >= length)
        return false;
    const char *pair = query + *at;
    const char *end = memchr(pair, '&', length - *at);
    size_t pair_length = end == NULL ? length - *at : (size_t)(end - pair);
    const char *equals = memchr(pair, '=', pair_length);
    *ret_name = pair;
    *ret_name_length = equals == NULL ? pair_length : (size_t)(equals - pair);
    *ret_value = equals == NULL ? pair + pair_length : equals + 1;
    *ret_value_length = pair_length - *ret_name_length - (equals == NULL ? 0 : 1);
    *at += pair_length;
    return true;
}

static int parse_integer(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    int64_t value = 0;
    size_t length = strlen(text);

    if (length == 0 || length > 18 || strspn(text, "0123456789") != length)
        return -EINVAL;
    for (; *text != '\0'; text++)
        value = value * 10 + (*text - '0');
    if (value < min || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

static void bad_integer(struct faults *faults, const struct http_param *param, const char *value)
{
    char text[64];

    if (param->max == INT64_MAX)
        (void)snprintf(text, sizeof(text), "at least %lld", (long long)param->min);
    else
        (void)snprintf(text, sizeof(text), "from %lld to %lld", (long long)param->min, (long long)param->max);
    faults_add(faults, param->name, REJECT_INVALID_VALUE, NULL, value,
               "The parameter '%s' is not a whole number %s; correct it.", param->name, text);
}

static void take(const struct http_param *param, const char *value, char *out, struct faults *faults)
{
    const char *expected = NULL;
    char *target = out + param->offset;
    int r = 0;

    switch (param->kind) {
    case HTTP_PARAM_IGNORED:
        return;
    case HTTP_PARAM_TEXT:
        r = *value == '\0' ? -EINVAL : 0;
        expected = "is empty";
        utf8_copy(target, HTTP_PARAM_TEXT_MAX, value, strlen(value));
        break;
    case HTTP_PARAM_SYMBOL:
        r = order_is_symbol(value, strlen(value)) ? 0 : -EINVAL;
        expected = "is not a symbol";
        utf8_copy(target, SYMBOL_MAX, value, strlen(value));
        break;
    case HTTP_PARAM_ORDER_STATUS:
        r = order_status_parse(value, strlen(value), (enum order_status *)(void *)target);
        expected = "is not PENDING, PARTIAL, FILLED, REJECTED, CANCELLED or EXPIRED";
        break;
    case HTTP_PARAM_EXECUTION_STATE:
        r = execution_state_parse(value, strlen(value), (enum execution_state *)(void *)target);
        expected = "is not ADMITTED, SENT, WORKING, IN_DOUBT or DONE";
        break;
    case HTTP_PARAM_AUDIT_ACTION:
        r = audit_action_parse(value, strlen(value), (enum audit_action *)(void *)target);
        expected = "is not an action of the audit trail such as SUBMITTED or FILLED";
        break;
    case HTTP_PARAM_UUID:
        r = uuid_parse(value, strlen(value), (struct uuid *)(void *)target);
        expected = "is not a UUID";
        break;
    case HTTP_PARAM_INSTANT:
        r = instant_parse(value, strlen(value), (struct instant *)(void *)target);
        expected = "is not an RFC 3339 time such as 2025-10-17T12:01:05Z";
        break;
    case HTTP_PARAM_INTEGER:
        if (parse_integer(value, param->min, param->max, (int64_t *)(void *)target) < 0)
            bad_integer(faults, param, value);
        break;
    }
    if (r < 0)
        faults_add(faults, param->name, REJECT_INVALID_VALUE, NULL, value,
                   "The parameter '%s' %s; correct it.", param->name, expected);
    *(bool *)(out + param->has_offset) = true;
}

static const struct http_param *find(const struct http_param *params, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(params[i].name, name) == 0)
            return &params[i];
    }
    return NULL;
}

int http_params_parse(const char *query, size_t length, const struct http_param *params, size_t count,
                      void *out, struct faults *ret_faults)
{
    const char *name_text, *value_text;
    size_t name_length, value_length;
    bool seen[HTTP_PARAMS_MAX] = {false};

    assert(count <= HTTP_PARAMS_MAX);
    ret_faults->count = 0;
    for (size_t at = 0;
         next_pair(query, length, &at, &name_text, &name_length, &value_text, &value_length);) {
        char name[HTTP_PARAM_TEXT_MAX], value[HTTP_PARAM_TEXT_MAX];
        if (http_params_decode(name_text, name_length, name, sizeof(name)) < 0) {
            faults_add(ret_faults, NULL, REJECT_UNKNOWN_FIELD, NULL, NULL,
                       "A parameter's name is unreadable; correct it.");
            continue;
        }
        const struct http_param *param = find(params, count, name);
        if (param == NULL) {
            faults_add(ret_faults, name, REJECT_UNKNOWN_FIELD, NULL, NULL,
                       "The parameter '%s' is unknown; correct the name or leave it out.", name);
            continue;
        }
        if (seen[param - params])
            faults_add(ret_faults, name, REJECT_INVALID_VALUE, NULL, NULL,
                       "The parameter '%s' is there more than once; send it once.", name);
        else if (param->kind == HTTP_PARAM_IGNORED)
            ;
        else if (http_params_decode(value_text, value_length, value, sizeof(value)) < 0)
            faults_add(ret_faults, name, REJECT_INVALID_VALUE, NULL, NULL,
                       "The parameter '%s' is unreadable or too long; correct it.", name);
        else
            take(param, value, out, ret_faults);
        seen[param - params] = true;
    }
    return ret_faults->count == 0 ? 0 : -EINVAL;
}

int http_params_find(const char *query, size_t length, const char *name, char *ret_value, size_t max)
{
    const char *name_text, *value_text;
    size_t name_length, value_length;
    int found = -ENOENT;

    for (size_t at = 0;
         next_pair(query, length, &at, &name_text, &name_length, &value_text, &value_length);) {
        if (name_length != strlen(name) || memcmp(name_text, name, name_length) != 0)
            continue;
        if (found != -ENOENT || http_params_decode(value_text, value_length, ret_value, max) < 0)
            return -EINVAL;
        found = 0;
    }
    return found;
}
