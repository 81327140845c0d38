/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/audit_key.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

enum { PATH_BYTES = 256 };

void audit_key_write(const char *directory, const char *name, uint8_t seed)
{
    char path[PATH_BYTES];
    uint8_t secret[32];

    memset(secret, seed, sizeof(secret));
    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof(secret));
    FILE *file = fopen(path, "we");
    cr_assert(file != NULL && key != NULL, "%s: %m", path);
    cr_assert_eq(fchmod(fileno(file), 0600), 0);
    cr_assert_eq(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    cr_assert_eq(fclose(file), 0);
    EVP_PKEY_free(key);
}

void audit_key_set(const char *directory)
{
    char path[PATH_BYTES];

    audit_key_write(directory, "audit.key", 1);
    (void)snprintf(path, sizeof(path), "%s/audit.key", directory);
    cr_assert_eq(setenv("OXE_AUDIT_KEY", path, 1), 0);
    cr_assert_eq(setenv("OXE_AUDIT_ORIGIN", AUDIT_KEY_ORIGIN, 1), 0);
}
