/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration table: each type's grammar and bounds, secrets from files, and the report of every fault.
 */
#include "common/config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

struct settings {
    char text[CONFIG_TEXT_MAX];
    char secret[CONFIG_TEXT_MAX];
    int64_t integer;
    int64_t duration_ms;
    bool flag;
    struct config_list list;
};

static const char *refuse_bad(const char *text)
{
    return strcmp(text, "bad") == 0 ? "must not be bad" : NULL;
}

static const struct config_item items[] = {
    {"OXE_T_TEXT", CONFIG_TEXT, offsetof(struct settings, text), "some", 2, 8, "A text", refuse_bad},
    {"OXE_T_SECRET", CONFIG_SECRET, offsetof(struct settings, secret), NULL, 1, 511, "A secret", refuse_bad},
    {"OXE_T_INTEGER", CONFIG_INTEGER, offsetof(struct settings, integer), "5", -10, 10, "A number", NULL},
    {"OXE_T_DURATION", CONFIG_DURATION, offsetof(struct settings, duration_ms), "30s", 10, 7200000, "A time",
     NULL},
    {"OXE_T_FLAG", CONFIG_BOOL, offsetof(struct settings, flag), "false", 0, 0, "A flag", NULL},
    {"OXE_T_LIST", CONFIG_LIST, offsetof(struct settings, list), "a,b", 1, 3, "A list", NULL},
};

/* Loads with one variable set (NULL: unset) beside a valid
 * secret; errors go to *ret_errors, the caller's to free. */
static int load_with(const char *variable, const char *value, struct settings *ret_settings,
                     char **ret_errors)
{
    size_t size;
    FILE *errors = open_memstream(ret_errors, &size);

    memset(ret_settings, 0, sizeof(*ret_settings));
    cr_assert_eq(setenv("OXE_T_SECRET", "hush-hush", 1), 0);
    if (value != NULL)
        cr_assert_eq(setenv(variable, value, 1), 0);
    else
        (void)unsetenv(variable);
    int r = config_load(items, ARRAY_LEN(items), ret_settings, errors);
    (void)fclose(errors);
    (void)unsetenv(variable);
    return r;
}

static void expect_loads(const char *variable, const char *value, struct settings *ret_settings)
{
    CLEANUP_FREE char *errors = NULL;

    cr_assert_eq(load_with(variable, value, ret_settings, &errors), 0, "%s='%s': %s", variable, value,
                 errors);
    cr_expect_str_empty(errors);
}

static void expect_fault(const char *variable, const char *value, const char *fault)
{
    CLEANUP_FREE char *errors = NULL;
    struct settings settings;

    cr_expect_eq(load_with(variable, value, &settings, &errors), -EINVAL, "%s='%s' is taken", variable,
                 value);
    cr_expect_not_null(strstr(errors, fault), "%s='%s' says: %s", variable, value, errors);
    cr_expect_eq(strncmp(errors, variable, strlen(variable)), 0, "the fault names the variable: %s", errors);
}

Test(config, defaults_fill_what_is_not_set)
{
    struct settings settings;

    expect_loads("OXE_T_TEXT", NULL, &settings);
    cr_expect_str_eq(settings.text, "some");
    cr_expect_str_eq(settings.secret, "hush-hush");
    cr_expect_eq(settings.integer, 5);
    cr_expect_eq(settings.duration_ms, 30000);
    cr_expect_not(settings.flag);
    cr_expect_eq(settings.list.count, 2);
    cr_expect_str_eq(settings.list.items[1], "b");
}

Test(config, integers_keep_their_bounds)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"-10", -10}, {"10", 10}, {"0", 0}, {"007", 7}};
    static const char *const bad[] = {"-11", "11", "",    "x",   "1x", " 1",
                                      "1 ",  "+1", "1.0", "0x1", "-",  "99999999999999999999"};
    struct settings settings;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        expect_loads("OXE_T_INTEGER", good[i].text, &settings);
        cr_expect_eq(settings.integer, good[i].value);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_fault("OXE_T_INTEGER", bad[i], "OXE_T_INTEGER: ");
}

Test(config, durations_have_units_and_bounds)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"10ms", 10}, {"250ms", 250}, {"30s", 30000}, {"5m", 300000}, {"2h", 7200000}, {"3", 3000}};
    static const char *const bad[] = {"9ms", "7200001ms",           "3h", "", "s", "1d", "1.5s", "-1s", "1 s",
                                      "1S",  "9223372036854775807h"};
    struct settings settings;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        expect_loads("OXE_T_DURATION", good[i].text, &settings);
        cr_expect_eq(settings.duration_ms, good[i].ms, "%s", good[i].text);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_fault("OXE_T_DURATION", bad[i], "OXE_T_DURATION: ");
}

Test(config, booleans_have_eight_spellings)
{
    static const struct {
        const char *text;
        bool value;
    } good[] = {{"true", true},   {"1", true},  {"yes", true}, {"on", true},
                {"false", false}, {"0", false}, {"no", false}, {"off", false}};
    static const char *const bad[] = {"", "TRUE", "2", "ja", " true"};
    struct settings settings;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        expect_loads("OXE_T_FLAG", good[i].text, &settings);
        cr_expect_eq(settings.flag, good[i].value, "%s", good[i].text);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_fault("OXE_T_FLAG", bad[i], "neither true nor false");
}

Test(config, texts_keep_their_length_and_their_check)
{
    struct settings settings;

    expect_loads("OXE_T_TEXT", "12", &settings);
    expect_loads("OXE_T_TEXT", "12345678", &settings);
    cr_expect_str_eq(settings.text, "12345678");
    expect_fault("OXE_T_TEXT", "1", "shorter than 2");
    expect_fault("OXE_T_TEXT", "123456789", "longer than 8");
    expect_fault("OXE_T_TEXT", "", "empty");
    expect_fault("OXE_T_TEXT", "bad", "must not be bad");
}

