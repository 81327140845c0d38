/* SPDX-License-Identifier: Apache-2.0 */
/* Queries: typed, strict, percent-decoded; and the routes' cousins that are as small. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/feature.h"
#include "services/gateway/edge/http_params.h"

struct query {
    bool has_status, has_symbol, has_from, has_limit, has_cursor, has_token, has_action, has_id;
    enum order_status status;
    char symbol[SYMBOL_MAX];
    struct instant from;
    int64_t limit;
    char cursor[HTTP_PARAM_TEXT_MAX];
    enum audit_action action;
    struct uuid id;
    bool has_state;
    enum execution_state state;
};

#define PARAM(name, kind, member, low, high)                                                                 \
    {                                                                                                        \
        name, kind, offsetof(struct query, member), offsetof(struct query, has_##member), low, high          \
    }

static const struct http_param params[] = {
    PARAM("status", HTTP_PARAM_ORDER_STATUS, status, 0, 0),
    PARAM("symbol", HTTP_PARAM_SYMBOL, symbol, 0, 0),
    PARAM("from", HTTP_PARAM_INSTANT, from, 0, 0),
    PARAM("limit", HTTP_PARAM_INTEGER, limit, 1, 500),
    PARAM("cursor", HTTP_PARAM_TEXT, cursor, 0, 0),
    PARAM("action", HTTP_PARAM_AUDIT_ACTION, action, 0, 0),
    PARAM("state", HTTP_PARAM_EXECUTION_STATE, state, 0, 0),
    PARAM("id", HTTP_PARAM_UUID, id, 0, 0),
    {"token", HTTP_PARAM_IGNORED, 0, offsetof(struct query, has_token), 0, 0},
};

static int parse(const char *text, struct query *query, struct faults *faults)
{
    *query = (struct query){.limit = 50};
    return http_params_parse(text, strlen(text), params, ARRAY_LEN(params), query, faults);
}

Test(http_params, values_are_typed_and_decoded)
{
    struct query query;
    struct faults faults;

    cr_assert_eq(parse("status=FILLED&symbol=BRK%2eB&from=2025-10-17T14:01:05+02:00&limit=500&cursor=a%20b",
                       &query, &faults),
                 0);
    cr_expect_eq(query.status, ORDER_STATUS_FILLED);
    cr_expect_str_eq(query.symbol, "BRK.B");
    cr_expect_eq(query.from.us, INT64_C(1760702465000000), "a plus is a plus");
    cr_expect_eq(query.limit, 500);
    cr_expect_str_eq(query.cursor, "a b");
    cr_expect(query.has_status && query.has_symbol && query.has_from && query.has_limit && query.has_cursor);
}

Test(http_params, actions_and_ids_are_typed_too)
{
    struct query query;
    struct faults faults;
    char id[UUID_TEXT_MAX];

    cr_assert_eq(
        parse("id=0199F0A5-7d0c-7000-8000-000000000001&action=IN_DOUBT&state=WORKING", &query, &faults), 0);
    cr_expect(query.has_action && query.has_id && query.has_state);
    cr_expect_eq(query.state, EXECUTION_STATE_WORKING);
    cr_expect_eq(query.action, AUDIT_ACTION_IN_DOUBT);
    uuid_format(query.id, id);
    cr_expect_str_eq(id, "0199f0a5-7d0c-7000-8000-000000000001");
}

Test(http_params, what_is_absent_keeps_its_default)
{
    static const char *const queries[] = {"", "&", "&&&", "symbol=A"};

    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        struct query query;
        struct faults faults;
        cr_assert_eq(parse(queries[i], &query, &faults), 0, "%s", queries[i]);
        cr_expect_eq(query.limit, 50);
        cr_expect(!query.has_limit && !query.has_status);
    }
    struct query query = {.limit = 7};
    struct faults faults;
    cr_expect_eq(http_params_parse(NULL, 0, params, ARRAY_LEN(params), &query, &faults), 0);
}

Test(http_params, an_ignored_one_may_have_any_length)
{
    static char text[20000] = "token=";
    struct query query;
    struct faults faults;

    memset(text + 6, 'x', sizeof(text) - 7);
    cr_expect_eq(parse(text, &query, &faults), 0);
}

Test(http_params, every_fault_is_told)
{
    static const struct {
        const char *query, *faults;
    } cases[] = {
        {"status=filled", "INVALID_VALUE /status"},
        {"status=", "INVALID_VALUE /status"},
        {"status", "INVALID_VALUE /status"},
        {"symbol=aapl", "INVALID_VALUE /symbol"},
        {"symbol=%00", "INVALID_VALUE /symbol"},
        {"symbol=%ff", "INVALID_VALUE /symbol"},
        {"symbol=%4", "INVALID_VALUE /symbol"},
        {"symbol=%zz", "INVALID_VALUE /symbol"},
        {"from=yesterday", "INVALID_VALUE /from"},
        {"from=2025-02-30T00:00:00Z", "INVALID_VALUE /from"},
        {"limit=0", "INVALID_VALUE /limit"},
        {"limit=501", "INVALID_VALUE /limit"},
        {"limit=-1", "INVALID_VALUE /limit"},
        {"limit=+1", "INVALID_VALUE /limit"},
        {"limit=1.0", "INVALID_VALUE /limit"},
        {"limit=99999999999999999999", "INVALID_VALUE /limit"},
        {"limit=", "INVALID_VALUE /limit"},
        {"cursor=", "INVALID_VALUE /cursor"},
        {"action=", "INVALID_VALUE /action"},
        {"action=filled", "INVALID_VALUE /action"},
        {"action=PENDING", "INVALID_VALUE /action"},
        {"id=", "INVALID_VALUE /id"},
        {"id=7", "INVALID_VALUE /id"},
        {"id=0199f0a57d0c70008000000000000001", "INVALID_VALUE /id"},
        {"limit=1&limit=2", "INVALID_VALUE /limit"},
        {"statuss=FILLED", "UNKNOWN_FIELD /statuss"},
        {"Status=FILLED", "UNKNOWN_FIELD /Status"},
        {"=1", "UNKNOWN_FIELD /"},
        {"%ff=1", "UNKNOWN_FIELD "},
        {"a%2Fb=1", "UNKNOWN_FIELD /a~1b"},
        {"limit=0&x=1&status=x", "INVALID_VALUE /limit; UNKNOWN_FIELD /x; INVALID_VALUE /status"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct query query;
        struct faults faults;
        char text[512] = "";
        cr_expect_eq(parse(cases[i].query, &query, &faults), -EINVAL, "%s", cases[i].query);
        for (size_t j = 0; j < faults.count; j++)
            (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s", j == 0 ? "" : "; ",
                           reject_text((enum reject_code)faults.items[j].code), faults.items[j].field);
        cr_expect_str_eq(text, cases[i].faults, "%s: %s", cases[i].query, text);
    }
}

Test(http_params, one_can_be_found_alone)
{
    static const struct {
        const char *query;
        int result;
        const char *value;
    } cases[] = {
        {"token=abc", 0, "abc"},
        {"a=1&token=a%2Eb&b=2", 0, "a.b"},
        {"token=", 0, ""},
        {"tokens=abc", -ENOENT, ""},
        {"", -ENOENT, ""},
        {"token=a&token=b", -EINVAL, ""},
        {"token=123456789012", -EINVAL, ""},
        {"token=%", -EINVAL, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char value[12];
        int r = http_params_find(cases[i].query, strlen(cases[i].query), "token", value, sizeof(value));
        cr_expect_eq(r, cases[i].result, "%s", cases[i].query);
        if (cases[i].result == 0)
            cr_expect_str_eq(value, cases[i].value, "%s", cases[i].query);
    }
}

Test(feature, false_true_and_percentages_are_read)
{
    static const struct {
        const char *text;
        int percent;
    } cases[] = {{"false", 0}, {"true", 100}, {"0", 0},    {"25", 25},  {"25%", 25}, {"100%", 100},
                 {"007", 7},   {"", -1},      {"%", -1},   {"-1", -1},  {"101", -1}, {"1e1", -1},
                 {"TRUE", -1}, {"25 %", -1},  {"2.5", -1}, {"1000", -1}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int percent = -1;
        int r = feature_parse(cases[i].text, &percent);
        cr_expect_eq(percent, cases[i].percent, "%s", cases[i].text);
        cr_expect_eq(r == 0, cases[i].percent >= 0, "%s", cases[i].text);
    }
}

Test(feature, a_share_is_close_to_its_percentage_and_only_grows)
{
    enum { TRADERS = 10000, PERCENT_MAX = 100 };
    struct uuid_source source = {0};
    int within[PERCENT_MAX + 1] = {0};

    for (int i = 0; i < TRADERS; i++) {
        struct uuid id = uuid_next(&source, (struct instant){INT64_C(1760702465000000) + i});
        for (int percent = 0; percent <= PERCENT_MAX; percent++) {
            bool in = feature_includes(percent, id);
            cr_expect(percent == 0 || in || !feature_includes(percent - 1, id), "out at %d %%, in before",
                      percent);
            within[percent] += in;
        }
    }
    cr_expect_eq(within[0], 0);
    cr_expect_eq(within[PERCENT_MAX], TRADERS);
    for (int percent = 1; percent < PERCENT_MAX; percent++)
        cr_expect(abs(within[percent] - percent * TRADERS / PERCENT_MAX) < TRADERS / 40, "%d of %d at %d %%",
                  within[percent], TRADERS, percent);
}
