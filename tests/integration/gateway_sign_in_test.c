/* SPDX-License-Identifier: Apache-2.0 */
/* The development sign-in: tokens for whoever asks on this machine, and no way to have it in production. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define SIGN_IN "/dev/sign-in"
#define ALICE   "{\"subject\":\"alice\"}"

static char keys[64];

static void begin(struct gateway_world *gateway)
{
    char arguments[128], path[128];

    (void)strcpy(keys, "/tmp/oxe-sign-in-XXXXXX");
    cr_assert_not_null(mkdtemp(keys));
    (void)snprintf(arguments, sizeof(arguments), "issuer %s", keys);
    free(gateway_oxectl(arguments, NULL));
    (void)snprintf(path, sizeof(path), "%s/jwks.json", keys);
    cr_assert_eq(setenv("OXE_JWKS", path, 1), 0);
    cr_assert_eq(setenv("OXE_JWT_ISSUER", "oxe-development", 1), 0);
    cr_assert_eq(setenv("OXE_DEVELOPMENT_KEYS", keys, 1), 0);
    gateway_begin(gateway);
}

static void end(struct gateway_world *gateway)
{
    char line[128];

    gateway_end(gateway);
    (void)snprintf(line, sizeof(line), "rm -rf %s", keys);
    cr_assert_eq(system(line), 0);
}

Test(gateway_sign_in, who_is_listed_gets_a_token_of_their_role_for_five_minutes, .timeout = 60)
{
    static const struct {
        const char *subject, *role, *path;
        long other; /* status of the path with the token of the one before */
    } people[] = {
        {"alice", "trader", "/api/v1/account", 401},
        {"carol", "compliance", "/api/v1/audit", 403},
        {"olga", "operations", "/api/v1/admin/lanes", 403},
    };
    struct gateway_world gateway;
    char before[2048] = "no token";

    begin(&gateway);
    free(gateway_trader(&gateway, "alice", NULL));
    AUTO_REPLY list = gateway_get(NULL, SIGN_IN);
    cr_expect_eq(list.status, 200);
    cr_expect_eq(strcmp(list.body.data, "{\"people\":[{\"subject\":\"alice\",\"role\":\"trader\"},"
                                        "{\"subject\":\"bob\",\"role\":\"trader\"},"
                                        "{\"subject\":\"carol\",\"role\":\"compliance\"},"
                                        "{\"subject\":\"olga\",\"role\":\"operations\"}]}"),
                 0, "%s", list.body.data);
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        char body[64];
        struct instant expires_at;
        (void)snprintf(body, sizeof(body), "{\"subject\":\"%s\"}", people[i].subject);
        struct instant asked_at = clock_now();
        AUTO_REPLY reply = instance_call(&(struct call){.path = SIGN_IN, .body = body});
        cr_expect_eq(reply.status, 200, "%ld %s", reply.status, reply.body.data);
        cr_expect_str_eq(json_text(reply.json, "subject"), people[i].subject);
        cr_expect_str_eq(json_text(reply.json, "role"), people[i].role);
        cr_expect_str_eq(reply_header(&reply, "Cache-Control"), "no-store");
        const char *text = json_text(reply.json, "expires_at");
        cr_assert_eq(instant_parse(text, strlen(text), &expires_at), 0, "%s", text);
        int64_t life_s = (expires_at.us - asked_at.us) / 1000000;
        cr_expect(life_s >= 298 && life_s <= 301, "%lld", (long long)life_s);
        const char *token = json_text(reply.json, "token");
        AUTO_REPLY other = gateway_get(before, people[i].path);
        cr_expect_eq(other.status, people[i].other, "%s: %ld", people[i].path, other.status);
        AUTO_REPLY own = gateway_get(token, people[i].path);
        cr_expect_eq(own.status, 200, "%s: %ld %s", people[i].path, own.status, own.body.data);
        (void)snprintf(before, sizeof(before), "%s", token);
    }
    end(&gateway);
}

