/* SPDX-License-Identifier: Apache-2.0 */
/* What a command takes, as a table, and reading a command line by it.
 *
 * Options stand before, between or behind operands, as --name VALUE or --name=VALUE; of one given twice the
 * last counts. `--` ends them. What begins with a dash and a digit is a number, no option. */
#ifndef OXE_OXECTL_ARGS_H
#define OXE_OXECTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

struct command;

enum { ARGS_MAX = 16 };

enum arg_kind {
    ARG_TEXT,
    ARG_NUMBER, /* a whole number from min to max */
    ARG_WORD,   /* one of those that the option's `value` has, separated by bars */
    ARG_ID,     /* a UUID */
};

/* A row: an option, whose name begins with two dashes, or an operand. Operands stand in their order; the name
 * of one that may be missing is in brackets, of one that may come again too: "[LIMIT=VALUE ...]". NO_MORE
 * ends the table. */
struct arg {
    const char *name;
    const char *value; /* of an option: what its value is called; NULL: it has none */
    const char *help;
    const char *member; /* what the gateway calls it, in a query or a body; NULL: it is not sent as it is */
    bool required;      /* of an option */
    enum arg_kind kind;
    int64_t min, max;
};

/* Rows. What follows the help is further members: .required = true, .kind = ARG_ID … */
#define OPTION(name_, value_, ...)                                                                           \
    {                                                                                                        \
        .name = (name_), .value = (value_), .help = __VA_ARGS__                                              \
    }
#define FLAG(name_, help_)                                                                                   \
    {                                                                                                        \
        .name = (name_), .help = (help_)                                                                     \
    }
#define OPERAND(name_, ...)                                                                                  \
    {                                                                                                        \
        .name = (name_), .help = __VA_ARGS__                                                                 \
    }
#define RECORDED_OPTIONS                                                                                     \
    OPTION("--from", "TIME", "recorded then or later", .member = "from"),                                    \
        OPTION("--to", "TIME", "recorded before then", .member = "to")
#define PAGE_OPTIONS                                                                                         \
    OPTION("--limit", "N", "at most so many", .member = "limit"),                                            \
        OPTION("--cursor", "CURSOR", "what follows a page, as that page said", .member = "cursor")
#define JSON_FLAG     FLAG("--json", "JSON instead of text for people")
#define ORDER_OPERAND OPERAND("ORDER", "its id", .kind = ARG_ID)
#define ARGS(...)     ((const struct arg[]){__VA_ARGS__})
#define NO_MORE                                                                                              \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

/* A command line as read. It borrows argv, whose order it changes. */
struct args {
    const struct command *command;
    const char *options[ARGS_MAX]; /* by row of the table; NULL: not given */
    char **operands;
    size_t operand_count;
};

/* Reads what follows the command's name. 0, or EXIT_USAGE after saying what is wrong. */
int args_read(const struct command *command, int argc, char **argv, struct args *ret_args);

/* By the name in the table. NULL: not given; of an option without value, its name. */
const char *args_text(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
/* Of an ARG_NUMBER. */
int64_t args_number(const struct args *args, const char *name, int64_t otherwise);

/* Adds what was given of the arguments that have a `member`, to a path and to a JSON object. */
void args_append_query(const struct args *args, struct buffer *path);
void args_append_members(const struct args *args, struct buffer *object);

/* Whether it is one of words that bars part. */
bool args_is_word(const char *text, const char *words);
bool arg_is_option(const struct arg *arg);

#endif