Test(config, lists_are_split_trimmed_and_counted)
{
    struct settings settings;

    expect_loads("OXE_T_LIST", " x , y y,z\t", &settings);
    cr_assert_eq(settings.list.count, 3);
    cr_expect_str_eq(settings.list.items[0], "x");
    cr_expect_str_eq(settings.list.items[1], "y y");
    cr_expect_str_eq(settings.list.items[2], "z");
    expect_fault("OXE_T_LIST", "a,b,c,d", "more than 3");
    expect_fault("OXE_T_LIST", "", "fewer than 1");
    expect_fault("OXE_T_LIST", "  ", "fewer than 1");
    expect_fault("OXE_T_LIST", "a,,b", "empty entry");
    expect_fault("OXE_T_LIST", "a,", "empty entry");
}

Test(config, a_list_longer_than_its_storage_is_refused)
{
    CLEANUP_FREE char *text = malloc(5001);

    memset(text, 'a', 5000);
    text[5000] = '\0';
    expect_fault("OXE_T_LIST", text, "longer than 4095");
}

static void write_file(char *path, const char *content, size_t length)
{
    int fd = mkstemp(path);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, content, length), (ssize_t)length);
    (void)close(fd);
}

/* Loads with the secret from a file alone. */
static int load_secret_file(const char *path, struct settings *ret_settings, char **ret_errors)
{
    size_t size;
    FILE *errors = open_memstream(ret_errors, &size);

    (void)unsetenv("OXE_T_SECRET");
    cr_assert_eq(setenv("OXE_T_SECRET_FILE", path, 1), 0);
    int r = config_load(items, ARRAY_LEN(items), ret_settings, errors);
    (void)fclose(errors);
    (void)unsetenv("OXE_T_SECRET_FILE");
    return r;
}

Test(config, a_secret_comes_from_its_file_less_one_newline)
{
    static const struct {
        const char *content;
        size_t length;
        const char *secret; /* NULL: refused */
    } cases[] = {
        {"from-file\n", 10, "from-file"},
        {"from-file", 9, "from-file"},
        {"two\n\n", 5, "two\n"},
        {"\n", 1, NULL},
        {"", 0, NULL},
        {"a\0b", 3, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[] = "/tmp/oxe-config-test-XXXXXX";
        CLEANUP_FREE char *errors = NULL;
        struct settings settings;
        write_file(path, cases[i].content, cases[i].length);
        int r = load_secret_file(path, &settings, &errors);
        (void)unlink(path);
        cr_expect_eq(r, cases[i].secret != NULL ? 0 : -EINVAL, "case %zu: %s", i, errors);
        if (cases[i].secret != NULL)
            cr_expect_str_eq(settings.secret, cases[i].secret);
    }
}

Test(config, a_secret_file_that_cannot_be_read_is_a_fault)
{
    CLEANUP_FREE char *errors = NULL, *errors_directory = NULL;
    struct settings settings;

    cr_expect_eq(load_secret_file("/nonexistent/secret", &settings, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors, "OXE_T_SECRET: cannot read the file '/nonexistent/secret'"), "%s",
                       errors);
    cr_expect_eq(load_secret_file("/", &settings, &errors_directory), -EINVAL);
}

Test(config, a_secret_set_twice_is_a_fault)
{
    cr_assert_eq(setenv("OXE_T_SECRET_FILE", "/dev/null", 1), 0);
    expect_fault("OXE_T_SECRET", "x", "both OXE_T_SECRET and OXE_T_SECRET_FILE are set");
}

Test(config, only_secrets_are_read_from_files)
{
    struct settings settings;

    expect_loads("OXE_T_TEXT_FILE", "/nonexistent", &settings);
    cr_expect_str_eq(settings.text, "some");
}

Test(config, a_refused_secret_is_never_printed)
{
    CLEANUP_FREE char *errors = NULL;
    struct settings settings;
    size_t size;
    FILE *stream = open_memstream(&errors, &size);

    cr_assert_eq(setenv("OXE_T_SECRET", "bad", 1), 0);
    cr_expect_eq(config_load(items, ARRAY_LEN(items), &settings, stream), -EINVAL);
    (void)fclose(stream);
    cr_expect_str_eq(errors, "OXE_T_SECRET: must not be bad\n");
}

Test(config, every_fault_is_reported)
{
    CLEANUP_FREE char *errors = NULL;
    struct settings settings;
    size_t size;
    FILE *stream = open_memstream(&errors, &size);

    (void)unsetenv("OXE_T_SECRET");
    cr_assert_eq(setenv("OXE_T_INTEGER", "many", 1), 0);
    cr_assert_eq(setenv("OXE_T_FLAG", "perhaps", 1), 0);
    cr_expect_eq(config_load(items, ARRAY_LEN(items), &settings, stream), -EINVAL);
    (void)fclose(stream);
    cr_expect_str_eq(errors, "OXE_T_SECRET: is required\n"
                             "OXE_T_INTEGER: 'many' is not an integer\n"
                             "OXE_T_FLAG: 'perhaps' is neither true nor false\n");
}

Test(config, help_names_every_variable_with_bounds_and_default)
{
    CLEANUP_FREE char *help = NULL;
    size_t size;
    FILE *stream = open_memstream(&help, &size);

    config_help(items, ARRAY_LEN(items), stream);
    (void)fclose(stream);
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        cr_expect_not_null(strstr(help, items[i].variable));
    cr_expect_not_null(strstr(help, "integer from -10 to 10; default 5"));
    cr_expect_not_null(strstr(help, "secret, or OXE_T_SECRET_FILE; required"));
}
