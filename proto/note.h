/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes (C2SP signed-note): a text, an empty line, and signature lines; with the keys that verify and
 * make them. Two kinds of key: a log's Ed25519, and a witness' Ed25519 cosignature of a checkpoint (C2SP
 * tlog-cosignature, version 1), which says when.
 *
 * Nothing of a note is to be believed before note_verify has returned 0 for a key that is trusted. */
#ifndef OXE_PROTO_NOTE_H
#define OXE_PROTO_NOTE_H

#include <stdint.h>

#include "common/buffer.h"

enum {
    NOTE_NAME_MAX = 128,       /* of a key, with NUL */
    NOTE_TEXT_MAX = 64 * 1024, /* of a whole note */
    NOTE_SIGNATURES_MAX = 64,
    NOTE_KEY_BYTES = 32,                                 /* of a public key */
    NOTE_KEY_TEXT_MAX = NOTE_NAME_MAX + 1 + 8 + 1 + 48,  /* "NAME+01234567+BASE64" */
    NOTE_LINE_MAX = 3 + 1 + NOTE_NAME_MAX + 1 + 104 + 1, /* of a signature that this code makes */
};

enum note_kind { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

/* What verifies: a name and a public key. */
struct note_key {
    char name[NOTE_NAME_MAX];
    enum note_kind kind;
    uint32_t id;
    uint8_t key[NOTE_KEY_BYTES];
};

/* Not empty, UTF-8 without controls, spaces and '+'. */
bool note_name_is_valid(const char *name, size_t length);

/* -EINVAL: the name cannot be one. -ENOMEM. */
int note_key_make(const char *name, enum note_kind kind, const uint8_t key[static NOTE_KEY_BYTES],
                  struct note_key *ret_key);
/* The text of a verifier key. -EINVAL: it is not a key, or its id is not that of its name and key. */
int note_key_parse(const char *text, size_t length, struct note_key *ret_key);
void note_key_format(const struct note_key *key, char ret_text[static NOTE_KEY_TEXT_MAX]);

/* Reads verifier keys, one a line; empty lines and those that begin with '#' are passed over. *ret_line: the
 * line that is no key of this kind (-EINVAL), or one too many (-ENOBUFS). */
int note_keys_parse(const char *text, size_t length, enum note_kind kind, size_t max,
                    struct note_key *ret_keys, size_t *ret_count, size_t *ret_line);

/* Points into the note's bytes. */
struct note_signature {
    const char *line; /* with its LF */
    size_t line_length;
    const char *name;
    size_t name_length;
    uint32_t id;
    const char *value; /* base64 of id and signature */
    size_t value_length;
};

struct note {
    const char *text; /* with its last LF */
    size_t text_length;
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
    size_t count;
};

/* Borrows bytes. -EBADMSG: they are no note, or have more of something than is read here. */
int note_parse(const char *bytes, size_t length, struct note *ret_note);
/* Signature lines alone, as a witness answers: *ret_note has no text. */
int note_parse_lines(const char *bytes, size_t length, struct note *ret_note);

/* Whether the key has signed `text`, by one of the note's lines: 0 with *ret_at, its place among them, and
 * *ret_time_s, the time of a cosignature (else 0); -ENOENT: no line is the key's; -EBADMSG: one is, and is
 * wrong. Both may be NULL. */
int note_verify(const struct note *note, const struct note_key *key, size_t *ret_at, uint64_t *ret_time_s);

/* --- what signs --- */

struct note_signer;

/* path: a PEM file with an Ed25519 private key (PKCS #8), as `openssl genpkey -algorithm ed25519` writes it.
 * -errno when it cannot be read; -EACCES also when others than its owner and its group may; -EBADMSG: it is
 * none; -EINVAL: the name. */
int note_signer_load(const char *path, const char *name, enum note_kind kind,
                     struct note_signer **ret_signer);
void note_signer_destroy(struct note_signer **signer);
const struct note_key *note_signer_key(const struct note_signer *signer);
/* Appends the signature line of a text; time_s is that of a cosignature. -EIO: it cannot be signed; -ENOBUFS,
 * -ENOMEM. */
int note_sign(const struct note_signer *signer, const char *text, size_t length, uint64_t time_s,
              struct buffer *out);

#endif
