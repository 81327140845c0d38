/* oxectl jwt: what the gateway's own verification makes of tokens, for conformance suites and for people
 * whose token is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/jwt.h"
#include "services/oxectl/oxectl.h"

struct judge {
    const char *keys;
    const char *issuer;
    struct config_list audience, parties;
};

static void set_only(struct config_list *list, const char *text)
{
    list->items[0] = text;
    list->count = 1;
}

static int parse(int argc, char **argv, struct judge *judge)
{
    if (argc < 2 || strcmp(argv[1], "verify") != 0)
        return usage_error("jwt is followed by verify");
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--issuer") == 0 && i + 1 < argc) {
            judge->issuer = argv[++i];
        } else if (strcmp(argv[i], "--audience") == 0 && i + 1 < argc) {
            set_only(&judge->audience, argv[++i]);
        } else if (strcmp(argv[i], "--authorized-party") == 0 && i + 1 < argc) {
            set_only(&judge->parties, argv[++i]);
        } else if (argv[i][0] == '-') {
            return usage_error("jwt verify knows no option '%s'", argv[i]);
        } else if (judge->keys != NULL) {
            return usage_error("jwt verify takes one file of keys, not also '%s'", argv[i]);
        } else {
            judge->keys = argv[i];
        }
    }
    return judge->keys != NULL ? 0 : usage_error("jwt verify needs a file of keys, a JWKS");
}

/* A set of keys that the gateway would take none of is no fault of the tokens: each is then told so. */
static int read_keys(const char *path, struct jwks **ret_jwks)
{
    CLEANUP_FREE char *text = malloc(JWKS_TEXT_MAX + 1);
    FILE *file = fopen(path, "re");
    if (file == NULL || text == NULL)
        return trouble("cannot read %s: %s", path, strerror(errno));
    size_t length = fread(text, 1, JWKS_TEXT_MAX + 1, file);
    (void)fclose(file);
    int r = jwks_parse(text, length, ret_jwks);
    if (r == 0 && jwks_count(*ret_jwks) == 0)
        (void)fprintf(stderr, "oxectl: %s holds no key that the gateway would use\n", path);
    return r < 0 ? trouble("%s is no JWKS", path) : 0;
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

int jwt_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    struct judge judge = {.keys = NULL};
    CLEANUP(jwks_destroy) struct jwks *jwks = NULL;
    CLEANUP_FREE char *line = NULL;
    size_t capacity = 0;
    int status = parse(argc, argv, &judge);
    if (status == 0)
        status = read_keys(judge.keys, &jwks);
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
