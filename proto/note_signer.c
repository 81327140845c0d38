/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/note.h"

enum { SIGNATURE_BYTES = 64 };

struct note_signer {
    EVP_PKEY *secret;
    struct note_key key;
};

/* Takes the secret. */
static int create(EVP_PKEY *secret, const char *name, enum note_kind kind, struct note_signer **ret_signer)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = calloc(1, sizeof(*signer));
    uint8_t key[NOTE_KEY_BYTES];
    size_t length = sizeof(key);

    if (signer == NULL) {
        EVP_PKEY_free(secret);
        return -ENOMEM;
    }
    signer->secret = secret;
    if (secret == NULL || EVP_PKEY_id(secret) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(secret, key, &length) != 1 || length != sizeof(key))
        return -EBADMSG;
    int r = note_key_make(name, kind, key, &signer->key);
    if (r < 0)
        return r;
    *ret_signer = signer;
    signer = NULL;
    return 0;
}

/* Without a passphrase: nobody is there to be asked for one. */
static int no_passphrase(char *text, int max, int writing, void *context)
{
    (void)text, (void)max, (void)writing, (void)context;
    return 0;
}

int note_signer_load(const char *path, const char *name, enum note_kind kind, struct note_signer **ret_signer)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return -errno;
    FILE *file = fdopen(fd, "r");
    if (file == NULL) {
        int r = -errno;
        (void)close(fd);
        return r;
    }
    int r = fstat(fd, &stat) < 0 ? -errno : !S_ISREG(stat.st_mode) ? -EBADMSG : 0;
    if (r == 0 && (stat.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
        r = -EACCES;
    if (r == 0)
        r = create(PEM_read_PrivateKey(file, NULL, no_passphrase, NULL), name, kind, ret_signer);
    (void)fclose(file);
    return r;
}

void note_signer_destroy(struct note_signer **signer)
{
    if (*signer == NULL)
        return;
    EVP_PKEY_free((*signer)->secret);
    free(*signer);
    *signer = NULL;
}

const struct note_key *note_signer_key(const struct note_signer *signer)
{
    return &signer->key;
}

static int sign_bytes(const struct note_signer *signer, const char *text, size_t length,
                      uint8_t ret_signature[static SIGNATURE_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = SIGNATURE_BYTES;
    int r = context != NULL ? 0 : -ENOMEM;

    if (r == 0 && (EVP_DigestSignInit(context, NULL, NULL, NULL, signer->secret) != 1 ||
                   EVP_DigestSign(context, ret_signature, &size, (const uint8_t *)text, length) != 1))
        r = -EIO;
    EVP_MD_CTX_free(context);
    return r;
}

int note_sign(const struct note_signer *signer, const char *text, size_t length, uint64_t time_s,
              struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer signed_text = BUFFER_INIT(0);
    bool timed = signer->key.kind == NOTE_COSIGNATURE;
    uint8_t value[4 + 8 + SIGNATURE_BYTES];
    size_t at = 0;

    if (timed)
        buffer_append_format(&signed_text, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    buffer_append(&signed_text, text, length);
    if (buffer_failed(&signed_text))
        return signed_text.error;
    for (int shift = 24; shift >= 0; shift -= 8)
        value[at++] = (uint8_t)(signer->key.id >> shift);
    for (int shift = 56; timed && shift >= 0; shift -= 8)
        value[at++] = (uint8_t)(time_s >> shift);
    int r = sign_bytes(signer, signed_text.data, signed_text.length, value + at);
    if (r < 0)
        return r;
    buffer_append_format(out, "\xe2\x80\x94 %s ", signer->key.name);
    base64_append(out, value, at + SIGNATURE_BYTES);
    buffer_append_char(out, '\n');
    return out->error;
}
