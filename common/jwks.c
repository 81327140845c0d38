/* SPDX-License-Identifier: Apache-2.0 */
#include "common/jwks.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64url.h"
#include "common/cleanup.h"

enum { RSA_BITS_MIN = 2048 };

struct jwks {
    size_t count;
    struct jwks_key keys[JWKS_KEYS_MAX];
};

static bool text_is(const json_t *object, const char *name, const char *expected)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL && strcmp(text, expected) == 0;
}

/* Absent, or exactly that. */
static bool may_be(const json_t *object, const char *name, const char *expected)
{
    return json_object_get(object, name) == NULL || text_is(object, name, expected);
}

/* A member that holds bytes. */
static bool has_bytes(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);

    return json_is_string(member) &&
           base64url_is_valid(json_string_value(member), json_string_length(member));
}

/* Absent, or a list with "verify" in it. */
static bool may_verify(const json_t *object)
{
    const json_t *operations = json_object_get(object, "key_ops"), *operation;
    size_t i;

    json_array_foreach(operations, i, operation)
    {
        if (json_is_string(operation) && strcmp(json_string_value(operation), "verify") == 0)
            return true;
    }
    return operations == NULL;
}

static const char *pinned_algorithm(const json_t *object)
{
    const char *algorithm = NULL;

    if (text_is(object, "kty", "RSA") && has_bytes(object, "n") && has_bytes(object, "e"))
        algorithm = "RS256";
    else if (text_is(object, "kty", "EC") && text_is(object, "crv", "P-256") && has_bytes(object, "x") &&
             has_bytes(object, "y"))
        algorithm = "ES256";
    if (algorithm == NULL || !may_be(object, "use", "sig") || !may_be(object, "alg", algorithm) ||
        !may_verify(object))
        return NULL;
    return algorithm;
}

/* SHA-256 of the key as cjose writes it: kid, type and public numbers, always in one order. */
static bool write_print(const cjose_jwk_t *jwk, uint8_t ret_print[static JWKS_PRINT_BYTES])
{
    cjose_err error;
    unsigned int length = 0;
    char *text = cjose_jwk_to_json(jwk, false, &error);

    bool made = text != NULL && EVP_Digest(text, strlen(text), ret_print, &length, EVP_sha256(), NULL) == 1;
    cjose_get_dealloc()(text);
    return made && length == JWKS_PRINT_BYTES;
}

static void take_key(struct jwks *jwks, json_t *object)
{
    const char *kid = json_string_value(json_object_get(object, "kid"));
    const char *algorithm = pinned_algorithm(object);
    cjose_err error;

    if (jwks->count == JWKS_KEYS_MAX || kid == NULL || *kid == '\0' || strlen(kid) >= JWKS_KID_MAX ||
        algorithm == NULL || jwks_find(jwks, kid) != NULL)
        return;
    /* A private half has no business here, and would be read. */
    static const char *const private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth"};
    for (size_t i = 0; i < ARRAY_LEN(private_members); i++)
        (void)json_object_del(object, private_members[i]);
    cjose_jwk_t *jwk = cjose_jwk_import_json((cjose_header_t *)object, &error);
    if (jwk == NULL)
        return;
    struct jwks_key *key = &jwks->keys[jwks->count];
    bool is_short = cjose_jwk_get_kty(jwk, &error) == CJOSE_JWK_KTY_RSA &&
                    cjose_jwk_get_keysize(jwk, &error) < RSA_BITS_MIN;
    if (is_short || !write_print(jwk, key->print)) {
        cjose_jwk_release(jwk);
        return;
    }
    jwks->count++;
    memcpy(key->kid, kid, strlen(kid) + 1);
    key->algorithm = algorithm;
    key->jwk = jwk;
}

int jwks_parse(const char *json, size_t length, struct jwks **ret_jwks)
{
    json_auto_t *root = NULL;
    json_t *object;
    size_t i;

    if (length > JWKS_TEXT_MAX)
        return -EINVAL;
    root = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
    json_t *keys = json_object_get(root, "keys");
    if (!json_is_array(keys))
        return -EINVAL;
    struct jwks *jwks = calloc(1, sizeof(*jwks));
    if (jwks == NULL)
        return -ENOMEM;
    json_array_foreach(keys, i, object)
    {
        take_key(jwks, object);
    }
    *ret_jwks = jwks;
    return 0;
}

void jwks_destroy(struct jwks **jwks)
{
    if (*jwks == NULL)
        return;
    for (size_t i = 0; i < (*jwks)->count; i++)
        cjose_jwk_release((*jwks)->keys[i].jwk);
    free(*jwks);
    *jwks = NULL;
}

const struct jwks_key *jwks_find(const struct jwks *jwks, const char *kid)
{
    for (size_t i = 0; jwks != NULL && i < jwks->count; i++) {
        if (strcmp(jwks->keys[i].kid, kid) == 0)
            return &jwks->keys[i];
    }
    return NULL;
}

bool jwks_has(const struct jwks *jwks, const uint8_t print[static JWKS_PRINT_BYTES])
{
    for (size_t i = 0; jwks != NULL && i < jwks->count; i++) {
        if (memcmp(jwks->keys[i].print, print, JWKS_PRINT_BYTES) == 0)
            return true;
    }
    return false;
}

size_t jwks_count(const struct jwks *jwks)
{
    return jwks->count;
}
