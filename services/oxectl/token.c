/* Development tokens: an ES256 key with its JWKS, and JWTs signed by it. For development and tests only: in
 * production tokens come from the identity provider, and this key is not among the gateway's. */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjose/cjose.h>
#include <jansson.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/uuid.h"

enum { PATH_MAX_LENGTH = 1024, TTL_DEFAULT_SECONDS = 86400, TOKENS_MAX = 1000000 };

static const char issuer_name[] = "oxe-development", audience[] = "oxe";
static const char private_file[] = "issuer.json", public_file[] = "jwks.json";

/* Writes the whole file under a temporary name and renames it, so that a reader never sees half of it. */
static int write_file(const char *directory, const char *name, mode_t mode, const char *text)
{
    char path[PATH_MAX_LENGTH], temporary[PATH_MAX_LENGTH + 8];
    if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
        return usage_error("the directory's name is too long");
    (void)snprintf(temporary, sizeof(temporary), "%s.new", path);
    CLEANUP_CLOSE int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    size_t length = strlen(text);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length || fsync(fd) != 0 ||
        rename(temporary, path) != 0)
        return trouble("cannot write %s: %s", path, strerror(errno));
    return 0;
}

static cjose_jwk_t *key_make(void)
{
    cjose_err error;
    struct uuid_source source = {0};
    char kid[UUID_TEXT_MAX];
    uuid_format(uuid_next(&source, clock_now()), kid);
    cjose_jwk_t *key = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
    if (key != NULL && !cjose_jwk_set_kid(key, kid, strlen(kid), &error)) {
        (void)cjose_jwk_release(key);
        key = NULL;
    }
    return key;
}

/* {"keys":[…]} with alg and use; the caller's to free. */
static char *jwks_text(const cjose_jwk_t *key)
{
    cjose_err error;
    char *text = cjose_jwk_to_json(key, false, &error);
    json_t *member = text == NULL ? NULL : json_loads(text, 0, NULL);
    cjose_get_dealloc()(text);
    if (member == NULL)
        return NULL;
    (void)json_object_set_new(member, "alg", json_string("ES256"));
    (void)json_object_set_new(member, "use", json_string("sig"));
    json_t *set = json_pack("{s:[o]}", "keys", member);
    char *result = json_dumps(set, JSON_INDENT(2));
    json_decref(set);
    return result;
}

int issuer_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    if (argc != 2)
        return usage_error("issuer takes a directory");
    const char *directory = argv[1];
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return trouble("cannot make %s: %s", directory, strerror(errno));
    char path[PATH_MAX_LENGTH];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, private_file);
    if (access(path, F_OK) == 0)
        return trouble("%s exists already: tokens signed by it would become worthless", path);
    cjose_err error;
    cjose_jwk_t *key = key_make();
    char *private_text = key == NULL ? NULL : cjose_jwk_to_json(key, true, &error);
    char *public_text = key == NULL ? NULL : jwks_text(key);
    int status = private_text == NULL || public_text == NULL ? trouble("cannot make a key") : 0;
    if (status == 0)
        status = write_file(directory, private_file, 0600, private_text);
    if (status == 0)
        status = write_file(directory, public_file, 0644, public_text);
    free(public_text);
    cjose_get_dealloc()(private_text);
    (void)cjose_jwk_release(key);
    return status;
}

static int key_load(const char *directory, cjose_jwk_t **ret_key)
{
    char path[PATH_MAX_LENGTH], text[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, private_file);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return trouble("cannot read %s: %s ('oxectl issuer' makes it)", path, strerror(errno));
    size_t length = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    cjose_err error;
    cjose_jwk_t *key = cjose_jwk_import(text, length, &error);
    if (key == NULL)
        return trouble("%s holds no key: %s", path, error.message);
    *ret_key = key;
    return 0;
}

static int token_print(cjose_jwk_t *key, const char *subject, const char *role, int64_t ttl_seconds)
{
    cjose_err error;
    int64_t now = clock_now().us / 1000000;
    json_t *claims = json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", issuer_name, "aud", audience, "sub",
                               subject, "iat", (json_int_t)now, "exp", (json_int_t)(now + ttl_seconds));
    if (role != NULL)
        (void)json_object_set_new(claims, "oxe_role", json_string(role));
    char *payload = json_dumps(claims, JSON_COMPACT);
    json_decref(claims);
    cjose_header_t *header = cjose_header_new(&error);
    bool ok = payload != NULL && header != NULL &&
              cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error) &&
              cjose_header_set(header, CJOSE_HDR_KID, cjose_jwk_get_kid(key, &error), &error);
    cjose_jws_t *jws =
        ok ? cjose_jws_sign(key, header, (const uint8_t *)payload, strlen(payload), &error) : NULL;
    const char *text = NULL;
    ok = jws != NULL && cjose_jws_export(jws, &text, &error);
    if (ok)
        (void)printf("%s\n", text);
    if (jws != NULL)
        (void)cjose_jws_release(jws);
    cjose_header_release(header);
    free(payload);
    return ok ? 0 : trouble("signing failed: %s", error.message);
}

struct token_options {
    const char *keys, *role;
    int64_t ttl_seconds, count;
};

static bool number_parse(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static int token_parse(int argc, char **argv, struct token_options *ret_options)
{
    static const struct option options[] = {
        {"keys", required_argument, NULL, 'k'},
        {"role", required_argument, NULL, 'r'},
        {"ttl", required_argument, NULL, 't'},
        {"count", required_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
    };
    struct token_options result = {.ttl_seconds = TTL_DEFAULT_SECONDS, .count = -1};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        bool valid = true;
        switch (option) {
        case 'k':
            result.keys = optarg;
            break;
        case 'r':
            result.role = optarg;
            valid = strcmp(optarg, "trader") == 0 || strcmp(optarg, "compliance") == 0 ||
                    strcmp(optarg, "operations") == 0;
            break;
        case 't':
            valid = number_parse(optarg, -86400, 366 * 86400, &result.ttl_seconds);
            break;
        case 'c':
            valid = number_parse(optarg, 1, TOKENS_MAX, &result.count);
            break;
        default:
            return EXIT_USAGE;
        }
        if (!valid)
            return usage_error("token: '%s' is no possible value", optarg);
    }
    if (result.keys == NULL)
        return usage_error("token needs --keys DIRECTORY");
    if (argc - optind != 1 || strlen(argv[optind]) == 0 || strlen(argv[optind]) > 100)
        return usage_error("token takes one NAME of at most 100 characters");
    *ret_options = result;
    return 0;
}

int token_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    struct token_options options = {0};
    int status = token_parse(argc, argv, &options);
    if (status != 0)
        return status;
    cjose_jwk_t *key = NULL;
    status = key_load(options.keys, &key);
    if (status == 0 && options.count < 0)
        status = token_print(key, argv[optind], options.role, options.ttl_seconds);
    for (int64_t i = 0; status == 0 && i < options.count; i++) {
        char subject[128];
        (void)snprintf(subject, sizeof(subject), "%s%lld", argv[optind], (long long)i);
        status = token_print(key, subject, options.role, options.ttl_seconds);
    }
    if (key != NULL)
        (void)cjose_jwk_release(key);
    return status;
}
