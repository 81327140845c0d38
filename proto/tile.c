/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tile.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    LEVEL_MAX = 63,       /* that has a name; a tree of fewer than 2^63 leaves has none above 7 */
    INDEX_GROUPS_MAX = 6, /* of three digits: 10^18 */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number without leading zeros, up to max; at stops behind it. */
static bool take_number(const char **at, const char *end, unsigned int max, unsigned int *ret_number)
{
    const char *begin = *at;
    unsigned int number = 0;

    for (; *at < end && is_digit(**at) && number <= max; (*at)++)
        number = number * 10 + (unsigned int)(**at - '0');
    if (*at == begin || number > max || (*begin == '0' && *at - begin > 1))
        return false;
    *ret_number = number;
    return true;
}

/* "x001/x234/067". The first group of several is not "x000": each tile has one name. */
static bool take_index(const char **at, const char *end, uint64_t *ret_index)
{
    uint64_t index = 0;

    for (int groups = 0; groups < INDEX_GROUPS_MAX; groups++) {
        bool more = *at < end && **at == 'x';
        const char *digits = *at + (more ? 1 : 0);
        if (end - digits < 3 || !is_digit(digits[0]) || !is_digit(digits[1]) || !is_digit(digits[2]))
            return false;
        index = index * 1000 + (uint64_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
        *at = digits + 3;
        if (!more) {
            *ret_index = index;
            return true;
        }
        if (index == 0 || *at == end || *(*at)++ != '/')
            return false;
    }
    return false;
}

static bool take_text(const char **at, const char *end, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(end - *at) < length || memcmp(*at, text, length) != 0)
        return false;
    *at += length;
    return true;
}

int tile_parse(const char *path, size_t length, struct tile *ret_tile)
{
    const char *at = path, *end = path + length;
    struct tile tile = {.width = TILE_WIDTH};

    tile.entries = take_text(&at, end, "entries/");
    if (!tile.entries && (!take_number(&at, end, LEVEL_MAX, &tile.level) || !take_text(&at, end, "/")))
        return -EINVAL;
    if (!take_index(&at, end, &tile.index))
        return -EINVAL;
    if (at < end && (!take_text(&at, end, ".p/") || !take_number(&at, end, TILE_WIDTH - 1, &tile.width)))
        return -EINVAL;
    if (at != end || tile.width == 0)
        return -EINVAL;
    *ret_tile = tile;
    return 0;
}

void tile_format(const struct tile *tile, char ret_path[static TILE_PATH_MAX])
{
    uint64_t scale = 1;
    size_t length;

    assert(tile->width > 0 && tile->width <= TILE_WIDTH);
    length = (size_t)(tile->entries ? snprintf(ret_path, TILE_PATH_MAX, "entries")
                                    : snprintf(ret_path, TILE_PATH_MAX, "%u", tile->level));
    while (tile->index / scale >= 1000)
        scale *= 1000;
    for (; scale > 0; scale /= 1000)
        length += (size_t)snprintf(ret_path + length, TILE_PATH_MAX - length, scale > 1 ? "/x%03u" : "/%03u",
                                   (unsigned int)(tile->index / scale % 1000));
    if (tile->width < TILE_WIDTH)
        (void)snprintf(ret_path + length, TILE_PATH_MAX - length, ".p/%u", tile->width);
}

/* How many hashes a level has. */
static uint64_t level_width(unsigned int level, uint64_t size)
{
    return level < MERKLE_LEVELS / MERKLE_TILE_HEIGHT ? size >> MERKLE_TILE_HEIGHT * level : 0;
}

bool tile_is_within(const struct tile *tile, uint64_t size)
{
    uint64_t width = level_width(tile->level, size);

    return tile->index <= width / TILE_WIDTH && tile->index * TILE_WIDTH + tile->width <= width;
}

struct tile tile_of(unsigned int level, uint64_t index, uint64_t size, size_t *ret_first, size_t *ret_count)
{
    unsigned int height = level % MERKLE_TILE_HEIGHT;
    struct tile tile = {.level = level / MERKLE_TILE_HEIGHT};
    uint64_t first = index << height;

    tile.index = first / TILE_WIDTH;
    uint64_t rest = level_width(tile.level, size) - tile.index * TILE_WIDTH;
    tile.width = rest < TILE_WIDTH ? (unsigned int)rest : TILE_WIDTH;
    *ret_first = (size_t)(first % TILE_WIDTH);
    *ret_count = (size_t)1 << height;
    assert(*ret_first + *ret_count <= tile.width);
    return tile;
}

int tile_root(const uint8_t (*hashes)[MERKLE_HASH_BYTES], size_t count,
              uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    struct merkle tree = {0};

    assert(count > 0 && (count & (count - 1)) == 0);
    for (size_t i = 0; i < count; i++) {
        int r = merkle_append(&tree, hashes[i]);
        if (r < 0)
            return r;
    }
    return merkle_root(&tree, ret_hash);
}
