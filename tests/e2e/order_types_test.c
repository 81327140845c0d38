/* SPDX-License-Identifier: Apache-2.0 */
/* Every order type with every time in force, to its end. The exchange of this instance quotes nothing itself
 * (OXE_SIM_LEVELS=0), so a second trader's offers alone decide what is filled, and at which price. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/proof.h"

#define SYMBOL "AMZN"

/* A BUY of 10, 185 being the last price. Things happen from left to right, as far as they are there. */
struct story {
    const char *order_type;
    const char *time_in_force;
    int offered;       /* at 185, before the order comes */
    bool end_of_day;   /* once it works */
    const char *price; /* the last price moves there once it works; NULL: it stays */
    int offered_later; /* at 185, once it works and the day is over */
    const char *status, *filled, *actions;
};

#define SENT "SUBMITTED APPROVED EXECUTED"

static const struct story stories[] = {
    /* What of a MARKET order finds no price does not wait for one, whatever its time in force. */
    {"MARKET", "DAY", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"MARKET", "DAY", 4, false, NULL, 0, "CANCELLED", "4", SENT " FILLED CANCELLED"},
    {"MARKET", "GTC", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"MARKET", "GTC", 0, false, NULL, 0, "CANCELLED", "0", SENT " CANCELLED"},
    {"MARKET", "IOC", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"MARKET", "IOC", 4, false, NULL, 0, "CANCELLED", "4", SENT " FILLED CANCELLED"},
    {"MARKET", "FOK", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"MARKET", "FOK", 9, false, NULL, 0, "CANCELLED", "0", SENT " CANCELLED"},

    {"LIMIT", "DAY", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"LIMIT", "DAY", 0, false, NULL, 10, "FILLED", "10", SENT " FILLED"},
    {"LIMIT", "DAY", 4, true, NULL, 0, "EXPIRED", "4", SENT " FILLED EXPIRED"},
    {"LIMIT", "DAY", 0, true, NULL, 0, "EXPIRED", "0", SENT " EXPIRED"},
    {"LIMIT", "GTC", 4, true, NULL, 6, "FILLED", "10", SENT " FILLED FILLED"},
    {"LIMIT", "IOC", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"LIMIT", "IOC", 4, false, NULL, 0, "CANCELLED", "4", SENT " FILLED CANCELLED"},
    {"LIMIT", "FOK", 10, false, NULL, 0, "FILLED", "10", SENT " FILLED"},
    {"LIMIT", "FOK", 9, false, NULL, 0, "CANCELLED", "0", SENT " CANCELLED"},

    {"STOP", "DAY", 10, false, "191", 0, "FILLED", "10", SENT " FILLED"},
    {"STOP", "DAY", 10, true, NULL, 0, "EXPIRED", "0", SENT " EXPIRED"},
    {"STOP", "GTC", 10, true, "190", 0, "FILLED", "10", SENT " FILLED"},
    {"STOP", "GTC", 4, true, "191", 0, "CANCELLED", "4", SENT " FILLED CANCELLED"},
    {"STOP", "IOC", 10, false, "191", 0, "FILLED", "10", SENT " FILLED"},
    {"STOP", "IOC", 4, false, "191", 0, "CANCELLED", "4", SENT " FILLED CANCELLED"},
    {"STOP", "FOK", 10, false, "191", 0, "FILLED", "10", SENT " FILLED"},
    {"STOP", "FOK", 9, false, "191", 0, "CANCELLED", "0", SENT " CANCELLED"},
};

static char *submit_buy(const char *token, const struct story *story)
{
    char price[32] = "", body[256];

    if (strcmp(story->order_type, "MARKET") != 0)
        (void)snprintf(price, sizeof(price), ",\"price\":%d",
                       strcmp(story->order_type, "STOP") == 0 ? 190 : 185);
    (void)snprintf(body, sizeof(body),
                   "{\"symbol\":\"" SYMBOL
                   "\",\"quantity\":10,\"order_type\":\"%s\",\"time_in_force\":\"%s\"%s}",
                   story->order_type, story->time_in_force, price);
    return proof_submit(token, body);
}

/* "" for nothing. */
static char *offer(const char *seller, int quantity)
{
    char body[256];

    if (quantity == 0)
        return strdup("");
    (void)snprintf(body, sizeof(body),
                   "{\"symbol\":\"" SYMBOL "\",\"side\":\"SELL\",\"quantity\":%d,\"order_type\":\"LIMIT\","
                   "\"price\":185,\"time_in_force\":\"GTC\"}",
                   quantity);
    return proof_submit(seller, body);
}

/* What nobody took must not meet the next story. */
static void withdraw(const char *seller, const char *order_id)
{
    char path[128];

    if (*order_id == '\0')
        return;
    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/cancel", order_id);
    AUTO_REPLY reply = instance_call(&(struct call){.method = "POST", .path = path, .token = seller});
    cr_assert(reply.status == 202 || reply.status == 409, "%s", reply.body.data);
    AUTO_REPLY order = order_await(seller, order_id, "DONE", PROOF_WAIT_MS);
}

static void tell(const struct story *story, size_t number, const char *seller)
{
    char subject[32], cash[32];

    (void)snprintf(subject, sizeof(subject), "types-%zu", number);
    AUTO_TEXT token = instance_trader(subject, "100000", NULL);
    instance_price(SYMBOL, "185");
    AUTO_TEXT before = offer(seller, story->offered);
    if (*before != '\0') {
        AUTO_REPLY rests = order_await(seller, before, "WORKING", PROOF_WAIT_MS);
    }
    AUTO_TEXT id = submit_buy(token, story);
    if (story->end_of_day || story->price != NULL || story->offered_later > 0) {
        AUTO_REPLY works = order_await(token, id, "WORKING", PROOF_WAIT_MS);
    }
    if (story->end_of_day) {
        AUTO_TEXT ended = proof_exchange("end-day");
    }
    if (story->price != NULL)
        instance_price(SYMBOL, story->price);
    AUTO_TEXT later = offer(seller, story->offered_later);

    proof_ended(token, id, story->status, story->filled);
    proof_story(token, id, story->actions);
    AUTO_TEXT total = proof_entry(token, id, story->status, "total_filled");
    cr_assert_str_eq(total, story->filled);
    (void)snprintf(cash, sizeof(cash), "%d", 100000 - 185 * atoi(story->filled));
    proof_account(token, cash, "0", "0");
    proof_position(token, SYMBOL, story->filled);
    withdraw(seller, before);
    withdraw(seller, later);
}

Test(order_types, each_ends_as_its_time_in_force_says, .timeout = 600)
{
    AUTO_TEXT seller = instance_trader("types-seller", "0", NULL);
    instance_position("types-seller", SYMBOL, "1000");

    for (size_t i = 0; i < ARRAY_LEN(stories); i++)
        tell(&stories[i], i, seller);
    instance_check_invariants();
}
