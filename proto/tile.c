#include "proto/tile.h"

#include <errno.h>
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
