/* SPDX-License-Identifier: Apache-2.0 */
/* What a command is and takes, as a table, and reading a command line by it.
 *
 * Options stand before, between or behind operands, as --name VALUE or --name=VALUE; of one given twice the
 * last counts. `--` ends them. What begins with a dash and a digit is a number, no option. */
#ifndef OXE_OXECTL_ARGS_H
#define OXE_OXECTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARGS_MAX = 16 };

enum arg_kind {
    ARG_TEXT,
    ARG_NUMBER, /* a whole number from min to max */
    ARG_WORD,   /* one of those that the option's `value` has, separated by bars */
    ARG_ID,     /* a UUID */
};

/* A row: an option, whose name begins with two dashes, or an operand. Operands stand in their order; the name
 * of one that may be missing is in brackets, of one that may come again too: "[LIMIT=VALUE ...]". A row
 * without a name ends the table. */
struct arg {
    const char *name;
    const char *value; /* of an option: what its value is called; NULL: it has none */
    const char *help;
    const char *member; /* what the gateway calls it, in a query or a body; NULL: it is not sent as it is */
    bool required;      /* of an option */
    enum arg_kind kind;
    int64_t min, max;
};

/* By whom a command is used; it is listed under this head. */
enum group { GROUP_TRADER, GROUP_OPERATIONS, GROUP_COMPLIANCE, GROUP_SIMULATOR, GROUP_TOOLS, GROUP_COUNT };
enum needs { NEEDS_NOTHING, NEEDS_TOKEN, MAY_USE_TOKEN, NEEDS_DATABASE, NEEDS_COMPLIANCE_DATABASE };

struct args;
struct context;

/* A row of commands.def: what runs it; its help, the manual page and completion come from here. */
struct command {
    int (*run)(const struct context *context, const struct args *args);
    const char *name; /* of one word or more: "sim fault list" */
    enum group group; /* a token is one of this role */
    enum needs needs;
    const char *summary; /* a line */
    const char *manual;  /* what else there is to say; NULL: nothing */
    const struct arg *args;
};

/* A command line as read. It borrows argv, whose order it changes. */
struct args {
    const struct command *command;
    const char *options[ARGS_MAX]; /* by row of the table; NULL: not given */
    char **operands;
    size_t operand_count;
};

enum { EXIT_USAGE = 64 };

/* "oxectl: …" on standard error, of a command unless it is NULL. Returns EXIT_USAGE, for `return`. */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The command that the first of these words name, *ret_used of them; NULL: there is none. A command without a
 * name ends the table. */
const struct command *command_find(const struct command *commands, int argc, char **argv, int *ret_used);

/* Reads what follows the command's name. 0, or EXIT_USAGE after saying what is wrong. */
int args_read(const struct command *command, int argc, char **argv, struct args *ret_args);

/* By the name in the table. NULL: not given; of an option without value, its name. */
const char *args_text(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
/* Of an ARG_NUMBER. */
int64_t args_number(const struct args *args, const char *name, int64_t otherwise);

/* Whether it is one of words that bars part. */
bool args_is_word(const char *text, const char *words);
bool arg_is_option(const struct arg *arg);

#endif
