/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/note.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/utf8.h"
#include "proto/base64.h"

enum {
    SIGNATURE_BYTES = 64, /* of Ed25519 */
    ID_BYTES = 4,
    VALUE_MAX = ID_BYTES + 8 + SIGNATURE_BYTES, /* of the kinds that are verified here */
    COSIGNED_HEAD_MAX = 64,
};

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */

/* Unicode's White_Space beyond ASCII. */
static bool is_wide_space(const char *at, size_t length)
{
    static const char *const spaces[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                                         "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

    for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
        if (length >= strlen(spaces[i]) && memcmp(at, spaces[i], strlen(spaces[i])) == 0)
            return true;
    }
    return length >= 3 && memcmp(at, "\xe2\x80", 2) == 0 && (uint8_t)at[2] >= 0x80 && (uint8_t)at[2] <= 0x8a;
}

bool note_name_is_valid(const char *name, size_t length)
{
    if (length == 0 || !utf8_is_text(name, length))
        return false;
    for (size_t i = 0; i < length; i++) {
        if ((uint8_t)name[i] <= ' ' || name[i] == 0x7f || name[i] == '+' ||
            is_wide_space(name + i, length - i))
            return false;
    }
    return true;
}

int note_key_make(const char *name, enum note_kind kind, const uint8_t key[static NOTE_KEY_BYTES],
                  struct note_key *ret_key)
{
    uint8_t input[NOTE_NAME_MAX + 2 + NOTE_KEY_BYTES], hash[32];
    size_t length = strlen(name);

    if (length >= NOTE_NAME_MAX || !note_name_is_valid(name, length))
        return -EINVAL;
    memcpy(input, name, length);
    input[length] = '\n';
    input[length + 1] = (uint8_t)kind;
    memcpy(input + length + 2, key, NOTE_KEY_BYTES);
    if (EVP_Digest(input, length + 2 + NOTE_KEY_BYTES, hash, NULL, EVP_sha256(), NULL) != 1)
        return -ENOMEM;
    *ret_key = (struct note_key){.kind = kind};
    memcpy(ret_key->name, name, length + 1);
    memcpy(ret_key->key, key, NOTE_KEY_BYTES);
    ret_key->id = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return 0;
}

void note_key_format(const struct note_key *key, char ret_text[static NOTE_KEY_TEXT_MAX])
{
    struct buffer text = BUFFER_INIT(NOTE_KEY_TEXT_MAX);
    uint8_t typed[1 + NOTE_KEY_BYTES] = {(uint8_t)key->kind};

    memcpy(typed + 1, key->key, NOTE_KEY_BYTES);
    buffer_append_format(&text, "%s+%08" PRIx32 "+", key->name, key->id);
    base64_append(&text, typed, sizeof(typed));
    (void)snprintf(ret_text, NOTE_KEY_TEXT_MAX, "%s", buffer_failed(&text) ? "" : text.data);
    buffer_release(&text);
}

int note_key_parse(const char *text, size_t length, struct note_key *ret_key)
{
    uint8_t typed[1 + NOTE_KEY_BYTES];
    char name[NOTE_NAME_MAX], again[NOTE_KEY_TEXT_MAX];
    const char *plus = memchr(text, '+', length);
    size_t name_length = plus == NULL ? 0 : (size_t)(plus - text), typed_length = 0;
    struct note_key key;

    if (plus == NULL || name_length >= sizeof(name) || length - name_length < 10 || plus[9] != '+')
        return -EINVAL;
    memcpy(name, text, name_length);
    name[name_length] = '\0';
    if (base64_decode(plus + 10, length - name_length - 10, typed, sizeof(typed), &typed_length) < 0 ||
        typed_length != sizeof(typed) || strlen(name) != name_length)
        return -EINVAL;
    if (typed[0] != NOTE_ED25519 && typed[0] != NOTE_COSIGNATURE)
        return -EINVAL;
    int r = note_key_make(name, typed[0], typed + 1, &key);
    if (r < 0)
        return r;
    note_key_format(&key, again);
    if (strlen(again) != length || memcmp(again, text, length) != 0)
        return -EINVAL;
    *ret_key = key;
    return 0;
}

int note_keys_parse(const char *text, size_t length, enum note_kind kind, size_t max,
                    struct note_key *ret_keys, size_t *ret_count, size_t *ret_line)
{
    const char *end = text + length;
    size_t count = 0;

    *ret_line = 0;
    for (const char *at = text; at < end;) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t line = (size_t)((lf == NULL ? end : lf) - at);
        ++*ret_line;
        if (line > 0 && *at != '#') {
            if (count == max)
                return -ENOBUFS;
            if (note_key_parse(at, line, &ret_keys[count]) < 0 || ret_keys[count].kind != kind)
                return -EINVAL;
            count++;
        }
        at = lf == NULL ? end : lf + 1;
    }
    *ret_count = count;
    return 0;
}

