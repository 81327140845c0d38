/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit keygen, audit verifier: the Ed25519 keys that sign checkpoints of the audit log. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "common/cleanup.h"
#include "proto/note.h"
#include "services/oxectl/oxectl.h"

int audit_key_print(const struct context *context, const struct args *args)
{
    const char *path = args->operands[0], *name = args->operands[1];
    enum note_kind kind = args_has(args, "--witness") ? NOTE_COSIGNATURE : NOTE_ED25519;
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char text[NOTE_KEY_TEXT_MAX];
    int r = note_signer_load(path, name, kind, &signer);

    if (r == -EINVAL)
        return trouble("%s is no name for a key: it has no blanks and no '+'", name);
    if (r == -EBADMSG)
        return trouble("%s holds no Ed25519 private key", path);
    if (r == -EACCES)
        return trouble("%s must be readable for its owner and its group alone", path);
    if (r < 0)
        return trouble("cannot read %s: %s", path, strerror(-r));
    note_key_format(note_signer_key(signer), text);
    (void)puts(text);
    return 0;
}

int audit_key_make(const struct context *context, const struct args *args)
{
    const char *path = args->operands[0], *name = args->operands[1];

    if (!note_name_is_valid(name, strlen(name)))
        return trouble("%s is no name for a key: it has no blanks and no '+'", name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return trouble(errno == EEXIST ? "%s exists already: checkpoints that it signed need it"
                                       : "cannot write %s",
                       path);
    FILE *file = fdopen(fd, "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    bool written = file != NULL && key != NULL &&
                   PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fflush(file) == 0 &&
                   fsync(fd) == 0;
    EVP_PKEY_free(key);
    if (file != NULL)
        (void)fclose(file);
    else
        (void)close(fd);
    if (!written) {
        (void)unlink(path);
        return trouble("cannot write %s", path);
    }
    return audit_key_print(context, args);
}
