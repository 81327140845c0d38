/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl: finds the command in the table, reads its arguments and runs it. */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/cleanup.h"
#include "proto/lane.h"

const struct command all_commands[] = {
#define COMMAND(function, name_, group_, needs_, summary_, manual_, ...)                                     \
    {.run = (function),                                                                                      \
     .name = (name_),                                                                                        \
     .group = (group_),                                                                                      \
     .needs = (needs_),                                                                                      \
     .summary = (summary_),                                                                                  \
     .manual = (manual_),                                                                                    \
     .args = (const struct arg[]){__VA_ARGS__}},
#include "services/oxectl/commands.def"
#undef COMMAND
    {.name = NULL},
};

int complain(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("oxectl: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return status;
}

const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

/* A file's trailing newline is cut off. */
static int read_token(const char *path, char **ret_token)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return trouble("cannot read OXE_TOKEN_FILE %s: %s", path, strerror(errno));
    char text[8192];
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    *ret_token = strdup(text);
    return 0;
}

static int find_token(const struct command *command, char **ret_token)
{
    static const struct {
        const char *role, *subject;
    } people[GROUP_COUNT] = {
        [GROUP_TRADER] = {"trader", "alice"},
        [GROUP_OPERATIONS] = {"operations", "olga"},
        [GROUP_COMPLIANCE] = {"compliance", "carol"},
    };
    const char *token = setting("OXE_TOKEN", NULL), *file = setting("OXE_TOKEN_FILE", NULL),
               *keys = setting("OXE_DEVELOPMENT_KEYS", NULL);
    if (token != NULL) {
        *ret_token = strdup(token);
        return 0;
    }
    if (file != NULL)
        return read_token(file, ret_token);
    if (keys != NULL)
        return token_make(keys, people[command->group].subject, people[command->group].role, ret_token);
    if (command->needs == MAY_USE_TOKEN)
        return 0;
    return usage_error(command, "it needs a token of the role %s in OXE_TOKEN or OXE_TOKEN_FILE",
                       people[command->group].role);
}

static int run(const struct command *command, const struct args *args)
{
    struct context context = {
        .url = setting("OXE_URL", "http://127.0.0.1:8080"),
        .database = setting("OXE_DATABASE", NULL),
        .sim_control = setting("OXE_SIM_CONTROL", "127.0.0.1:8084"),
    };
    int status = 0;
    if (command->needs == NEEDS_COMPLIANCE_DATABASE)
        context.database = setting("OXE_DATABASE_COMPLIANCE", NULL);
    if (command->needs == NEEDS_TOKEN || command->needs == MAY_USE_TOKEN)
        status = find_token(command, &context.token);
    else if (command->needs == NEEDS_DATABASE && context.database == NULL)
        status = usage_error(command, "it needs OXE_DATABASE, the conninfo of the role oxe_operations");
    else if (command->needs == NEEDS_COMPLIANCE_DATABASE && context.database == NULL)
        status =
            usage_error(command, "it needs OXE_DATABASE_COMPLIANCE, the conninfo of the role oxe_compliance");
    if (status == 0) {
        (void)curl_global_init(CURL_GLOBAL_DEFAULT);
        context.curl = curl_easy_init();
        status = command->run(&context, args);
        curl_easy_cleanup(context.curl);
        curl_global_cleanup();
    }
    free(context.token);
    return status;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || (i == 0 && strcmp(argv[i], "-h") == 0))
            return true;
    }
    return false;
}

/* A word that begins commands of more words is told how it goes on. */
static int unknown(const char *word)
{
    CLEANUP(buffer_release) struct buffer rest = BUFFER_INIT(4096);
    size_t length = strlen(word);
    for (const struct command *command = all_commands; command->name != NULL; command++) {
        if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
            buffer_append_format(&rest, "%s%s", rest.length == 0 ? "" : ", ", command->name + length + 1);
    }
    if (rest.length == 0)
        return usage_error(NULL, "there is no command '%s'", word);
    return usage_error(NULL, "%s is followed by %s", word, rest.data);
}

int main(int argc, char **argv)
{
    struct args args;
    int used = 0;
    if (argc < 2)
        return usage_error(NULL, "say a command");
    if (strcmp(argv[1], "--version") == 0 && argc == 2) {
        (void)puts("oxectl " OXE_VERSION);
        return 0;
    }
    const struct command *command = command_find(all_commands, argc - 1, argv + 1, &used);
    char **rest = argv + 1 + used;
    int count = argc - 1 - used;
    if (asks_for_help(count, rest))
        return help_print(command != NULL ? used : argv[1][0] == '-' ? 0 : 1, argv + 1);
    if (command == NULL)
        return unknown(argv[1]);
    int status = args_read(command, count, rest, &args);
    return status != 0 ? status : run(command, &args);
}