/* One signature line. The value may be of any kind; what is read here of it is the key's id. */
static int parse_line(const char *line, size_t length, struct note_signature *ret_signature)
{
    const char *name = line + strlen(dash), *end = line + length - 1; /* at its LF */
    uint8_t id[6];
    size_t decoded;

    if (length <= strlen(dash) || memcmp(line, dash, strlen(dash)) != 0)
        return -EBADMSG;
    const char *space = memchr(name, ' ', (size_t)(end - name));
    if (space == NULL || !note_name_is_valid(name, (size_t)(space - name)))
        return -EBADMSG;
    const char *value = space + 1;
    size_t value_length = (size_t)(end - value);
    /* The id and at least one byte behind it, so two groups of four characters at least. */
    if (value_length < 8 || base64_decode(value, 8, id, sizeof(id), &decoded) < 0 || decoded <= ID_BYTES)
        return -EBADMSG;
    *ret_signature = (struct note_signature){
        .line = line,
        .line_length = length,
        .name = name,
        .name_length = (size_t)(space - name),
        .id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3],
        .value = value,
        .value_length = value_length,
    };
    return 0;
}

static bool is_clean(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((uint8_t)bytes[i] < ' ' && bytes[i] != '\n')
            return false;
    }
    return utf8_is_text(bytes, length);
}

int note_parse_lines(const char *bytes, size_t length, struct note *ret_note)
{
    struct note note = {0};

    if (length == 0 || length > NOTE_TEXT_MAX || bytes[length - 1] != '\n' || !is_clean(bytes, length))
        return -EBADMSG;
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        size_t line = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
        if (note.count == NOTE_SIGNATURES_MAX || parse_line(at, line, &note.signatures[note.count]) < 0)
            return -EBADMSG;
        note.count++;
        at += line;
    }
    *ret_note = note;
    return 0;
}

int note_parse(const char *bytes, size_t length, struct note *ret_note)
{
    if (length > NOTE_TEXT_MAX || !is_clean(bytes, length))
        return -EBADMSG;
    /* The last empty line parts the text from its signatures. */
    for (size_t i = length; i >= 2; i--) {
        if (bytes[i - 1] != '\n' || bytes[i - 2] != '\n')
            continue;
        int r = note_parse_lines(bytes + i, length - i, ret_note);
        if (r < 0)
            return r;
        ret_note->text = bytes;
        ret_note->text_length = i - 1;
        return 0;
    }
    return -EBADMSG;
}

static bool is_by(const struct note_signature *signature, const struct note_key *key)
{
    return signature->id == key->id && signature->name_length == strlen(key->name) &&
           memcmp(signature->name, key->name, signature->name_length) == 0;
}

static int verify_bytes(const struct note_key *key, const uint8_t *signature, const char *text, size_t length)
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->key, NOTE_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int r = pkey != NULL && context != NULL ? 0 : -ENOMEM;

    if (r == 0 && (EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) != 1 ||
                   EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const uint8_t *)text, length) != 1))
        r = -EBADMSG;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return r;
}

static int verify_cosignature(const struct note_key *key, const uint8_t *value, const struct note *note,
                              uint64_t *ret_time_s)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(NOTE_TEXT_MAX + COSIGNED_HEAD_MAX);
    uint64_t time_s = 0;

    for (size_t i = 0; i < 8; i++)
        time_s = time_s << 8 | value[i];
    if (time_s > INT64_MAX)
        return -EBADMSG;
    buffer_append_format(&text, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    buffer_append(&text, note->text, note->text_length);
    if (buffer_failed(&text))
        return text.error;
    int r = verify_bytes(key, value + 8, text.data, text.length);
    if (r == 0 && ret_time_s != NULL)
        *ret_time_s = time_s;
    return r;
}

int note_verify(const struct note *note, const struct note_key *key, size_t *ret_at, uint64_t *ret_time_s)
{
    uint8_t value[VALUE_MAX];
    bool timed = key->kind == NOTE_COSIGNATURE;
    size_t at = 0, length;

    while (at < note->count && !is_by(&note->signatures[at], key))
        at++;
    if (at == note->count)
        return -ENOENT;
    const struct note_signature *signature = &note->signatures[at];
    if (base64_decode(signature->value, signature->value_length, value, sizeof(value), &length) < 0 ||
        length != (size_t)(ID_BYTES + (timed ? 8 : 0) + SIGNATURE_BYTES))
        return -EBADMSG;
    int r = timed ? verify_cosignature(key, value + ID_BYTES, note, ret_time_s)
                  : verify_bytes(key, value + ID_BYTES, note->text, note->text_length);
    if (r < 0)
        return r;
    if (ret_at != NULL)
        *ret_at = at;
    if (!timed && ret_time_s != NULL)
        *ret_time_s = 0;
    return 0;
}
