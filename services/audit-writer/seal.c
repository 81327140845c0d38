/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/seal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

const char *seal_fault_text(enum seal_fault fault)
{
    static const char *const texts[] = {
        [SEAL_SOUND] = "sound",
        [SEAL_UNKNOWN_SIGNATURE] = "the last checkpoint is signed by none of the log's keys",
        [SEAL_OTHER_TREE] = "the stored tree is not that of the last checkpoint",
        [SEAL_ROLLED_BACK] = "the database is older than a checkpoint that was signed here",
        [SEAL_CUT] = "the log has fewer entries than its last checkpoint",
        [SEAL_ROWS_MISSING] = "entries of the log are missing",
        [SEAL_ROWS_CHANGED] = "entries of the log are not those that were written",
    };
    _Static_assert(ARRAY_LEN(texts) == SEAL_FAULT_COUNT, "every fault has a text");

    return texts[fault];
}

/* Whether one of the log's keys has signed the note. */
static bool is_ours(const struct note *note, const struct checkpoint *checkpoint,
                    const struct seal_keys *keys)
{
    const struct note_key *key = note_signer_key(keys->signer);

    if (strcmp(key->name, checkpoint->origin) == 0 && note_verify(note, key, NULL, NULL) == 0)
        return true;
    for (size_t i = 0; i < keys->former_count; i++) {
        key = &keys->former[i];
        if (strcmp(key->name, checkpoint->origin) == 0 && note_verify(note, key, NULL, NULL) == 0)
            return true;
    }
    return false;
}

static bool has_root(const struct checkpoint *checkpoint, const uint8_t *root)
{
    return memcmp(checkpoint->root, root, MERKLE_HASH_BYTES) == 0;
}

static enum seal_fault judge(const struct seal_state *state, const struct seal_keys *keys,
                             const struct seal_memory *memory, const uint8_t *sealed_root,
                             const uint8_t *written_root)
{
    struct checkpoint checkpoint;
    struct note note;

    if (state->note == NULL)
        return memory->any ? SEAL_ROLLED_BACK : state->sealed.size > 0 ? SEAL_OTHER_TREE : SEAL_SOUND;
    if (note_parse(state->note, state->note_length, &note) < 0 ||
        checkpoint_parse(note.text, note.text_length, &checkpoint) < 0 || !is_ours(&note, &checkpoint, keys))
        return SEAL_UNKNOWN_SIGNATURE;
    if (memory->any && memory->size > checkpoint.size)
        return SEAL_ROLLED_BACK;
    if (memory->any && memory->size == checkpoint.size && !has_root(&checkpoint, memory->root))
        return SEAL_ROLLED_BACK;
    if (checkpoint.size != state->sealed.size || !has_root(&checkpoint, sealed_root))
        return SEAL_OTHER_TREE;
    if (state->written.size < checkpoint.size)
        return SEAL_CUT;
    if (state->written.size == checkpoint.size && !has_root(&checkpoint, written_root))
        return SEAL_ROWS_CHANGED;
    return SEAL_SOUND;
}

int seal_judge(const struct seal_state *state, const struct seal_keys *keys, const struct seal_memory *memory,
               enum seal_fault *ret_fault)
{
    uint8_t sealed_root[MERKLE_HASH_BYTES], written_root[MERKLE_HASH_BYTES];
    int r = merkle_root(&state->sealed, sealed_root);

    if (r == 0)
        r = merkle_root(&state->written, written_root);
    if (r == 0)
        *ret_fault = judge(state, keys, memory, sealed_root, written_root);
    return r;
}

uint64_t seal_size(const struct seal_state *state)
{
    uint64_t more = state->written.size - state->sealed.size;

    return state->sealed.size + (more < SEAL_LEAVES_MAX ? more : SEAL_LEAVES_MAX);
}

int seal_extend(const struct seal_state *state, const uint8_t (*hashes)[MERKLE_HASH_BYTES], size_t count,
                struct seal *ret_seal, enum seal_fault *ret_fault)
{
    uint8_t roots[MERKLE_TILE_LEVELS][MERKLE_HASH_BYTES], root[MERKLE_HASH_BYTES], written[MERKLE_HASH_BYTES];
    size_t completed;
    int r;

    assert(count <= SEAL_LEAVES_MAX);
    ret_seal->tree = state->sealed;
    ret_seal->tile_count = 0;
    for (size_t i = 0; i < count; i++) {
        r = merkle_append_tiles(&ret_seal->tree, hashes[i], roots, &completed);
        if (r < 0)
            return r;
        for (unsigned int level = 1; level <= completed; level++) {
            struct seal_tile *tile = &ret_seal->tiles[ret_seal->tile_count++];
            *tile = (struct seal_tile){.level = level,
                                       .place = (ret_seal->tree.size >> MERKLE_TILE_HEIGHT * level) - 1};
            memcpy(tile->hash, roots[level - 1], sizeof(tile->hash));
        }
    }
    *ret_fault = SEAL_SOUND;
    if (ret_seal->tree.size != state->written.size)
        return 0;
    r = merkle_root(&ret_seal->tree, root);
    if (r == 0)
        r = merkle_root(&state->written, written);
    if (r == 0 && memcmp(root, written, sizeof(root)) != 0)
        *ret_fault = SEAL_ROWS_CHANGED;
    return r;
}

int seal_sign(const struct merkle *tree, const struct seal_keys *keys, struct buffer *note,
              struct seal_memory *ret_memory)
{
    struct checkpoint checkpoint = {.size = tree->size};
    int r = merkle_root(tree, checkpoint.root);

    if (r < 0)
        return r;
    memcpy(checkpoint.origin, note_signer_key(keys->signer)->name, sizeof(checkpoint.origin));
    checkpoint_append(&checkpoint, note);
    if (buffer_failed(note))
        return note->error;
    size_t text = note->length;
    buffer_append_char(note, '\n');
    r = note_sign(keys->signer, note->data, text, 0, note);
    if (r < 0)
        return r;
    *ret_memory = (struct seal_memory){.any = true, .size = checkpoint.size};
    memcpy(ret_memory->root, checkpoint.root, sizeof(ret_memory->root));
    return 0;
}
