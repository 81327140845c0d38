/* SPDX-License-Identifier: Apache-2.0 */
/* listDevelopmentPeople and signInForDevelopment: tokens without a password, for one's own machine.
 *
 * A gateway without OXE_DEVELOPMENT_KEYS has no issuer, and to it these paths are unknown. Only a page that
 * came from this machine may ask: the Host must name it, too, or a name that somebody points to 127.0.0.1
 * would be an origin of its own (DNS rebinding). */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/issuer.h"
#include "proto/json.h"
#include "proto/row.h"
#include "services/gateway/edge/json_body.h"
#include "services/gateway/edge/loopback.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/people.h"
#include "services/gateway/operations/sign_in.h"

enum { SECOND_US = 1000000, TOKEN_LIFE_S = 300 };

struct sign_in {
    char subject[JWT_SUBJECT_MAX];
};

static const struct schema_field fields[] = {ROW_FIELD(struct sign_in, subject, subject)};
static const struct schema_record sign_in_record = ROW_RECORD(struct sign_in, fields);
static const struct json_member members[] = {
    {"subject", JSON_SENTENCE, .required = true, .max = JWT_SUBJECT_MAX - 1},
};
static const struct json_body sign_in_body = {&sign_in_record, members, ARRAY_LEN(members)};

static bool may_ask(struct request *request)
{
    h2o_iovec_t host = request->req->input.authority;

    if (loopback_is_named(host.base, host.len) && request_origin_is_allowed(request))
        return true;
    request_refuse(
        request, REJECT_ORIGIN_NOT_ALLOWED,
        "The development sign-in is for pages of this machine; open the screen at 127.0.0.1 or localhost.");
    return false;
}

static void render_person(struct buffer *out, const struct person *person)
{
    buffer_append_text(out, "\"subject\":");
    json_append_text(out, person->subject);
    buffer_append_format(out, ",\"role\":\"%s\"", jwt_role_text(person->role));
}

void sign_in_list_people(struct request *request)
{
    struct gateway *gateway = request->gateway;
    const struct config_list *people = &gateway->config->development_people;
    struct buffer *body = request_body(request);
    struct person person;

    if (!may_ask(request))
        return;
    buffer_append_text(body, "{\"people\":[");
    for (size_t i = 0; i < people->count; i++) {
        if (people_parse(people->items[i], &person) < 0)
            continue;
        buffer_append_text(body, i == 0 ? "{" : ",{");
        render_person(body, &person);
        buffer_append_char(body, '}');
    }
    buffer_append_text(body, "]}");
    request_answer_json(request, 200, body);
}

/* False: it has been answered. */
static bool read_person(struct request *request, struct person *ret_person)
{
    struct faults faults = {0};
    struct sign_in asked;

    if (!request_read_json(request, &sign_in_body, &asked))
        return false;
    if (people_find(&request->gateway->config->development_people, asked.subject, ret_person) == 0)
        return true;
    faults_add(&faults, "subject", REJECT_INVALID_VALUE, NULL, asked.subject,
               "Nobody of this name can be signed in here; send one of those that GET tells.");
    request_refuse_members(request, &faults);
    return false;
}

void sign_in_run(struct request *request)
{
    struct gateway *gateway = request->gateway;
    struct person person;
    CLEANUP_FREE char *token = NULL;
    struct instant now = clock_now();
    struct instant expires_at = {(now.us / SECOND_US + TOKEN_LIFE_S) * SECOND_US};

    if (!may_ask(request) || !read_person(request, &person))
        return;
    if (issuer_sign(gateway->issuer, person.subject, jwt_role_text(person.role), now, expires_at, &token) <
        0) {
        request_refuse(request, REJECT_INTERNAL,
                       "The token could not be signed; look at the development keys.");
        return;
    }
    struct buffer *body = request_body(request);
    buffer_append_text(body, "{\"token\":");
    json_append_text(body, token);
    buffer_append_char(body, ',');
    render_person(body, &person);
    buffer_append_text(body, ",\"expires_at\":");
    json_append_instant(body, expires_at);
    buffer_append_char(body, '}');
    request_answer_json(request, 200, body);
}

int sign_in_open(struct gateway *gateway)
{
    const char *keys = gateway->config->development_keys;

    if (keys[0] == '\0')
        return 0;
    int r = issuer_load(keys, &gateway->issuer);
    if (r < 0) {
        LOG_ALARM(gateway_log(gateway), LOG_ERROR, "development_keys_not_loaded", "process_down",
                  r == -EBADMSG ? "no key" : strerror(-r), "oxectl doctor", LOG_TEXT("folder", keys));
        return r;
    }
    LOG(gateway_log(gateway), LOG_WARNING, "development_sign_in",
        LOG_TEXT("meaning", "whoever reaches this gateway can be anybody"));
    return 0;
}
