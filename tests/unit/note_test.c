/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes, checkpoints and keys: against a note that another implementation made, and against everything
 * that is almost one. */
#include "proto/note.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/checkpoint.h"
#include "tests/support/audit_key.h"

/* Of Go's documentation of its package sumdb/note. */
static const char peter_key[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peter_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEIIEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n"
                                "-----END PRIVATE KEY-----\n";
static const char peter_text[] =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
static const char peter_line[] =
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/* Of a key whose every byte is `seed`. */
static struct note_signer *make_signer(const char *name, enum note_kind kind, uint8_t seed)
{
    struct note_signer *signer = NULL;
    char directory[] = "/tmp/note_test.XXXXXX", path[64];

    cr_assert_not_null(mkdtemp(directory));
    audit_key_write(directory, "key", seed);
    (void)snprintf(path, sizeof(path), "%s/key", directory);
    cr_assert_eq(note_signer_load(path, name, kind, &signer), 0);
    (void)unlink(path);
    (void)rmdir(directory);
    return signer;
}

static int load(const char *content, const char *name, mode_t mode, struct note_signer **ret_signer)
{
    char path[] = "/tmp/note_test.XXXXXX";
    CLEANUP_CLOSE int fd = mkstemp(path);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    cr_assert_eq(fchmod(fd, mode), 0);
    int r = note_signer_load(path, name, NOTE_ED25519, ret_signer);
    (void)unlink(path);
    return r;
}

static void append_note(struct buffer *out, const struct note_signer *signer, const char *text)
{
    buffer_append_format(out, "%s\n", text);
    cr_assert_eq(note_sign(signer, text, strlen(text), 0, out), 0);
}

Test(note, another_implementations_note_verifies_and_is_made_alike)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0), made = BUFFER_INIT(0);
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char text[NOTE_KEY_TEXT_MAX];
    struct note_key key;
    struct note note;
    size_t at = 9;

    cr_assert_eq(note_key_parse(peter_key, strlen(peter_key), &key), 0);
    cr_expect_eq(key.id, 0xc74f20a3);
    buffer_append_format(&bytes, "%s\n%s", peter_text, peter_line);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_assert_eq(note_verify(&note, &key, &at, NULL), 0);
    cr_expect_eq(at, 0);
    cr_assert_eq(load(peter_pem, "PeterNeumann", 0600, &signer), 0);
    note_key_format(note_signer_key(signer), text);
    cr_expect_str_eq(text, peter_key);
    append_note(&made, signer, peter_text);
    cr_expect_str_eq(made.data, bytes.data);
}

Test(note, keys_that_are_none)
{
    static const char *const keys[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", /* another id */
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhRc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", /* another kind */
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        " PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
    };
    struct note_key key;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        cr_expect_eq(note_key_parse(keys[i], strlen(keys[i]), &key), -EINVAL, "%s", keys[i]);
}

