/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/exchange_floor.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/fix_text.h"

enum { SENT_MAX = 1024 * 1024 };

const struct instant exchange_floor_now = {INT64_C(1767323045000000)};

#define CENT (DECIMAL_ONE / 100)
static const struct instrument instruments[] = {
    {"MSFT", "Microsoft", {CENT}, {DECIMAL_ONE}, true, {410 * DECIMAL_ONE}},
    {"AAPL", "Apple", {CENT}, {DECIMAL_ONE}, true, {150 * DECIMAL_ONE}},
    {"DELISTED", "Gone", {CENT}, {DECIMAL_ONE}, false, {DECIMAL_ONE}},
    {"AAP", "A prefix", {CENT}, {DECIMAL_ONE}, true, {DECIMAL_ONE}},
};
static const struct exchange_config config = {
    .levels = 2, .level_quantity = {1000 * DECIMAL_ONE}, .spread_ticks = 2, .orders_expected = 16};

static char sent[SENT_MAX];
static size_t sent_length;

/* Fields that every test would have to repeat are left out. */
static bool boring(const char *field)
{
    static const char *const tags[] = {"37=O", "55=", "54=", "60=", "59=", "272=", "273="};
    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (strncmp(field, tags[i], strlen(tags[i])) == 0)
            return true;
    return false;
}

static void put(uint32_t session, const char *type, const struct fix_body *body, const char *mark)
{
    char text[FIX_TEXT_MAX], *rest = NULL;
    fix_text_show(body->bytes, body->length, text);
    sent_length +=
        (size_t)snprintf(sent + sent_length, SENT_MAX - sent_length, "%u:%s%s", session, type, mark);
    for (char *field = strtok_r(text, "|", &rest); field != NULL; field = strtok_r(NULL, "|", &rest))
        if (!boring(field))
            sent_length += (size_t)snprintf(sent + sent_length, SENT_MAX - sent_length, " %s", field);
    sent_length += (size_t)snprintf(sent + sent_length, SENT_MAX - sent_length, "\n");
}

static void take(void *context, uint32_t session, const char *type, const struct fix_body *body,
                 enum sink_way way)
{
    static const char *const marks[] = {
        [SINK_KEPT] = "", [SINK_PASSING] = "~", [SINK_UNSENT] = "!", [SINK_REPEATED] = "="};
    (void)context;
    put(session, type, body, marks[way]);
}

struct exchange *exchange_floor_create(void)
{
    static const struct sink sink = {.send = take};
    struct exchange *created = NULL;
    sent_length = 0;
    cr_assert_eq(exchange_create(&config, instruments, ARRAY_LEN(instruments), &sink, &created), 0);
    return created;
}

void exchange_floor_request(struct exchange *exchange, uint32_t session, const char *type, const char *fields,
                            struct instant now)
{
    static struct fix_message message;
    char text[FIX_TEXT_MAX], bytes[FIX_TEXT_MAX];
    (void)snprintf(text, sizeof(text), "35=%s|49=A|56=SIM|34=7|52=20260102-03:04:05|%s%s", type, fields,
                   strstr(fields, "60=") == NULL && strchr("DFG", type[0]) != NULL ? "60=20260102-03:04:05|"
                                                                                   : "");
    struct fix_fault fault = fix_parse(bytes, fix_text_build(text, bytes), &message);
    cr_assert_eq(fault.kind, FIX_VALID, "%s: %s", text, fault.text);
    exchange_receive(exchange, session, &message, now);
}

const char *exchange_floor_answers(void)
{
    static char copy[SENT_MAX];
    memcpy(copy, sent, sent_length);
    copy[sent_length] = '\0';
    sent_length = 0;
    return copy;
}
