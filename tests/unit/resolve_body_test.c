/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a resolve: every fault with its pointer, and what goes with FILL. */
#include "services/gateway/operations/bodies.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

static int parse(const char *body, struct order_command *command, struct faults *faults)
{
    char detail[JSON_BODY_DETAIL_MAX];

    memset(command, 0xa5, sizeof(*command));
    return json_body_parse(&bodies_resolve, body, strlen(body), command, faults, detail);
}

Test(resolve_body, a_fill_has_its_figures)
{
    struct order_command command;
    struct faults faults;

    cr_assert_eq(parse("{\"action\":\"FILL\",\"quantity\":10,\"price\":\"150.25\",\"venue_exec_id\":\"E-7\","
                       "\"reason\":\"the desk says so\"}",
                       &command, &faults),
                 0);
    cr_expect(command.has_action && command.has_quantity && command.has_price);
    cr_expect_eq(command.action, RESOLVE_ACTION_FILL);
    cr_expect_eq(command.quantity.units, 10 * DECIMAL_ONE);
    cr_expect_eq(command.price.units, 15025000000);
    cr_expect_str_eq(command.venue_exec_id, "E-7");
    cr_expect_str_eq(command.reason, "the desk says so");
}

Test(resolve_body, the_other_actions_have_a_reason_only)
{
    static const struct {
        const char *word;
        enum resolve_action action;
    } cases[] = {{"RETRY", RESOLVE_ACTION_RETRY},
                 {"REJECT", RESOLVE_ACTION_REJECT},
                 {"CANCEL", RESOLVE_ACTION_CANCEL}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_command command;
        struct faults faults;
        char body[128];

        (void)snprintf(body, sizeof(body), "{\"reason\":\"why\",\"action\":\"%s\"}", cases[i].word);
        cr_assert_eq(parse(body, &command, &faults), 0, "%s", body);
        cr_expect_eq(command.action, cases[i].action);
        cr_expect_not(command.has_quantity);
        cr_expect_not(command.has_price);
        cr_expect_str_eq(command.venue_exec_id, "");
    }
}

#define FIGURES "\"quantity\":10,\"price\":150,\"venue_exec_id\":\"E\""

Test(resolve_body, every_fault_is_named)
{
    static const struct {
        const char *body;
        const char *faults; /* "field CODE" of each */
    } cases[] = {
        {"{}", "/action REQUIRED /reason REQUIRED "},
        {"[]", " INVALID_TYPE "},
        {"{\"action\":\"FILL\",\"reason\":\"x\"}",
         "/quantity REQUIRED /price REQUIRED /venue_exec_id REQUIRED "},
        {"{\"action\":\"FILL\",\"reason\":\"x\",\"quantity\":1,\"venue_exec_id\":\"E\"}", "/price REQUIRED "},
        {"{\"action\":\"RETRY\",\"reason\":\"x\"," FIGURES "}",
         "/quantity INVALID_VALUE /price INVALID_VALUE /venue_exec_id INVALID_VALUE "},
        {"{\"action\":\"CANCEL\",\"reason\":\"x\",\"price\":1}", "/price INVALID_VALUE "},
        {"{\"action\":\"fill\",\"reason\":\"x\"," FIGURES "}", "/action INVALID_VALUE "},
        {"{\"action\":4,\"reason\":\"x\"}", "/action INVALID_TYPE "},
        {"{\"action\":null,\"reason\":null}", "/action REQUIRED /reason REQUIRED "},
        {"{\"action\":\"RETRY\",\"reason\":\"\"}", "/reason INVALID_VALUE "},
        {"{\"action\":\"RETRY\",\"reason\":\"a\\u0000b\"}", "/reason INVALID_VALUE "},
        {"{\"action\":\"RETRY\",\"reason\":7}", "/reason INVALID_TYPE "},
        {"{\"action\":\"RETRY\",\"reason\":\"x\",\"reason\":\"y\"}", "/reason INVALID_VALUE "},
        {"{\"action\":\"RETRY\",\"reason\":\"x\",\"force\":true}", "/force UNKNOWN_FIELD "},
        {"{\"action\":\"FILL\",\"reason\":\"x\",\"quantity\":0,\"price\":-1,\"venue_exec_id\":\"\"}",
         "/quantity NOT_POSITIVE /price NOT_POSITIVE /venue_exec_id INVALID_VALUE "},
        {"{\"action\":\"FILL\",\"reason\":\"x\",\"quantity\":1e11,\"price\":1e-9,\"venue_exec_id\":"
         "\"\xc3\xa4\"}",
         "/quantity OUT_OF_RANGE /price TOO_PRECISE /venue_exec_id INVALID_VALUE "},
        {"{\"action\":\"FILL\",\"reason\":\"x\",\"quantity\":null,\"price\":1,\"venue_exec_id\":\"E\"}",
         "/quantity INVALID_TYPE "},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_command command;
        struct faults faults;
        char text[512] = "";

        cr_expect_eq(parse(cases[i].body, &command, &faults), -EINVAL, "%s", cases[i].body);
        for (size_t k = 0; k < faults.count; k++) {
            size_t length = strlen(text);
            (void)snprintf(text + length, sizeof(text) - length, "%s %s ", faults.items[k].field,
                           reject_text((enum reject_code)faults.items[k].code));
        }
        cr_expect_str_eq(text, cases[i].faults, "%s: %s", cases[i].body, text);
    }
}

Test(resolve_body, lengths_are_inclusive)
{
    for (size_t characters = 500; characters <= 501; characters++) {
        struct order_command command;
        struct faults faults;
        char body[2200] = "{\"action\":\"REJECT\",\"reason\":\"";
        size_t length = strlen(body);

        for (size_t i = 0; i < characters; i++, length += 4)
            memcpy(body + length, "\xf0\x9f\x93\x9e", 5);
        memcpy(body + length, "\"}", 3);
        cr_expect_eq(parse(body, &command, &faults), characters == 500 ? 0 : -EINVAL, "%zu", characters);
        if (characters == 500)
            cr_expect_eq(strlen(command.reason), 2000);
    }
    for (int length = 64; length <= 65; length++) {
        struct order_command command;
        struct faults faults;
        char body[256];

        (void)snprintf(body, sizeof(body),
                       "{\"action\":\"FILL\",\"reason\":\"x\",\"quantity\":1,\"price\":1,"
                       "\"venue_exec_id\":\"%0*d\"}",
                       length, 7);
        cr_expect_eq(parse(body, &command, &faults), length == 64 ? 0 : -EINVAL, "%d", length);
    }
}

Test(resolve_body, what_is_no_json_is_said_so)
{
    static const char *const bodies[] = {"", "{", "{\"action\":\"RETRY\"", "action=RETRY", "\xff"};

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct order_command command;
        struct faults faults;

        cr_expect_eq(parse(bodies[i], &command, &faults), -EBADMSG, "%s", bodies[i]);
    }
}