Test(gateway_sign_in, only_pages_of_this_machine_may_ask, .timeout = 60)
{
    static const struct {
        const char *header;
        long status;
    } cases[] = {
        {"Origin: https://evil.example", 403},
        {"Origin: null", 403},
        {"Origin: http://127.0.0.1:1", 403},
        {"Host: evil.example", 403}, /* a name that its owner points here */
        {"Host: 127.0.0.1.evil.example:80", 403},
        {"Host: localhost:1", 200},
        {"Host: [::1]:1", 200},
    };
    struct gateway_world gateway;
    char own[64];

    begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int post = 0; post < 2; post++) {
            AUTO_REPLY reply = instance_call(
                &(struct call){.path = SIGN_IN, .body = post ? ALICE : NULL, .header = cases[i].header});
            cr_expect_eq(reply.status, cases[i].status, "%s: %ld %s", cases[i].header, reply.status,
                         reply.body.data);
            if (cases[i].status == 403)
                cr_expect_str_eq(json_text(reply.json, "code"), "ORIGIN_NOT_ALLOWED");
        }
    }
    (void)snprintf(own, sizeof(own), "Origin: http://127.0.0.1:%d", gateway.port);
    AUTO_REPLY screen = instance_call(&(struct call){.path = SIGN_IN, .body = ALICE, .header = own});
    cr_expect_eq(screen.status, 200, "%ld %s", screen.status, screen.body.data);
    end(&gateway);
}

Test(gateway_sign_in, nobody_else_is_signed_in, .timeout = 60)
{
    static const struct {
        const char *body, *type;
        long status;
        const char *code;
    } cases[] = {
        {"{\"subject\":\"mallory\"}", NULL, 422, "VALIDATION_FAILED"},
        {"{\"subject\":\"alice:trader\"}", NULL, 422, "VALIDATION_FAILED"},
        {"{\"subject\":\"\"}", NULL, 422, "VALIDATION_FAILED"},
        {"{\"subject\":7}", NULL, 422, "VALIDATION_FAILED"},
        {"{\"subject\":\"alice\",\"role\":\"operations\"}", NULL, 422, "VALIDATION_FAILED"},
        {"{}", NULL, 422, "VALIDATION_FAILED"},
        {"{\"subject\":\"alice\"", NULL, 400, "MALFORMED_JSON"},
        {ALICE, "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"}, /* as a form of any page may send it */
    };
    struct gateway_world gateway;

    begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_REPLY reply =
            instance_call(&(struct call){.path = SIGN_IN, .body = cases[i].body, .type = cases[i].type});
        cr_expect_eq(reply.status, cases[i].status, "%s: %ld %s", cases[i].body, reply.status,
                     reply.body.data);
        cr_expect_str_eq(json_text(reply.json, "code"), cases[i].code, "%s", cases[i].body);
        cr_expect_str_eq(json_text(reply.json, "token"), "", "%s", cases[i].body);
    }
    end(&gateway);
}

/* As any other path that is not there, whatever is asked. */
Test(gateway_sign_in, a_gateway_without_the_keys_knows_no_such_path, .timeout = 60)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "OPTIONS", "DELETE"};
    struct gateway_world gateway;

    begin(&gateway);
    cr_assert_eq(gateway_stop(&gateway), 0);
    cr_assert_eq(unsetenv("OXE_DEVELOPMENT_KEYS"), 0);
    gateway_start(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        const char *body = strcmp(methods[i], "POST") == 0 ? ALICE : NULL;
        AUTO_REPLY there = instance_call(
            &(struct call){.method = methods[i], .path = SIGN_IN, .body = body, .header = "X-Request-Id: r"});
        AUTO_REPLY nowhere = instance_call(&(struct call){
            .method = methods[i], .path = "/dev/nothing", .body = body, .header = "X-Request-Id: r"});
        cr_expect_eq(there.status, 404, "%s: %ld", methods[i], there.status);
        cr_expect_eq(nowhere.status, 404, "%s: %ld", methods[i], nowhere.status);
        cr_expect_str_eq(there.body.length > 0 ? there.body.data : "",
                         nowhere.body.length > 0 ? nowhere.body.data : "");
        cr_expect_str_eq(reply_header(&there, "Allow"), "");
    }
    end(&gateway);
}