Test(note, names)
{
    static const struct {
        const char *name;
        bool valid;
    } cases[] = {
        {"oxe.example/log", true},
        {"größe", true},
        {"", false},
        {"a b", false},
        {"a+b", false},
        {"a\tb", false},
        {"a\nb", false},
        {"a\xc2\xa0"
         "b",
         false},
        {"a\xe2\x80\x83"
         "b",
         false},
        {"a\xe3\x80\x80", false},
        {"a\xff", false},
        {"a\x7f", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(note_name_is_valid(cases[i].name, strlen(cases[i].name)), cases[i].valid, "%s",
                     cases[i].name);
}

Test(note, what_is_almost_a_note)
{
    static const char *const notes[] = {
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\n— a AAAAAAA=",   /* no LF at the end */
        "text\n\n- a AAAAAAAA\n", /* another dash */
        "text\n\n—  AAAAAAAA\n",  /* no name */
        "text\n\n— a AAAA\n",     /* too short for an id and a signature */
        "text\n\n— a AAAAAA==\n",
        "text\n\n— a+b AAAAAAAA\n",
        "text\n\n— a AAAA!AAA\n",
        "te\txt\n\n— a AAAAAAAA\n",
        "te\xff\n\n— a AAAAAAAA\n",
        "text\n\n— a AAAAAAAA\ntext\n",
    };
    struct note note;

    for (size_t i = 0; i < ARRAY_LEN(notes); i++)
        cr_expect_eq(note_parse(notes[i], strlen(notes[i]), &note), -EBADMSG, "%s", notes[i]);
    cr_expect_eq(note_parse("text\n\n— a AAAAAAAA\n", strlen("text\n\n— a AAAAAAAA\n"), &note), 0);
}

Test(note, the_last_empty_line_parts_text_and_signatures)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = make_signer("a", NOTE_ED25519, 1);
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    const char *text = "one\n\n— a AAAAAAAA\n\ntwo\n";
    struct note note;

    append_note(&bytes, signer, text);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(note.text_length, strlen(text));
    cr_expect_eq(note.count, 1);
    cr_expect_eq(note_verify(&note, note_signer_key(signer), NULL, NULL), 0);
}

Test(note, one_key_more_hides_none_and_a_wrong_signature_is_none)
{
    CLEANUP(note_signer_destroy) struct note_signer *a = make_signer("a", NOTE_ED25519, 1);
    CLEANUP(note_signer_destroy) struct note_signer *b = make_signer("b", NOTE_ED25519, 2);
    CLEANUP(note_signer_destroy) struct note_signer *other_a = make_signer("a", NOTE_ED25519, 3);
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct note note;
    size_t at = 0;

    append_note(&bytes, a, "text\n");
    cr_assert_eq(note_sign(b, "text\n", 5, 0, &bytes), 0);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(note_verify(&note, note_signer_key(b), &at, NULL), 0);
    cr_expect_eq(at, 1);
    cr_expect_eq(note_verify(&note, note_signer_key(other_a), NULL, NULL), -ENOENT);
    bytes.data[0] = 'T';
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(note_verify(&note, note_signer_key(a), NULL, NULL), -EBADMSG);
    cr_expect_eq(note_verify(&note, note_signer_key(b), NULL, NULL), -EBADMSG);
}

Test(note, a_cosignature_says_when_and_is_no_other_signature)
{
    CLEANUP(note_signer_destroy) struct note_signer *log = make_signer("log", NOTE_ED25519, 1);
    CLEANUP(note_signer_destroy) struct note_signer *witness = make_signer("w", NOTE_COSIGNATURE, 2);
    CLEANUP(note_signer_destroy) struct note_signer *plain = make_signer("w", NOTE_ED25519, 2);
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    const char *text = "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    const char *cosigned = "cosignature/v1\ntime 1679315147\n"
                           "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    uint64_t time_s = 0;
    struct note note;

    append_note(&bytes, log, text);
    cr_assert_eq(note_sign(witness, text, strlen(text), 1679315147, &bytes), 0);
    cr_assert_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(note_verify(&note, note_signer_key(witness), NULL, &time_s), 0);
    cr_expect_eq(time_s, 1679315147);
    cr_expect_eq(note_verify(&note, note_signer_key(log), NULL, &time_s), 0);
    cr_expect_eq(time_s, 0);
    cr_expect_eq(note_verify(&note, note_signer_key(plain), NULL, NULL), -ENOENT);

    /* What it signs is written out in the specification: the same key over that text makes the same bytes. */
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(0);
    uint8_t timed[128], untimed[128];
    size_t timed_length, untimed_length;
    cr_assert_eq(note_sign(plain, cosigned, strlen(cosigned), 0, &line), 0);
    const char *value = strrchr(line.data, ' ') + 1;
    cr_assert_eq(base64_decode(value, strlen(value) - 1, untimed, sizeof(untimed), &untimed_length), 0);
    cr_assert_eq(base64_decode(note.signatures[1].value, note.signatures[1].value_length, timed,
                               sizeof(timed), &timed_length),
                 0);
    cr_assert_eq(untimed_length, 68);
    cr_assert_eq(timed_length, 76);
    cr_expect_eq(memcmp(timed + 12, untimed + 4, 64), 0);
}

Test(note, signatures_have_a_bound)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct note note;

    buffer_append_text(&bytes, "text\n\n");
    for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
        buffer_append_text(&bytes, "— a AAAAAAAA\n");
    cr_expect_eq(note_parse(bytes.data, bytes.length, &note), 0);
    cr_expect_eq(note.count, NOTE_SIGNATURES_MAX);
    buffer_append_text(&bytes, "— a AAAAAAAA\n");
    cr_expect_eq(note_parse(bytes.data, bytes.length, &note), -EBADMSG);
}

