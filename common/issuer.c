/* SPDX-License-Identifier: Apache-2.0 */
#include "common/issuer.h"

#include <cjose/cjose.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

enum { PATH_LENGTH_MAX = 1024, KEY_TEXT_MAX = 4096, SECOND_US = 1000000 };

struct issuer {
    cjose_jwk_t *key;
};

int issuer_load(const char *directory, struct issuer **ret_issuer)
{
    char path[PATH_LENGTH_MAX], text[KEY_TEXT_MAX];
    cjose_err error;

    if (snprintf(path, sizeof(path), "%s/%s", directory, ISSUER_KEY_FILE) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    size_t length = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    struct issuer *issuer = calloc(1, sizeof(*issuer));
    if (issuer == NULL)
        return -ENOMEM;
    issuer->key = cjose_jwk_import(text, length, &error);
    if (issuer->key == NULL || cjose_jwk_get_kid(issuer->key, &error) == NULL) {
        issuer_destroy(&issuer);
        return -EBADMSG;
    }
    *ret_issuer = issuer;
    return 0;
}

void issuer_destroy(struct issuer **issuer)
{
    if (*issuer == NULL)
        return;
    (void)cjose_jwk_release((*issuer)->key);
    free(*issuer);
    *issuer = NULL;
}

static char *make_claims(const char *subject, const char *role, struct instant now, struct instant expires_at)
{
    json_t *claims =
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", ISSUER_NAME, "aud", ISSUER_AUDIENCE, "sub", subject,
                  "iat", (json_int_t)(now.us / SECOND_US), "exp", (json_int_t)(expires_at.us / SECOND_US));

    if (role != NULL)
        (void)json_object_set_new(claims, "oxe_role", json_string(role));
    char *text = json_dumps(claims, JSON_COMPACT);
    json_decref(claims);
    return text;
}

int issuer_sign(const struct issuer *issuer, const char *subject, const char *role, struct instant now,
                struct instant expires_at, char **ret_token)
{
    CLEANUP_FREE char *claims = make_claims(subject, role, now, expires_at);
    cjose_err error;
    cjose_header_t *header = cjose_header_new(&error);
    cjose_jws_t *jws = NULL;
    const char *text = NULL;
    char *token = NULL;

    if (claims != NULL && header != NULL &&
        cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error) &&
        cjose_header_set(header, CJOSE_HDR_KID, cjose_jwk_get_kid(issuer->key, &error), &error))
        jws = cjose_jws_sign(issuer->key, header, (const uint8_t *)claims, strlen(claims), &error);
    if (jws != NULL && cjose_jws_export(jws, &text, &error))
        token = strdup(text);
    if (jws != NULL)
        (void)cjose_jws_release(jws);
    cjose_header_release(header);
    if (token == NULL)
        return -EIO;
    *ret_token = token;
    return 0;
}
