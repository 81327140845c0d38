/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: one const table per service; values come from environment variables.
 *
 * Each item names the variable, how it is parsed, where it goes (an offset into the service's config struct),
 * its default, its bounds and its help. `--help` prints the table, `--check` parses and reports every error.
 * Where an item is a secret, VARIABLE_FILE may name a file that holds the value (one trailing newline is cut
 * off); secrets are never printed. Setting both is an error. */
#ifndef OXE_COMMON_CONFIG_H
#define OXE_COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    CONFIG_TEXT_MAX = 512, /* bytes of a text value, NUL included: char field[CONFIG_TEXT_MAX] */
    CONFIG_LIST_MAX = 64,  /* entries of a list */
};

enum config_type {
    CONFIG_TEXT,     /* char[CONFIG_TEXT_MAX]; min and max bound its length */
    CONFIG_SECRET,   /* the same, also from VARIABLE_FILE, never printed */
    CONFIG_INTEGER,  /* int64_t; min and max inclusive */
    CONFIG_BOOL,     /* bool; true, false, 1, 0, yes, no, on, off */
    CONFIG_DURATION, /* int64_t milliseconds; text 250ms, 30s, 5m, 2h, or a bare number of seconds; min and
                        max in ms */
    CONFIG_LIST, /* struct config_list; separated by commas, blanks around an entry dropped; min and max count
                    entries */
};

struct config_list {
    char text[4096];
    const char *items[CONFIG_LIST_MAX]; /* point into text */
    size_t count;
};

struct config_item {
    const char *variable;
    enum config_type type;
    size_t offset;            /* into the service's config struct */
    const char *default_text; /* NULL: required */
    int64_t min;
    int64_t max;
    const char *help; /* one sentence, with the unit */
    /* Further check of a CONFIG_TEXT or CONFIG_SECRET (an endpoint, a mode …); NULL when there is none.
     * Returns NULL or what is wrong, a constant sentence. */
    const char *(*check)(const char *text);
};

/* Fills *config from the environment. Writes one line per fault to `errors` ("OXE_X: … "), all faults, not
 * only the first. Returns 0 or -EINVAL. Never prints the value of a secret. */
int config_load(const struct config_item *items, size_t item_count, void *config, FILE *errors);

/* "text", "secret", "integer" … */
const char *config_type_name(enum config_type type);

/* The table for --help. */
void config_help(const struct config_item *items, size_t item_count, FILE *out);

#endif
