/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/args.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/uuid.h"

int usage_error(const struct command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "oxectl: %s%s", command == NULL ? "" : command->name, command == NULL ? "" : ": ");
    (void)vfprintf(stderr, format, arguments);
    if (command == NULL)
        (void)fputs(" ('oxectl help' tells more)\n", stderr);
    else
        (void)fprintf(stderr, " ('oxectl %s --help' tells more)\n", command->name);
    va_end(arguments);
    return EXIT_USAGE;
}

/* How many of the words are the command's name; 0: it is another. */
static int match(const struct command *command, int argc, char **argv)
{
    int used = 0;
    for (const char *word = command->name; *word != '\0'; used++) {
        size_t length = strcspn(word, " ");
        if (used == argc || strlen(argv[used]) != length || strncmp(argv[used], word, length) != 0)
            return 0;
        word += length + (word[length] == ' ' ? 1 : 0);
    }
    return used;
}

const struct command *command_find(const struct command *commands, int argc, char **argv, int *ret_used)
{
    const struct command *found = NULL;
    int most = 0;
    for (const struct command *command = commands; command->name != NULL; command++) {
        int used = match(command, argc, argv);
        if (used > most) {
            most = used;
            found = command;
        }
    }
    *ret_used = most;
    return found;
}

bool arg_is_option(const struct arg *arg)
{
    return strncmp(arg->name, "--", 2) == 0;
}

static bool is_optional(const struct arg *operand)
{
    return operand->name[0] == '[';
}

static bool is_list(const struct arg *operand)
{
    return strstr(operand->name, "...") != NULL;
}

static bool is_number(const char *text, int64_t min, int64_t max)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && isspace((unsigned char)*text) == 0 && value >= min &&
           value <= max;
}

bool args_is_word(const char *text, const char *words)
{
    size_t length = strlen(text);
    for (const char *word = words; word != NULL; word = strchr(word, '|')) {
        word += *word == '|';
        if (length > 0 && strcspn(word, "|") == length && strncmp(word, text, length) == 0)
            return true;
    }
    return false;
}

static int check(const struct command *command, const struct arg *arg, const char *text)
{
    struct uuid id;
    if (arg->kind == ARG_NUMBER && !is_number(text, arg->min, arg->max))
        return usage_error(command, "%s is a whole number from %lld to %lld, not '%s'", arg->name,
                           (long long)arg->min, (long long)arg->max, text);
    if (arg->kind == ARG_WORD && !args_is_word(text, arg->value))
        return usage_error(command, "%s is one of %s, not '%s'", arg->name, arg->value, text);
    if (arg->kind == ARG_ID && uuid_parse(text, strlen(text), &id) < 0)
        return usage_error(command, "%s is an id, not '%s'", arg->name, text);
    return 0;
}

/* The row of the option that `text` names, up to its '='; -1: there is none. */
static int find_option(const struct command *command, const char *text)
{
    size_t length = strcspn(text, "=");
    for (int i = 0; command->args[i].name != NULL; i++) {
        assert(i < ARGS_MAX);
        if (arg_is_option(&command->args[i]) && strlen(command->args[i].name) == length &&
            strncmp(command->args[i].name, text, length) == 0)
            return i;
    }
    return -1;
}

/* The option at argv[0]; *used counts its words. A word that looks like an option is no value: only behind
 * '='. */
static int read_option(char **argv, struct args *args, int *used)
{
    const struct command *command = args->command;
    int row = find_option(command, argv[0]);
    if (row < 0)
        return usage_error(command, "there is no option '%.*s'", (int)strcspn(argv[0], "="), argv[0]);
    const struct arg *option = &command->args[row];
    const char *equals = strchr(argv[0], '=');
    const char *value = equals != NULL ? equals + 1 : argv[1];
    *used = 1;
    if (option->value == NULL) {
        args->options[row] = option->name;
        return equals == NULL ? 0 : usage_error(command, "%s takes no value", option->name);
    }
    if (equals == NULL) {
        if (value == NULL || strncmp(value, "--", 2) == 0)
            return usage_error(command, "%s needs its %s", option->name, option->value);
        *used = 2;
    }
    args->options[row] = value;
    return check(command, option, value);
}

/* How many there are is looked at before what they say. */
static int check_operands(const struct args *args)
{
    const struct command *command = args->command;
    size_t at = 0, most = 0;
    int status = 0;
    for (const struct arg *arg = command->args; arg->name != NULL; arg++) {
        if (!arg_is_option(arg))
            most = is_list(arg) ? SIZE_MAX : most + 1;
    }
    if (args->operand_count > most)
        return usage_error(command, "one argument too many: '%s'", args->operands[most]);
    for (const struct arg *arg = command->args; arg->name != NULL && status == 0; arg++) {
        if (arg_is_option(arg))
            continue;
        if (at < args->operand_count)
            status = check(command, arg, args->operands[at++]);
        else if (!is_optional(arg))
            status = usage_error(command, "%s is missing: %s", arg->name, arg->help);
        if (is_list(arg))
            at = args->operand_count;
    }
    return status;
}

static int check_options(const struct args *args)
{
    for (const struct arg *arg = args->command->args; arg->name != NULL; arg++) {
        if (arg->required && args->options[arg - args->command->args] == NULL)
            return usage_error(args->command, "%s %s is missing: %s", arg->name, arg->value, arg->help);
    }
    return 0;
}

int args_read(const struct command *command, int argc, char **argv, struct args *ret_args)
{
    struct args args = {.command = command, .operands = argv};
    bool may_be_option = true;
    int used = 1;

    for (int i = 0; i < argc; i += used) {
        const char *word = argv[i];
        used = 1;
        if (may_be_option && strcmp(word, "--") == 0) {
            may_be_option = false;
        } else if (may_be_option && word[0] == '-' && word[1] != '\0' && word[1] != '.' &&
                   isdigit((unsigned char)word[1]) == 0) {
            int status = read_option(argv + i, &args, &used);
            if (status != 0)
                return status;
        } else {
            args.operands[args.operand_count++] = argv[i];
        }
    }
    int status = check_operands(&args);
    if (status == 0)
        status = check_options(&args);
    if (status == 0)
        *ret_args = args;
    return status;
}

const char *args_text(const struct args *args, const char *name)
{
    size_t operand = 0;
    for (size_t i = 0; args->command->args[i].name != NULL; i++) {
        const struct arg *arg = &args->command->args[i];
        bool is_option = arg_is_option(arg);
        if (strcmp(arg->name, name) == 0)
            return is_option                       ? args->options[i]
                   : operand < args->operand_count ? args->operands[operand]
                                                   : NULL;
        operand += is_option ? 0 : 1;
    }
    assert(false && "the table has this name");
    return NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_text(args, name) != NULL;
}

int64_t args_number(const struct args *args, const char *name, int64_t otherwise)
{
    const char *text = args_text(args, name);
    return text == NULL ? otherwise : strtoll(text, NULL, 10);
}
