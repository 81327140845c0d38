/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl help and man: what the tables of the commands say. */
#include <string.h>

#include "common/cleanup.h"
#include "services/oxectl/oxectl.h"

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_TRADER] = "Traders",        [GROUP_OPERATIONS] = "Operations",
    [GROUP_COMPLIANCE] = "Compliance", [GROUP_SIMULATOR] = "The simulated exchange",
    [GROUP_TOOLS] = "Tools",
};

static const char *const needs_texts[] = {
    [NEEDS_NOTHING] = NULL,
    [NEEDS_TOKEN] = "Needs a token of this role.",
    [MAY_USE_TOKEN] = "Needs a token of this role for what it asks of the gateway.",
    [NEEDS_DATABASE] = "Needs OXE_DATABASE.",
    [NEEDS_COMPLIANCE_DATABASE] = "Needs OXE_DATABASE_COMPLIANCE.",
};

static const char environment[] =
    "  OXE_URL               the gateway (default http://127.0.0.1:8080)\n"
    "  OXE_TOKEN             the caller's JWT; OXE_TOKEN_FILE names a file that holds it\n"
    "  OXE_DEVELOPMENT_KEYS  folder of a development issuer: without a token oxectl makes its own, for the\n"
    "                        trader alice, olga of operations or carol of compliance, as the command needs\n"
    "  OXE_DATABASE          conninfo of the role oxe_operations, for what only the database knows\n"
    "  OXE_DATABASE_COMPLIANCE  likewise of the role oxe_compliance, for 'report criteria'\n"
    "  OXE_SIM_CONTROL       the simulator's control port (default 127.0.0.1:8084)\n";

static const char statuses[] =
    "0 done, 1 refused by the server, 2 the server could not be asked, 64 wrong usage.";

/* Required options, the others in short, operands. */
static void print_synopsis(const struct command *command)
{
    bool more = false;
    (void)printf("oxectl %s", command->name);
    for (const struct arg *arg = command->args; arg->name != NULL; arg++) {
        if (arg_is_option(arg) && arg->required)
            (void)printf(" %s %s", arg->name, arg->value);
        more |= arg_is_option(arg) && !arg->required;
    }
    if (more)
        (void)fputs(" [OPTION ...]", stdout);
    for (const struct arg *arg = command->args; arg->name != NULL; arg++) {
        if (!arg_is_option(arg))
            (void)printf(" %s", arg->name);
    }
    (void)putchar('\n');
}

static void print_args(const struct command *command)
{
    int width = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (const struct arg *arg = command->args; arg->name != NULL; arg++) {
            int length = (int)(strlen(arg->name) + (arg->value == NULL ? 0 : 1 + strlen(arg->value)));
            if (pass == 0)
                width = length > width ? length : width;
            else
                (void)printf("  %s%s%-*s  %s\n", arg->name, arg->value == NULL ? "" : " ",
                             width - (int)strlen(arg->name) - (arg->value == NULL ? 0 : 1),
                             arg->value == NULL ? "" : arg->value, arg->help);
        }
    }
}

static void print_command(const struct command *command)
{
    (void)fputs("Usage: ", stdout);
    print_synopsis(command);
    (void)printf("\n%s: %s.\n", group_titles[command->group], command->summary);
    if (command->manual != NULL)
        (void)printf("%s\n", command->manual);
    if (needs_texts[command->needs] != NULL)
        (void)printf("%s\n", needs_texts[command->needs]);
    if (command->args[0].name != NULL)
        (void)putchar('\n');
    print_args(command);
}

/* Of those whose names begin with this word; NULL: all. How many they are. */
static size_t print_list(enum group group, const char *word)
{
    size_t count = 0, length = word == NULL ? 0 : strlen(word);
    for (const struct command *command = all_commands; command->name != NULL; command++) {
        if (command->group != group ||
            (word != NULL && (strncmp(command->name, word, length) != 0 || command->name[length] != ' ')))
            continue;
        if (count++ == 0)
            (void)printf("\n%s\n", group_titles[group]);
        (void)printf("  %-18s %s\n", command->name, command->summary);
    }
    return count;
}

static size_t print_groups(const char *word)
{
    size_t count = 0;
    for (enum group group = 0; group < GROUP_COUNT; group++)
        count += print_list(group, word);
    return count;
}

int help_print(int count, char **words)
{
    int used = 0;
    const struct command *command = command_find(all_commands, count, words, &used);
    if (count == 0) {
        (void)fputs("oxectl - the command line of OXE\n\nUsage: oxectl COMMAND [ARGUMENT ...]\n", stdout);
        (void)print_groups(NULL);
        (void)printf("\nEnvironment\n%s\nExit status: %s\n'oxectl COMMAND --help' tells more about each.\n",
                     environment, statuses);
    } else if (command != NULL && used == count) {
        print_command(command);
        (void)print_groups(command->name);
    } else if (count > 1 || print_groups(words[0]) == 0) {
        return usage_error(NULL, "there is no command '%s%s%s'", words[0], count > 1 ? " " : "",
                           count > 1 ? words[1] : "");
    }
    return 0;
}

int help_run(const struct context *context, const struct args *args)
{
    return help_print((int)args->operand_count, args->operands);
}

int help_man(const struct context *context, const struct args *args)
{
    (void)fputs(".TH OXECTL 1\n.SH NAME\noxectl \\- the command line of OXE\n.SH SYNOPSIS\n"
                "oxectl COMMAND [ARGUMENT ...]\n",
                stdout);
    for (enum group group = 0; group < GROUP_COUNT; group++) {
        (void)printf(".SH %s\n", group_titles[group]);
        for (const struct command *command = all_commands; command->name != NULL; command++) {
            if (command->group != group)
                continue;
            (void)printf(".SS %s\n.nf\n", command->name);
            print_command(command);
            (void)puts(".fi");
        }
    }
    (void)printf(".SH ENVIRONMENT\n.nf\n%s.fi\n.SH EXIT STATUS\n%s\n", environment, statuses);
    return 0;
}
