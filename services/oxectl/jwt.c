/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl jwt: what the gateway's own verification makes of tokens, for conformance suites and for people
 * whose token is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/jwt.h"
#include "services/oxectl/tlog.h"

struct judge {
    const char *issuer;
    struct config_list audience, parties;
};

static void set_only(struct config_list *list, const char *text)
{
    list->items[0] = text;
    list->count = text == NULL ? 0 : 1;
}

/* A set of keys that the gateway would take none of is no fault of the tokens: each is then told so. */
static int read_keys(const char *path, struct jwks **ret_jwks)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    int status = tlog_read_file(path, JWKS_TEXT_MAX, "JWKS", &text);
    if (status != 0)
        return status;
    if (jwks_parse(text.data, text.length, ret_jwks) < 0)
        return trouble("%s is no JWKS", path);
    if (jwks_count(*ret_jwks) == 0)
        (void)fprintf(stderr, "oxectl: %s holds no key that the gateway would use\n", path);
    return 0;
}

/* With an issuer, an audience or a party a line is a token for the gateway; without, any signed text. As
 * there, who checks parties alone is nobody's audience. */
static enum jwt_fault verify(const struct judge *judge, const struct jwks *jwks, const char *token,
                             size_t length)
{
    bool audience = judge->audience.count > 0, parties = judge->parties.count > 0;
    struct jwt_policy policy = {.issuer = judge->issuer,
                                .audience = audience || parties ? &judge->audience : NULL,
                                .parties = &judge->parties};
    struct jwt_claims claims;
    if (judge->issuer == NULL && !audience && !parties)
        return jwt_verify_signature(jwks, token, length, clock_now());
    return jwt_verify(jwks, &policy, token, length, clock_now(), &claims);
}

int jwt_run(const struct context *context, const struct args *args)
{
    struct judge judge = {.issuer = args_text(args, "--issuer")};
    CLEANUP(jwks_destroy) struct jwks *jwks = NULL;
    CLEANUP_FREE char *line = NULL;
    size_t capacity = 0;
    set_only(&judge.audience, args_text(args, "--audience"));
    set_only(&judge.parties, args_text(args, "--authorized-party"));
    int status = read_keys(args->operands[0], &jwks);
    /* A line's verdict does not wait for the next one: whoever asks may be waiting for it. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (ssize_t length; status == 0 && (length = getline(&line, &capacity, stdin)) >= 0;) {
        if (length > 0 && line[length - 1] == '\n')
            length--;
        enum jwt_fault fault = verify(&judge, jwks, line, (size_t)length);
        (void)puts(fault == JWT_VALID ? "ok" : jwt_fault_text(fault));
    }
    return status == 0 && ferror(stdin) != 0 ? trouble("cannot read standard input") : status;
}
