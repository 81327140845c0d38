/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit prove, audit check: proofs of an order's entries, made with the log and checked without it. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/decimal.h"
#include "proto/audit_columns.h"
#include "proto/tlog_proof.h"
#include "services/oxectl/tlog.h"

enum { PATH_BYTES = 4096, PROOF_BYTES_MAX = NOTE_TEXT_MAX + 16 * 1024 };

static int write_proof(const char *directory, const struct tlog_proof *proof)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(PROOF_BYTES_MAX);
    char path[PATH_BYTES];

    tlog_proof_append(proof, &text);
    if (buffer_failed(&text) || snprintf(path, sizeof(path), "%s/%" PRIu64 ".tlog-proof", directory,
                                         proof->index) >= (int)sizeof(path))
        return trouble("a proof is too long");
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return trouble("cannot write %s: %s", path, strerror(errno));
    bool written = fwrite(text.data, 1, text.length, file) == text.length;
    if (fclose(file) != 0 || !written)
        return trouble("cannot write %s", path);
    (void)puts(path);
    return 0;
}

static int prove_entry(struct tlog *log, const char *directory, uint64_t log_seq)
{
    struct tlog_proof proof = {
        .index = log_seq - 1, .checkpoint = log->note.data, .checkpoint_length = log->note.length};

    if (log_seq > log->checkpoint.size)
        return refuse("entry %" PRIu64 " waits for a checkpoint; try again in a second", log_seq);
    int status = tlog_entry(log, proof.index, proof.entry, &proof.entry_length);
    if (status != 0)
        return status;
    if (merkle_proof_include(proof.index, log->checkpoint.size, tlog_read, log, &proof.path) < 0)
        return log->status != 0 ? log->status : trouble("no proof can be made");
    return write_proof(directory, &proof);
}

int audit_prove_write(const struct context *context, const struct args *args)
{
    CLEANUP(tlog_release) struct tlog log = {0};
    const char *directory = args_has(args, "--directory") ? args_text(args, "--directory") : ".";
    CLEANUP(reply_release) struct reply trail = {0};

    int status = http_get(context, &trail, "/api/v1/orders/%s/audit", args->operands[0]);
    if (status == 0)
        status = tlog_open(context, args, &log);
    yajl_val entries = status == 0 ? json_get(trail.json, "entries") : NULL;
    for (size_t i = 0; status == 0 && i < json_length(entries); i++)
        status =
            prove_entry(&log, directory, strtoull(json_text(json_item(entries, i), "log_seq"), NULL, 10));
    return status;
}

/* --- check --- */

/* The fields of an entry's encoding, in their order (docs/audit.md). */
static const enum audit_column fields[] = {
    AUDIT_COLUMN_LOG_SEQ,       AUDIT_COLUMN_EVENT_ID,        AUDIT_COLUMN_ORDER_ID,
    AUDIT_COLUMN_TRADER_ID,     AUDIT_COLUMN_TRADER_SEQ,      AUDIT_COLUMN_ACTION,
    AUDIT_COLUMN_STATUS,        AUDIT_COLUMN_EXECUTION_STATE, AUDIT_COLUMN_SYMBOL,
    AUDIT_COLUMN_SIDE,          AUDIT_COLUMN_QUANTITY,        AUDIT_COLUMN_PRICE,
    AUDIT_COLUMN_TOTAL_FILLED,  AUDIT_COLUMN_AVERAGE_PRICE,   AUDIT_COLUMN_VENUE,
    AUDIT_COLUMN_VENUE_EXEC_ID, AUDIT_COLUMN_REASON,          AUDIT_COLUMN_MESSAGE,
    AUDIT_COLUMN_ACTOR,         AUDIT_COLUMN_TRACE_ID,        AUDIT_COLUMN_TIMESTAMP,
    AUDIT_COLUMN_RECORDED_AT,
};

static uint64_t big_endian(const uint8_t *bytes, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* A text comes from whoever wrote the proof: nothing of it reaches the terminal as a command. */
static void print_text(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        (void)putchar(bytes[i] < ' ' || bytes[i] == 0x7f ? '?' : bytes[i]);
}

static void print_value(enum schema_kind kind, const uint8_t *bytes, size_t length)
{
    char text[64] = ""; /* an id, a decimal, or an instant */
    struct uuid id;

    switch (kind) {
    case SCHEMA_UUID:
        memcpy(id.bytes, bytes, sizeof(id.bytes));
        uuid_format(id, text);
        break;
    case SCHEMA_DECIMAL:
        (void)decimal_format((struct decimal){(int64_t)big_endian(bytes, length)}, text);
        break;
    case SCHEMA_INSTANT:
        (void)instant_format((struct instant){(int64_t)big_endian(bytes, length)}, text);
        break;
    case SCHEMA_U64:
        (void)printf("%" PRIu64, big_endian(bytes, length));
        break;
    case SCHEMA_BYTES:
        for (size_t i = 0; i < length; i++)
            (void)printf("%02x", bytes[i]);
        break;
    default:
        print_text(bytes, length);
    }
    (void)fputs(text, stdout);
}

/* Prints what the entry has; false: it is no entry of version 1. */
static bool print_entry(const uint8_t *at, const uint8_t *end)
{
    if (at == end || *at++ != 1)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const struct schema_field *field = &audit_columns[fields[i]];
        if (at == end)
            return false;
        if (*at++ == 0)
            continue;
        size_t length = field->kind == SCHEMA_UUID ? 16 : 8;
        if (field->kind == SCHEMA_TEXT || field->kind == SCHEMA_ENUM || field->kind == SCHEMA_BYTES) {
            if (end - at < 4)
                return false;
            length = big_endian(at, 4);
            at += 4;
        }
        if ((size_t)(end - at) < length)
            return false;
        (void)printf("%s: ", field->name);
        print_value(field->kind, at, length);
        (void)putchar('\n');
        at += length;
    }
    return at == end;
}

static int check_proof(const struct args *args, const struct tlog_proof *proof)
{
    uint8_t input[1 + AUDIT_LEAF_ENCODING_MAX] = {0}, hash[MERKLE_HASH_BYTES];
    struct checkpoint checkpoint;

    int status = tlog_verify(args, proof->checkpoint, proof->checkpoint_length, &checkpoint);
    if (status != 0)
        return status;
    memcpy(input + 1, proof->entry, proof->entry_length);
    if (EVP_Digest(input, 1 + proof->entry_length, hash, NULL, EVP_sha256(), NULL) != 1)
        return trouble("the entry cannot be hashed");
    if (merkle_proof_check_inclusion(proof->index, checkpoint.size, hash, &proof->path, checkpoint.root) < 0)
        return refuse("the entry is not in the log that the checkpoint has signed");
    (void)printf("entry %" PRIu64 " of %" PRIu64 " of %s:\n", proof->index + 1, checkpoint.size,
                 checkpoint.origin);
    tlog_print_witnesses(args, proof->checkpoint, proof->checkpoint_length);
    return print_entry(proof->entry, proof->entry + proof->entry_length)
               ? 0
               : trouble("the log has it, but it is no entry of this version");
}

int audit_prove_check(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    const char *path = args->operands[0];
    struct tlog_proof proof;

    int status = tlog_read_file(path, PROOF_BYTES_MAX, "proof of an entry", &text);
    if (status != 0)
        return status;
    if (tlog_proof_parse(text.data, text.length, &proof) < 0)
        return trouble("%s is no proof of an entry", path);
    return check_proof(args, &proof);
}