Test(gateway_sign_in, a_gateway_that_others_reach_or_that_has_an_identity_provider_does_not_start,
     .timeout = 60)
{
    static const struct {
        const char *environment, *said;
    } cases[] = {
        {"OXE_GATEWAY_LISTEN=127.0.0.1:8080", ""},
        {"OXE_GATEWAY_LISTEN=[::1]:8080", ""},
        {"OXE_GATEWAY_LISTEN=0.0.0.0:8080 OXE_DEVELOPMENT_REACH=published-on-loopback", ""},
        {"OXE_GATEWAY_LISTEN=0.0.0.0:8080", "OXE_DEVELOPMENT_KEYS needs an OXE_GATEWAY_LISTEN of 127.0.0.1"},
        {"OXE_GATEWAY_LISTEN=[::]:8080", "OXE_DEVELOPMENT_KEYS needs an OXE_GATEWAY_LISTEN of 127.0.0.1"},
        {"OXE_GATEWAY_LISTEN=192.168.7.7:8080",
         "OXE_DEVELOPMENT_KEYS needs an OXE_GATEWAY_LISTEN of 127.0.0.1"},
        {"OXE_GATEWAY_LISTEN=0.0.0.0:8080 OXE_DEVELOPMENT_REACH=anywhere", "OXE_DEVELOPMENT_REACH: "},
        {"OXE_JWKS=https://clerk.example.com/.well-known/jwks.json",
         "goes neither with an OXE_JWKS that is a URL"},
        {"OXE_JWKS=http://127.0.0.1:1/jwks.json", "goes neither with an OXE_JWKS that is a URL"},
        {"OXE_WEB_IDENTITY_ORIGINS=https://clerk.example.com", "nor with OXE_WEB_IDENTITY_ORIGINS"},
        {"OXE_JWT_ISSUER=https://clerk.example.com", "needs OXE_JWT_ISSUER=oxe-development"},
        {"OXE_JWT_ISSUER=any", "needs OXE_JWT_ISSUER=oxe-development"},
        {"OXE_DEVELOPMENT_PEOPLE=alice", "OXE_DEVELOPMENT_PEOPLE are"},
        {"OXE_DEVELOPMENT_PEOPLE=alice:root", "OXE_DEVELOPMENT_PEOPLE are"},
        {"OXE_DEVELOPMENT_PEOPLE=", "OXE_DEVELOPMENT_PEOPLE: "},
        {"OXE_WEB_IDENTITY_ORIGINS=https://a/b OXE_DEVELOPMENT_KEYS=",
         "OXE_WEB_IDENTITY_ORIGINS are origins"},
    };
    struct gateway_world gateway;

    begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char line[512];
        int status;
        (void)snprintf(line, sizeof(line), "env %s \"$OXE_GATEWAY_BINARY\" --check 2>&1",
                       cases[i].environment);
        AUTO_TEXT said = instance_run((const char *const[]){"sh", "-c", line, NULL}, &status);
        cr_expect_eq(status == 0, cases[i].said[0] == '\0', "%s: %d %s", cases[i].environment, status, said);
        cr_expect_not_null(strstr(said, cases[i].said), "%s: %s", cases[i].environment, said);
    }
    /* Keys that are not there stop it as well: a sign-in that cannot sign helps nobody. */
    int status;
    cr_assert_eq(gateway_stop(&gateway), 0);
    AUTO_TEXT said = instance_run(
        (const char *const[]){"sh", "-c",
                              "OXE_DEVELOPMENT_KEYS=/nowhere timeout 20 \"$OXE_GATEWAY_BINARY\" 2>&1", NULL},
        &status);
    cr_expect_neq(status, 0);
    cr_expect_not_null(strstr(said, "development_keys_not_loaded"), "%s", said);
    end(&gateway);
}
