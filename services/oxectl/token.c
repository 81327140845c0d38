/* SPDX-License-Identifier: Apache-2.0 */
/* Development tokens (common/issuer.h): the folder with the key and its JWKS is made here, and tokens are
 * printed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjose/cjose.h>
#include <jansson.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/issuer.h"
#include "common/uuid.h"
#include "services/oxectl/oxectl.h"

enum { PATH_MAX_LENGTH = 1024, TTL_DEFAULT_SECONDS = 86400, NAME_MAX_LENGTH = 100 };

static const char public_file[] = "jwks.json";

/* Writes the whole file under a temporary name and renames it, so that a reader never sees half of it. */
static int write_file(const char *directory, const char *name, mode_t mode, const char *text)
{
    char path[PATH_MAX_LENGTH], temporary[PATH_MAX_LENGTH + 8];
    if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
        return trouble("the directory's name is too long");
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

int token_make_issuer(const struct context *context, const struct args *args)
{
    const char *directory = args->operands[0];
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return trouble("cannot make %s: %s", directory, strerror(errno));
    char path[PATH_MAX_LENGTH];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, ISSUER_KEY_FILE);
    if (access(path, F_OK) == 0)
        return trouble("%s exists already: tokens signed by it would become worthless", path);
    cjose_err error;
    cjose_jwk_t *key = key_make();
    char *private_text = key == NULL ? NULL : cjose_jwk_to_json(key, true, &error);
    char *public_text = key == NULL ? NULL : jwks_text(key);
    int status = private_text == NULL || public_text == NULL ? trouble("cannot make a key") : 0;
    if (status == 0)
        status = write_file(directory, ISSUER_KEY_FILE, 0600, private_text);
    if (status == 0)
        status = write_file(directory, public_file, 0644, public_text);
    free(public_text);
    cjose_get_dealloc()(private_text);
    (void)cjose_jwk_release(key);
    return status;
}

static int load(const char *directory, struct issuer **ret_issuer)
{
    int r = issuer_load(directory, ret_issuer);
    if (r == -EBADMSG)
        return trouble("%s/%s holds no key", directory, ISSUER_KEY_FILE);
    if (r < 0)
        return trouble("cannot read %s/%s: %s ('oxectl issuer' makes it)", directory, ISSUER_KEY_FILE,
                       strerror(-r));
    return 0;
}

static int sign(const struct issuer *issuer, const char *subject, const char *role, int64_t ttl_seconds,
                char **ret_token)
{
    struct instant now = clock_now(), expires_at = {now.us + ttl_seconds * 1000000};
    return issuer_sign(issuer, subject, role, now, expires_at, ret_token) < 0 ? trouble("signing failed") : 0;
}

int token_make(const char *keys, const char *subject, const char *role, char **ret_token)
{
    CLEANUP(issuer_destroy) struct issuer *issuer = NULL;
    int status = load(keys, &issuer);
    return status == 0 ? sign(issuer, subject, role, TTL_DEFAULT_SECONDS, ret_token) : status;
}

static int print_token(const struct issuer *issuer, const char *subject, const struct args *args)
{
    CLEANUP_FREE char *token = NULL;
    int status = sign(issuer, subject, args_text(args, "--role"),
                      args_number(args, "--ttl", TTL_DEFAULT_SECONDS), &token);
    if (status == 0)
        (void)puts(token);
    return status;
}

int token_print(const struct context *context, const struct args *args)
{
    const char *name = args->operands[0];
    int64_t count = args_number(args, "--count", 0);
    CLEANUP(issuer_destroy) struct issuer *issuer = NULL;
    if (strlen(name) == 0 || strlen(name) > NAME_MAX_LENGTH)
        return usage_error(args->command, "a NAME has 1 to %d characters", NAME_MAX_LENGTH);
    int status = load(args_text(args, "--keys"), &issuer);
    if (status == 0 && count == 0)
        status = print_token(issuer, name, args);
    for (int64_t i = 0; status == 0 && i < count; i++) {
        char subject[NAME_MAX_LENGTH + 24];
        (void)snprintf(subject, sizeof(subject), "%s%lld", name, (long long)i);
        status = print_token(issuer, subject, args);
    }
    return status;
}
