/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl log: the services' log lines, for people. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "services/oxectl/oxectl.h"

struct log_options {
    enum log_level level; /* from this one on */
    const char *order, *trace;
    bool json;
};

static bool has_text(yajl_val object, const char *name, const char *wanted)
{
    return wanted == NULL || strcmp(json_text(object, name), wanted) == 0;
}

/* What is no line of a service (PostgreSQL's, a crash) passes unless somebody asks for one order or trace. */
static bool is_wanted(yajl_val line, const struct log_options *options)
{
    enum log_level level;
    if (line == NULL)
        return options->order == NULL && options->trace == NULL;
    if (log_level_parse(json_text(line, "level"), &level) == 0 && level < options->level)
        return false;
    return has_text(line, "order_id", options->order) && has_text(line, "trace_id", options->trace);
}

/* TIME LEVEL SERVICE/INSTANCE EVENT name=value …; a value with blanks stands in quotes. */
static void print_line(yajl_val line)
{
    const char *instance = json_text(line, "instance");
    (void)printf("%s %-7s %s", json_text(line, "time"), json_text(line, "level"), json_text(line, "service"));
    if (strcmp(instance, "-") != 0 && instance[0] != '\0')
        (void)printf("/%s", instance);
    (void)printf(" %s", json_text(line, "event"));
    for (size_t i = 0; i < YAJL_GET_OBJECT(line)->len; i++) {
        const char *name = YAJL_GET_OBJECT(line)->keys[i];
        const char *value = json_text(line, name);
        const char *quote = strpbrk(value, " =") != NULL ? "'" : "";
        if (!args_is_word(name, "time|level|service|instance|event") && strcmp(value, "-") != 0)
            (void)printf(" %s=%s%s%s", name, quote, value, quote);
    }
    (void)putchar('\n');
}

static void handle(const char *text, const struct log_options *options)
{
    yajl_val line = text[0] == '{' ? yajl_tree_parse(text, NULL, 0) : NULL;
    if (line != NULL && !YAJL_IS_OBJECT(line)) {
        yajl_tree_free(line);
        line = NULL;
    }
    if (is_wanted(line, options)) {
        if (line == NULL || options->json)
            (void)puts(text);
        else
            print_line(line);
    }
    yajl_tree_free(line);
}

int log_run(const struct context *context, const struct args *args)
{
    CLEANUP_FREE char *text = NULL;
    size_t capacity = 0;
    struct log_options options = {.order = args_text(args, "--order"),
                                  .trace = args_text(args, "--trace"),
                                  .json = args_has(args, "--json")};
    if (args_has(args, "--level"))
        (void)log_level_parse(args_text(args, "--level"), &options.level);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (ssize_t length; (length = getline(&text, &capacity, stdin)) >= 0;) {
        text[strcspn(text, "\n")] = '\0';
        handle(text, &options);
    }
    return ferror(stdin) != 0 ? trouble("cannot read standard input") : 0;
}