Test(note, checkpoints)
{
    static const char root[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    static const struct {
        const char *head, *tail;
        int r;
    } cases[] = {
        {"oxe.example/log\n0\n", "\n", 0},
        {"oxe.example/log\n9223372036854775807\n", "\n", 0},
        {"oxe.example/log\n12\n", "\nmore\n", 0},
        {"oxe.example/log\n12\n", "\n\n", -EBADMSG},
        {"oxe.example/log\n12\n", "", -EBADMSG},
        {"oxe.example/log\n12\n", "\nmore", -EBADMSG},
        {"oxe.example/log\n012\n", "\n", -EBADMSG},
        {"oxe.example/log\n-1\n", "\n", -EBADMSG},
        {"oxe.example/log\n+1\n", "\n", -EBADMSG},
        {"oxe.example/log\n\n", "\n", -EBADMSG},
        {"oxe.example/log\n9223372036854775808\n", "\n", -EBADMSG},
        {"oxe.example/log\n99999999999999999999\n", "\n", -EBADMSG},
        {"\n12\n", "\n", -EBADMSG},
        {"oxe example\n12\n", "\n", -EBADMSG},
        {"oxe.example/log\n12\n=", "\n", -EBADMSG},
        {"oxe.example/log\n12\n", "AAAA\n", -EBADMSG},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0), again = BUFFER_INIT(0);
        struct checkpoint checkpoint;
        buffer_append_format(&text, "%s%s%s", cases[i].head, root, cases[i].tail);
        cr_expect_eq(checkpoint_parse(text.data, text.length, &checkpoint), cases[i].r, "%s", text.data);
        if (cases[i].r < 0 || strlen(cases[i].tail) > 1)
            continue;
        checkpoint_append(&checkpoint, &again);
        cr_expect_str_eq(again.data, text.data);
    }
}

Test(note, base64_is_read_as_it_is_written_only)
{
    static const struct {
        const char *text, *bytes; /* bytes NULL: refused */
    } cases[] = {{"", ""},       {"Zg==", "f"},    {"Zm8=", "fo"}, {"Zm9v", "foo"},    {"Zm9vYg==", "foob"},
                 {"Zh==", NULL}, {"Zm9=", NULL},   {"Zg=", NULL},  {"Zg", NULL},       {"Z===", NULL},
                 {"====", NULL}, {"Zm9v\n", NULL}, {"Zm 9", NULL}, {"Zg==Zg==", NULL}, {"Zm-_", NULL}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer again = BUFFER_INIT(0);
        uint8_t bytes[16] = {0};
        size_t length = 0;
        int r = base64_decode(cases[i].text, strlen(cases[i].text), bytes, sizeof(bytes) - 1, &length);
        cr_expect_eq(r, cases[i].bytes == NULL ? -EBADMSG : 0, "%s", cases[i].text);
        if (r < 0)
            continue;
        cr_expect_str_eq((const char *)bytes, cases[i].bytes);
        buffer_append_text(&again, "");
        base64_append(&again, bytes, length);
        cr_expect_str_eq(again.length > 0 ? again.data : "", cases[i].text);
    }
    cr_expect_eq(base64_decode("Zm9v", 4, (uint8_t[2]){0}, 2, &(size_t){0}), -ENOBUFS);
}

/* --- keys in files --- */

static const char pem[] =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n"
    "-----END PRIVATE KEY-----\n"; /* make_signer's with seed 1 */

Test(note, a_key_file_is_read_when_only_its_owner_and_group_may)
{
    CLEANUP(note_signer_destroy) struct note_signer *expected = make_signer("log", NOTE_ED25519, 1);
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL, *none = NULL;

    cr_assert_eq(load(pem, "log", 0640, &signer), 0);
    cr_expect_eq(memcmp(note_signer_key(signer)->key, note_signer_key(expected)->key, NOTE_KEY_BYTES), 0);
    cr_expect_eq(load(pem, "log", 0644, &none), -EACCES);
    cr_expect_eq(load(pem, "log", 0660, &none), -EACCES);
    cr_expect_eq(load("no key\n", "log", 0600, &none), -EBADMSG);
    cr_expect_eq(load("", "log", 0600, &none), -EBADMSG);
    cr_expect_eq(note_signer_load("/nonexistent", "log", NOTE_ED25519, &none), -ENOENT);
    cr_expect_eq(note_signer_load("/tmp", "log", NOTE_ED25519, &none), -EBADMSG);
    cr_expect_null(none);
}
