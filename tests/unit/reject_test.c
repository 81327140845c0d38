/* SPDX-License-Identifier: Apache-2.0 */
/* The codes of refusals follow the contract, and docs/errors.md follows them. */
#include "proto/reject.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/unit/proto_support.h"

enum { CODES = 50 };

Test(reject, codes_are_the_contracts_in_its_order)
{
    CLEANUP(buffer_release) struct buffer contract = BUFFER_INIT(0);
    int number = 0;

    support_read_file("docs/openapi.yaml", &contract);
    const char *at = strstr(contract.data, "\n    ErrorCode:");
    cr_assert_not_null(at);
    while ((at = strstr(at, "\n        - ")) != NULL) {
        at += strlen("\n        - ");
        size_t length = strcspn(at, "\n");
        const char *text = reject_text((enum reject_code)++ number);
        cr_expect(strlen(text) == length && memcmp(text, at, length) == 0,
                  "number %d is %s, the contract has %.*s", number, text, (int)length, at);
    }
    cr_expect_eq(number, CODES);
}

Test(reject, codes_are_read_as_they_are_written)
{
    static const char *const not_codes[] = {"", "REQUIRE", "REQUIREDX", "required"};
    enum reject_code code;

    for (int number = 1; number <= CODES; number++) {
        const char *text = reject_text((enum reject_code)number);
        cr_assert_eq(reject_parse(text, strlen(text), &code), 0, "%s", text);
        cr_expect_eq((int)code, number);
    }
    for (size_t i = 0; i < ARRAY_LEN(not_codes); i++)
        cr_expect_eq(reject_parse(not_codes[i], strlen(not_codes[i]), &code), -EINVAL, "%s", not_codes[i]);
}

Test(reject, every_code_says_who_why_and_what_to_do)
{
    for (int number = 1; number <= CODES; number++) {
        enum reject_code code = (enum reject_code)number;
        int status = reject_http_status(code);

        cr_expect(reject_title(code)[0] != '\0', "%s", reject_text(code));
        cr_expect(status == 0 || (status >= 400 && status < 600), "%s", reject_text(code));
        cr_expect_neq(reject_by(code), 0, "%s", reject_text(code));
    }
}

Test(reject, statuses_are_the_contracts)
{
    static const struct {
        enum reject_code code;
        int status;
    } cases[] = {
        {REJECT_MALFORMED_JSON, 400},
        {REJECT_BODY_TOO_LARGE, 413},
        {REJECT_UNSUPPORTED_MEDIA_TYPE, 415},
        {REJECT_VALIDATION_FAILED, 422},
        {REJECT_TRADING_HALTED, 422},
        {REJECT_ACCOUNT_NOT_ACTIVE, 403},
        {REJECT_ACCOUNT_UNKNOWN, 403},
        {REJECT_UNAUTHENTICATED, 401},
        {REJECT_NOT_FOUND, 404},
        {REJECT_METHOD_NOT_ALLOWED, 405},
        {REJECT_ORDER_NOT_CANCELLABLE, 409},
        {REJECT_ORDER_NOT_IN_DOUBT, 409},
        {REJECT_IDEMPOTENCY_KEY_INVALID, 400},
        {REJECT_IDEMPOTENCY_KEY_REUSED, 422},
        {REJECT_RATE_LIMITED, 429},
        {REJECT_UNAVAILABLE, 503},
        {REJECT_INTERNAL, 500},
        {REJECT_EXCHANGE_REJECTED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(reject_http_status(cases[i].code), cases[i].status, "%s", reject_text(cases[i].code));
}

Test(reject, slug_is_the_code_in_lower_case_with_hyphens)
{
    char slug[REJECT_SLUG_MAX];

    cr_expect_eq(reject_slug(REJECT_INSUFFICIENT_BUYING_POWER, slug), strlen("insufficient-buying-power"));
    cr_expect_str_eq(slug, "insufficient-buying-power");
    cr_expect_eq(reject_slug((enum reject_code)0, slug), 0);
    cr_expect_str_eq(slug, "");
}

Test(reject, numbers_that_are_no_codes_are_empty)
{
    static const int numbers[] = {0, CODES + 1, 1000000, -1};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        enum reject_code code = (enum reject_code)numbers[i];
        cr_expect_str_eq(reject_text(code), "");
        cr_expect_str_eq(reject_title(code), "");
        cr_expect_eq(reject_http_status(code), 0);
    }
}

/* What docs/errors.md tells of each code. */
Test(reject, every_code_has_a_cause_and_a_remedy_and_the_gateway_records_nothing)
{
    static const struct {
        const char *code, *cause, *remedy;
        unsigned int by;
        bool recorded;
    } rows[] = {
#define GATEWAY      REJECT_BY_GATEWAY
#define VALIDATOR    REJECT_BY_VALIDATOR
#define RISK_MANAGER REJECT_BY_RISK_MANAGER
#define EXECUTOR     REJECT_BY_EXECUTOR
#define RECORDED     true
#define UNRECORDED   false
#define REJECT(number, code, http_status, by, recorded, title, cause, remedy)                                \
    {#code, cause, remedy, by, recorded},
#include "proto/reject.def"
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect(rows[i].cause[0] != '\0' && rows[i].remedy[0] != '\0', "%s", rows[i].code);
        cr_expect(!rows[i].recorded || (rows[i].by & ~(unsigned int)REJECT_BY_GATEWAY) != 0, "%s",
                  rows[i].code);
    }
}

Test(reject, the_documented_table_is_this_one)
{
    CLEANUP(buffer_release) struct buffer table = BUFFER_INIT(0);

    reject_render_table(&table);
    support_expect_generated("docs/errors.md", "rejects", &table);
}
