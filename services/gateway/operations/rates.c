/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/rates.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static int64_t limit_of(const struct request *request, enum rate_kind kind)
{
    const struct gateway_config *config = request->gateway->config;

    switch (kind) {
    case RATE_ORDERS:
        return request->orders_per_minute;
    case RATE_PREVIEWS:
        return config->previews_per_minute;
    case RATE_CANCELS:
        return config->cancels_per_minute;
    case RATE_READS:
        return config->reads_per_minute;
    case RATE_NONE:
    case RATE_KINDS:
        break;
    }
    return 0;
}

/* The trader; a caller without one (compliance) is known by the subject. */
static struct uuid caller_of(const struct request *request)
{
    const char *subject = request->claims.subject;
    uint8_t digest[EVP_MAX_MD_SIZE];
    struct uuid caller = request->trader_id;

    if (!uuid_is_nil(caller))
        return caller;
    if (EVP_Digest(subject, strlen(subject), digest, NULL, EVP_sha256(), NULL) == 1)
        memcpy(caller.bytes, digest, sizeof(caller.bytes));
    return caller;
}

void rates_begin(struct request *request, enum rate_kind kind, void (*next)(struct request *request))
{
    int64_t per_minute = limit_of(request, kind);

    if (per_minute == 0) {
        next(request);
        return;
    }
    if (!request_park(request))
        return;
    request->rate = kind;
    request->rated = next;
    rate_limit_take(request->gateway->rates, kind, caller_of(request), per_minute, request->parked);
}

static void add_headers(struct request *request, int64_t per_minute, const struct rate_verdict *verdict)
{
    int64_t full_s = (verdict->full_us + 999999) / 1000000, retry_s = (verdict->retry_us + 999999) / 1000000;
    const char *name = rate_limit_name(request->rate);
    char text[64];

    (void)snprintf(text, sizeof(text), "\"%s\";r=%lld;t=%lld", name, (long long)verdict->remaining,
                   (long long)full_s);
    request_add_header(request, "ratelimit", text);
    (void)snprintf(text, sizeof(text), "\"%s\";q=%lld;w=%d", name, (long long)per_minute, RATE_PERIOD_S);
    request_add_header(request, "ratelimit-policy", text);
    if (verdict->passes)
        return;
    (void)snprintf(text, sizeof(text), "%lld", (long long)retry_s);
    request_add_header(request, "retry-after", text);
}

void rates_decided(void *context, uint64_t token, const struct rate_verdict *verdict)
{
    struct gateway *gateway = context;
    struct request *request = request_find(&gateway->edge, token);
    char detail[160];

    if (request == NULL)
        return;
    int64_t per_minute = limit_of(request, request->rate);
    add_headers(request, per_minute, verdict);
    if (verdict->passes) {
        request->rated(request);
        return;
    }
    (void)snprintf(detail, sizeof(detail),
                   "The limit of %lld %s a minute is used up; wait as long as Retry-After says.",
                   (long long)per_minute, rate_limit_name(request->rate));
    request_refuse(request, REJECT_RATE_LIMITED, detail);
}
