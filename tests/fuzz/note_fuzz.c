/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes, checkpoints, verifier keys and names of tiles: what is read is written again as it was. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/checkpoint.h"
#include "proto/tile.h"
#include "proto/tlog_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_note(const char *bytes, size_t length)
{
    static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    CLEANUP(buffer_release) struct buffer again = BUFFER_INIT(0);
    struct checkpoint checkpoint;
    struct note_key key;
    struct note note;

    int r = note_key_parse(peter, strlen(peter), &key);
    assert(r == 0);
    if (note_parse(bytes, length, &note) < 0)
        return;
    assert(note.count > 0 && note.text + note.text_length < bytes + length);
    (void)note_verify(&note, &key, NULL, NULL);
    if (checkpoint_parse(note.text, note.text_length, &checkpoint) < 0)
        return;
    checkpoint_append(&checkpoint, &again);
    assert(!buffer_failed(&again) && again.length <= note.text_length);
    assert(memcmp(again.data, note.text, again.length) == 0);
}

static void try_key(const char *text, size_t length)
{
    char again[NOTE_KEY_TEXT_MAX];
    struct note_key key;

    if (note_key_parse(text, length, &key) < 0)
        return;
    note_key_format(&key, again);
    assert(strlen(again) == length && memcmp(again, text, length) == 0);
}

static void try_tile(const char *path, size_t length)
{
    char again[TILE_PATH_MAX];
    struct tile tile;

    if (tile_parse(path, length, &tile) < 0)
        return;
    tile_format(&tile, again);
    assert(strlen(again) == length && memcmp(again, path, length) == 0);
    (void)tile_is_within(&tile, INT64_MAX);
}

static void try_proof(const char *text, size_t length)
{
    CLEANUP(buffer_release) struct buffer again = BUFFER_INIT(0);
    struct tlog_proof proof;

    if (tlog_proof_parse(text, length, &proof) < 0)
        return;
    tlog_proof_append(&proof, &again);
    assert(again.length == length && memcmp(again.data, text, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_proof((const char *)data, size);
    try_note((const char *)data, size);
    try_key((const char *)data, size);
    try_tile((const char *)data, size);
    return 0;
}
