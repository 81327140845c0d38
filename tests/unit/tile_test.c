/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tiles, and which of them a tree has. */
#include "proto/tile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

Test(tile, a_tile_has_one_name)
{
    static const struct {
        const char *path;
        struct tile tile;
    } cases[] = {
        {"0/000", {.level = 0, .index = 0, .width = 256}},
        {"0/x001/x234/067", {.level = 0, .index = 1234067, .width = 256}},
        {"1/x001/000.p/17", {.level = 1, .index = 1000, .width = 17}},
        {"63/999.p/255", {.level = 63, .index = 999, .width = 255}},
        {"entries/000.p/1", {.entries = true, .index = 0, .width = 1}},
        {"entries/x999/x999/x999/x999/x999/999",
         {.entries = true, .index = UINT64_C(999999999999999999), .width = 256}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[TILE_PATH_MAX];
        struct tile tile;
        cr_assert_eq(tile_parse(cases[i].path, strlen(cases[i].path), &tile), 0, "%s", cases[i].path);
        cr_expect_eq(tile.entries, cases[i].tile.entries);
        cr_expect_eq(tile.level, cases[i].tile.level);
        cr_expect_eq(tile.index, cases[i].tile.index);
        cr_expect_eq(tile.width, cases[i].tile.width);
        tile_format(&tile, path);
        cr_expect_str_eq(path, cases[i].path);
    }
}

Test(tile, other_names_are_none)
{
    static const char *const paths[] = {
        "",
        "0",
        "0/",
        "0/0",
        "0/00",
        "0/0000",
        "00/000",
        "64/000",
        "-1/000",
        "0/x000/001",
        "0/001/002",
        "0/x001",
        "0/x001/",
        "0/x001/x002",
        "0/000.p",
        "0/000.p/",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p/1/",
        "0/000/",
        "0/000.p1",
        "0/00a",
        "0/ 000",
        "entries",
        "entries/",
        "entries/0/000",
        "Entries/000",
        "0//000",
        "0/../000",
        "4294967296/000",
        "0/000.p/4294967297",
        "0/x999/x999/x999/x999/x999/x999/999",
    };
    struct tile tile;

    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        cr_expect_eq(tile_parse(paths[i], strlen(paths[i]), &tile), -EINVAL, "%s", paths[i]);
}

/* The specification's example: 70,000 leaves. */
Test(tile, a_tree_has_the_tiles_that_it_fills)
{
    static const struct {
        struct tile tile;
        bool within;
    } cases[] = {
        {{.level = 0, .index = 272, .width = 256}, true},
        {{.level = 0, .index = 273, .width = 112}, true},
        {{.level = 0, .index = 273, .width = 111}, true},
        {{.level = 0, .index = 273, .width = 113}, false},
        {{.level = 0, .index = 273, .width = 256}, false},
        {{.level = 0, .index = 274, .width = 1}, false},
        {{.level = 1, .index = 0, .width = 256}, true},
        {{.level = 1, .index = 1, .width = 17}, true},
        {{.level = 1, .index = 1, .width = 18}, false},
        {{.level = 2, .index = 0, .width = 1}, true},
        {{.level = 2, .index = 0, .width = 2}, false},
        {{.level = 3, .index = 0, .width = 1}, false},
        {{.level = 8, .index = 0, .width = 1}, false},
        {{.level = 63, .index = 0, .width = 1}, false},
        {{.level = 0, .index = UINT64_MAX / 256, .width = 256}, false},
        {{.entries = true, .index = 273, .width = 112}, true},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(tile_is_within(&cases[i].tile, 70000), cases[i].within, "case %zu", i);
}
