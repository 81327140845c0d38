/* SPDX-License-Identifier: Apache-2.0 */
/* Every code of reject.def, produced from outside: the status, the title, the fault with pointer, limit and
 * actual value, and the sentence, which a person has read: it names what is wrong and the next step. A code
 * without a case fails the test.
 *
 * Long: one table has a case for every code. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/reject.h"
#include "tests/support/gateway_world.h"
#include "tests/support/trading_floor.h"

#define ORDERS  "/api/v1/orders"
#define HALTS   "/api/v1/admin/halts"
#define NOWHERE "0199f0a5-7d0c-7000-8000-000000000001"
#define REST    "\"symbol\":\"AAPL\",\"order_type\":\"MARKET\""
#define MARKET  "{" REST ",\"quantity\":10}"
#define AAPL(quantity, price)                                                                                \
    "{\"symbol\":\"AAPL\",\"order_type\":\"LIMIT\",\"quantity\":" quantity ",\"price\":" price "}"

static struct gateway_world gateway;
static struct floor floor_;

/* Who asks, and for what. */
struct scene {
    const char *token, *operations;
    const char *subject;
    char path[160]; /* "": the case's own */
};

enum who { TRADER, NO_ACCOUNT, OPERATIONS, NO_TOKEN };

struct refusal {
    const char *name;
    enum reject_code code;
    enum reject_code whole; /* the problem's, where it is not the fault's own */
    enum who who;
    const char *settings; /* of the trader, who is new; with 500 AAPL */
    void (*before)(struct scene *);
    void (*after)(void);
    struct call call; /* a path of NULL: POST of an order */
    bool recorded;
    const char *errors; /* "CODE pointer limit actual; …", "-" for what is not there; "": none */
    const char *says;   /* the detail */
};

static void expect_sentence(const char *text, const char *fact)
{
    size_t length = strlen(text);

    cr_expect(length > 20 && (isupper((unsigned char)text[0]) || isdigit((unsigned char)text[0])) &&
                  text[length - 1] == '.',
              "%s: no sentence: %s", fact, text);
}

static const char *or_dash(const char *text)
{
    return *text == '\0' ? "-" : text;
}

static void append_error(const struct reply *reply, size_t number, struct buffer *out)
{
    static const char *const members[] = {"code", "field", "limit", "actual"};
    char path[48];

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        (void)snprintf(path, sizeof(path), "errors/%zu/%s", number, members[i]);
        buffer_append_format(out, "%s%s",
                             i > 0        ? " "
                             : number > 0 ? "; "
                                          : "",
                             or_dash(json_text(reply->json, path)));
    }
}

static void expect_errors(const struct refusal *c, const struct reply *reply)
{
    CLEANUP(buffer_release) struct buffer errors = BUFFER_INIT(0);
    size_t count = json_count(reply->json, "errors");
    char path[48];

    buffer_append_text(&errors, "");
    for (size_t i = 0; i < count; i++) {
        append_error(reply, i, &errors);
        (void)snprintf(path, sizeof(path), "errors/%zu/message", i);
        expect_sentence(json_text(reply->json, path), c->name);
    }
    cr_expect_str_eq(count == 0 ? "" : errors.data, c->errors, "%s: %s", c->name, reply->body.data);
    if (count == 1)
        cr_expect_str_eq(json_text(reply->json, "errors/0/message"), c->says, "%s", c->name);
}

static void expect_record(const struct refusal *c, const struct reply *reply, const char *token)
{
    const char *id = json_text(reply->json, "order_id");

    cr_expect_eq(*id != '\0', c->recorded, "%s: %s", c->name, reply->body.data);
    if (!c->recorded)
        return;
    AUTO_REPLY order = order_get(token, id);
    cr_expect_str_eq(json_text(order.json, "status"), "REJECTED", "%s", c->name);
    cr_expect_str_eq(json_text(order.json, "reason"), json_text(reply->json, "errors/0/code"), "%s", c->name);
}

static void expect_refusal(const struct refusal *c, const struct reply *reply)
{
    enum reject_code whole = c->whole != 0 ? c->whole : c->code;

    cr_expect_eq(reply->status, reject_http_status(whole), "%s: %ld %s", c->name, reply->status,
                 reply->body.data);
    cr_expect_eq(atol(json_text(reply->json, "status")), reply->status, "%s", c->name);
    cr_expect_str_eq(json_text(reply->json, "code"), reject_text(whole), "%s: %s", c->name, reply->body.data);
    cr_expect_str_eq(json_text(reply->json, "title"), reject_title(whole), "%s", c->name);
    cr_expect_str_eq(reply_header(reply, "Content-Type"), "application/problem+json", "%s", c->name);
    cr_expect_str_eq(json_text(reply->json, "detail"), c->says, "%s: %s", c->name, reply->body.data);
    expect_sentence(c->says, c->name);
    expect_errors(c, reply);
}

static void run(const struct refusal *c)
{
    static int number;
    char subject[32];

    (void)snprintf(subject, sizeof(subject), "case-%d", number++);
    AUTO_TEXT token = gateway_trader(&gateway, subject, c->settings);
    AUTO_TEXT operations = gateway_token_with(gateway.key, "olga", 3600, ",\"oxe_role\":\"operations\"");
    AUTO_TEXT stranger = gateway_token(&gateway, "nobody");
    const char *const tokens[] = {
        [TRADER] = token, [NO_ACCOUNT] = stranger, [OPERATIONS] = operations, [NO_TOKEN] = NULL};
    world_sql(&gateway.world,
              "INSERT INTO oxe.positions (trader_id, symbol, quantity, cost) SELECT id, 'AAPL', 500, 50000 "
              "FROM oxe.traders WHERE subject = '%s'",
              subject);
    struct scene scene = {.token = token, .operations = operations, .subject = subject};
    struct call call = c->call;
    if (c->before != NULL)
        c->before(&scene);
    if (scene.path[0] != '\0')
        call.path = scene.path;
    else if (call.path == NULL)
        call.path = ORDERS;
    if (call.token == NULL)
        call.token = tokens[c->who];
    AUTO_REPLY reply = instance_call(&call);
    if (c->after != NULL)
        c->after();
    expect_refusal(c, &reply);
    expect_record(c, &reply, token);
}

static void run_all(const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run(&cases[i]);
}

/* --- what the gateway finds in the body --- */

#define FAULT_OF_FORM REJECT_VALIDATION_FAILED

static char large[20000], long_header[17000];

static const struct refusal form[] = {
    {"an empty body", REJECT_MALFORMED_JSON, .call.body = "", .call.method = "POST",
     .call.type = "application/json", .errors = "",
     .says = "The body is not JSON: it is empty; send one JSON object."},
    {"no JSON", REJECT_MALFORMED_JSON, .call.body = "{]", .errors = "",
     .says = "The body is not JSON: byte 2 is not allowed there; send one JSON object."},
    {"half an object", REJECT_MALFORMED_JSON, .call.body = "{\"symbol\":", .errors = "",
     .says = "The body is not JSON: it ends too early; send one JSON object."},
    {"nested too deeply", REJECT_MALFORMED_JSON, .call.body = "[[[[[[[[[", .errors = "",
     .says = "The body is not JSON: it is nested too deeply; send one JSON object."},
    {"text", REJECT_UNSUPPORTED_MEDIA_TYPE, .call.body = MARKET, .call.type = "text/plain", .errors = "",
     .says = "The Content-Type is not application/json in UTF-8; send the body as that."},
    {"20,000 blanks", REJECT_BODY_TOO_LARGE, .call.body = large, .call.body_length = sizeof(large),
     .errors = "",
     .says = "The body is over 16 KiB; send one order, and no more than the contract's members."},
    {"a header of 17,000 bytes", REJECT_HEAD_TOO_LARGE, .call.body = MARKET, .call.header = long_header,
     .errors = "",
     .says = "The request's head is over 16 KiB or has more than 100 headers; send fewer or shorter ones."},
    {"a member is missing", REJECT_REQUIRED, FAULT_OF_FORM, .call.body = "{" REST "}",
     .errors = "REQUIRED /quantity - -", .says = "The member 'quantity' is missing; add it."},
    {"a member is null", REJECT_REQUIRED, FAULT_OF_FORM, .call.body = "{" REST ",\"quantity\":null}",
     .errors = "REQUIRED /quantity - -",
     .says = "The member 'quantity' is null, but required; give it a value."},
    {"a misspelt member", REJECT_UNKNOWN_FIELD, FAULT_OF_FORM,
     .call.body = "{" REST ",\"quantity\":1,\"stoploss\":1}", .errors = "UNKNOWN_FIELD /stoploss - -",
     .says = "The member 'stoploss' is unknown; correct the name, perhaps to 'stop_loss'."},
    {"a member of another contract", REJECT_UNKNOWN_FIELD, FAULT_OF_FORM,
     .call.body = "{" REST ",\"quantity\":1,\"leverage\":1}", .errors = "UNKNOWN_FIELD /leverage - -",
     .says = "The member 'leverage' is unknown; correct the name or leave it out."},
    {"an object for a number", REJECT_INVALID_TYPE, FAULT_OF_FORM, .call.body = "{" REST ",\"quantity\":{}}",
     .errors = "INVALID_TYPE /quantity - an object",
     .says = "The member 'quantity' is an object; send a number, or a string that holds one."},
    {"an array for the body", REJECT_INVALID_TYPE, FAULT_OF_FORM, .call.body = "[]",
     .errors = "INVALID_TYPE - - -", .says = "The body is not an object; send one JSON object."},
    {"a word in small letters", REJECT_INVALID_VALUE, FAULT_OF_FORM,
     .call.body = "{" REST ",\"quantity\":1,\"side\":\"buy\"}", .errors = "INVALID_VALUE /side - buy",
     .says = "The member 'side' is 'buy'; send BUY or SELL, in capitals."},
    {"no number", REJECT_INVALID_VALUE, FAULT_OF_FORM, .call.body = "{" REST ",\"quantity\":\"ten\"}",
     .errors = "INVALID_VALUE /quantity - ten",
     .says = "The member 'quantity' is no decimal number, it is 'ten'; send one, for example 10.5."},
    {"no symbol", REJECT_INVALID_VALUE, FAULT_OF_FORM,
     .call.body = "{\"symbol\":\"$\",\"order_type\":\"MARKET\",\"quantity\":1}",
     .errors = "INVALID_VALUE /symbol - $",
     .says =
         "The member 'symbol' is '$'; send 1 to 16 of A to Z, 0 to 9, point and hyphen, of which the first "
         "is a letter or a digit."},
    {"a member twice", REJECT_INVALID_VALUE, FAULT_OF_FORM,
     .call.body = "{" REST ",\"quantity\":1,\"quantity\":2}", .errors = "INVALID_VALUE /quantity - -",
     .says = "The member 'quantity' is there more than once; send it once."},
    {"zero", REJECT_NOT_POSITIVE, FAULT_OF_FORM, .call.body = "{" REST ",\"quantity\":0}",
     .errors = "NOT_POSITIVE /quantity 0 0",
     .says = "The member 'quantity' is 0, not greater than 0; send a positive number."},
    {"nine digits", REJECT_TOO_PRECISE, FAULT_OF_FORM, .call.body = "{" REST ",\"quantity\":1.123456789}",
     .errors = "TOO_PRECISE /quantity 8 1.123456789",
     .says = "The member 'quantity' has more than 8 digits after the point, it is 1.123456789; round it."},
    {"eleven digits", REJECT_OUT_OF_RANGE, FAULT_OF_FORM, .call.body = "{" REST ",\"quantity\":10000000000}",
     .errors = "OUT_OF_RANGE /quantity 9999999999.99999999 10000000000",
     .says =
         "The member 'quantity' has more than 10 digits before the point, it is 10000000000; send a smaller "
         "number."},
    {"all at once, as they stand in the body, what is missing at the end", REJECT_VALIDATION_FAILED,
     .call.body =
         "{\"side\":\"buy\",\"quantity\":0,\"order_type\":7,\"time_in_force\":\"NOW\",\"price\":"
         "1.123456789,\"stop_loss\":\"x\",\"take_profit\":10000000000,\"stoploss\":1,\"side\":\"SELL\"}",
     .errors = "INVALID_VALUE /side - buy; NOT_POSITIVE /quantity 0 0; INVALID_TYPE /order_type - a number; "
               "INVALID_VALUE /time_in_force - NOW; TOO_PRECISE /price 8 1.123456789; INVALID_VALUE "
               "/stop_loss - x; OUT_OF_RANGE /take_profit 9999999999.99999999 10000000000; UNKNOWN_FIELD "
               "/stoploss - -; INVALID_VALUE /side - -; REQUIRED /symbol - -",
     .says = "The body has 10 faults; correct each member that errors names."},
};

/* --- rules of the instrument and of risk, each with the order that it leaves behind --- */

static void halt_trader(struct scene *scene)
{
    char body[256];

    (void)snprintf(
        body, sizeof(body), "{\"scope\":\"TRADER\",\"trader_id\":\"%s\",\"reason\":\"margin call\"}",
        world_value(&gateway.world, "SELECT id FROM oxe.traders WHERE subject = '%s'", scene->subject));
    AUTO_REPLY reply = instance_call(&(struct call){.path = HALTS, .token = scene->operations, .body = body});
    cr_assert_eq(reply.status, 201, "%s", reply.body.data);
}

/* An order that rests, since nobody works it. */
static void submit_one(struct scene *scene)
{
    AUTO_REPLY reply = order_submit(scene->token, MARKET);

    cr_assert_eq(reply.status, 201, "%s", reply.body.data);
}

#define LOST(amount) "daily_loss = 1000, trading_day = '2999-01-01', day_start_equity = 1075000 + " amount
#define SUSPENDED    "status = 'SUSPENDED'"
#define MSFT(quantity, price, more)                                                                          \
    "{\"symbol\":\"MSFT\",\"order_type\":\"LIMIT\",\"quantity\":" quantity ",\"price\":" price more "}"

static const struct refusal rules[] = {
    {"no such symbol", REJECT_UNKNOWN_SYMBOL, .recorded = true,
     .call.body = "{\"symbol\":\"NOPE\",\"order_type\":\"MARKET\",\"quantity\":1}",
     .errors = "UNKNOWN_SYMBOL /symbol - NOPE",
     .says = "There is no instrument NOPE; take a symbol from the list of instruments."},
    {"not tradable", REJECT_SYMBOL_NOT_TRADABLE, .recorded = true,
     .call.body = "{\"symbol\":\"DARK\",\"order_type\":\"MARKET\",\"quantity\":1}",
     .errors = "SYMBOL_NOT_TRADABLE /symbol - DARK",
     .says = "DARK cannot be traded now; try again when its instrument is tradable."},
    {"no price yet", REJECT_SYMBOL_NOT_TRADABLE, .recorded = true,
     .call.body = "{\"symbol\":\"NEW\",\"order_type\":\"MARKET\",\"quantity\":1}",
     .errors = "SYMBOL_NOT_TRADABLE /symbol - NEW",
     .says =
         "NEW has no price yet, so the order's cost and distance from the market cannot be known; try again "
         "when it has one."},
    {"no limit", REJECT_PRICE_REQUIRED, REJECT_VALIDATION_FAILED, .recorded = true,
     .call.body = "{\"symbol\":\"AAPL\",\"order_type\":\"LIMIT\",\"quantity\":1}",
     .errors = "PRICE_REQUIRED /price - -", .says = "A LIMIT order needs a price; add the limit."},
    {"no trigger", REJECT_PRICE_REQUIRED, REJECT_VALIDATION_FAILED, .recorded = true,
     .call.body = "{\"symbol\":\"AAPL\",\"order_type\":\"STOP\",\"quantity\":1}",
     .errors = "PRICE_REQUIRED /price - -", .says = "A STOP order needs a price; add the trigger."},
    {"between two ticks", REJECT_TICK_SIZE, .recorded = true, .call.body = MSFT("10", "299.99", ""),
     .errors = "TICK_SIZE /price 0.05 299.99",
     .says = "The price 299.99 is not a multiple of the tick size 0.05; send the nearest, 299.95 or 300."},
    {"less than a lot", REJECT_LOT_SIZE, .recorded = true, .call.body = MSFT("5", "300", ""),
     .errors = "LOT_SIZE /quantity 10 5",
     .says = "The quantity 5 is not a multiple of the lot size 10; send the nearest, 10."},
    {"a stop loss above", REJECT_STOP_LOSS_SIDE, .recorded = true,
     .call.body = MSFT("10", "300", ",\"stop_loss\":301"), .errors = "STOP_LOSS_SIDE /stop_loss 300 301",
     .says =
         "The stop loss 301 of a BUY must be below the price at which the entry is expected to trade, 300; "
         "move it there or leave it out."},
    {"a stop loss above the market, whatever price the order names", REJECT_STOP_LOSS_SIDE, .recorded = true,
     .call.body = "{" REST ",\"quantity\":1,\"price\":600,\"stop_loss\":590}",
     .errors = "STOP_LOSS_SIDE /stop_loss 150 590",
     .says =
         "The stop loss 590 of a BUY must be below the price at which the entry is expected to trade, 150; "
         "move it there or leave it out."},
    {"a take profit below", REJECT_TAKE_PROFIT_SIDE, .recorded = true,
     .call.body = MSFT("10", "300", ",\"take_profit\":299"),
     .errors = "TAKE_PROFIT_SIDE /take_profit 300 299",
     .says =
         "The take profit 299 of a BUY must be above the price at which the entry is expected to trade, 300; "
         "move it there or leave it out."},
    {"a take profit below the market", REJECT_TAKE_PROFIT_SIDE, .recorded = true,
     .call.body = "{" REST ",\"quantity\":1,\"take_profit\":20}",
     .errors = "TAKE_PROFIT_SIDE /take_profit 150 20",
     .says =
         "The take profit 20 of a BUY must be above the price at which the entry is expected to trade, 150; "
         "move it there or leave it out."},
    {"another currency", REJECT_CURRENCY_MISMATCH, .recorded = true, .settings = "currency = 'EUR'",
     .call.body = AAPL("1", "150"), .errors = "CURRENCY_MISMATCH /symbol EUR USD",
     .says = "AAPL trades in USD, the account is in EUR; trade it from an account in USD."},
    {"outside the collar", REJECT_PRICE_COLLAR, .recorded = true, .call.body = AAPL("1", "165.01"),
     .errors = "PRICE_COLLAR /price 15 15.01",
     .says = "The price 165.01 is 15.01 away from the last price 150 of AAPL, over the 15 that the collar of "
             "10 % allows; move it towards the last price."},
    {"too many", REJECT_MAX_ORDER_QUANTITY, .recorded = true, .settings = "max_order_quantity = 100",
     .call.body = AAPL("101", "150"), .errors = "MAX_ORDER_QUANTITY /quantity 100 101",
     .says = "The quantity 101 is over the limit 100 of an order; send a smaller one."},
    {"too much", REJECT_MAX_ORDER_NOTIONAL, .recorded = true, .settings = "max_order_notional = 1500",
     .call.body = AAPL("11", "150"), .errors = "MAX_ORDER_NOTIONAL /quantity 1500 1650",
     .says = "The order's value 1650 (11 at 150) is over the limit 1500 of an order; send a smaller one."},
    {"too much of a day", REJECT_MAX_DAILY_NOTIONAL, .recorded = true,
     .settings = "max_daily_notional = 3000", .before = submit_one, .call.body = AAPL("11", "150"),
     .errors = "MAX_DAILY_NOTIONAL /quantity 3000 3150",
     .says = "Today's orders come to 1500; with this one, of 1650, they would come to 3150, over the limit "
             "3000 of a day; send a smaller one or wait for the next trading day."},
    {"no number for it", REJECT_OUT_OF_RANGE, .recorded = true,
     .settings = "max_order_quantity = 9999999999, max_position_quantity = 9999999999",
     .call.body = AAPL("9999990000", "150"), .errors = "OUT_OF_RANGE /quantity - -",
     .says = "Quantity times price is too large to be counted; send a smaller order."},
    {"too poor", REJECT_INSUFFICIENT_BUYING_POWER, .recorded = true, .settings = "cash = 1499.99",
     .call.body = AAPL("10", "150"), .errors = "INSUFFICIENT_BUYING_POWER /quantity 1499.99 1500",
     .says =
         "The order costs 1500 (10 at 150), the buying power is 1499.99; send a smaller order, cancel open "
         "orders or add cash."},
    {"more than is held", REJECT_INSUFFICIENT_POSITION, .recorded = true,
     .call.body = "{" REST ",\"quantity\":501,\"side\":\"SELL\"}",
     .errors = "INSUFFICIENT_POSITION /quantity 500 501",
     .says =
         "Of AAPL, 500 is left to sell (held 500, open SELLs 0), the order sells 501; send a smaller order "
         "or cancel open SELLs."},
    {"a position too large", REJECT_MAX_POSITION, .recorded = true, .settings = "max_position_quantity = 509",
     .call.body = AAPL("10", "150"), .errors = "MAX_POSITION /quantity 509 510",
     .says =
         "With this order and the open BUYs the position in AAPL would be 510, over the limit 509; send a "
         "smaller order or cancel open ones."},
    {"one order too many", REJECT_MAX_OPEN_ORDERS, .recorded = true, .settings = "max_open_orders = 1",
     .before = submit_one, .call.body = AAPL("10", "150"), .errors = "MAX_OPEN_ORDERS - 1 2",
     .says =
         "With this order there would be 2 open orders, over the limit 1; cancel one or wait until one is "
         "done."},
    {"lost too much", REJECT_DAILY_LOSS_LIMIT, .recorded = true, .settings = LOST("1000"),
     .call.body = AAPL("10", "150"), .errors = "DAILY_LOSS_LIMIT - 1000 1000",
     .says =
         "Today's loss 1000 has reached the limit 1000; until the next trading day only orders that reduce "
         "a position pass."},
    {"halted", REJECT_TRADING_HALTED, .recorded = true, .before = halt_trader, .call.body = MARKET,
     .errors = "TRADING_HALTED - - TRADER",
     .says = "Trading is halted for this account; wait until the halt is lifted. Its reason: 'margin call'."},
    {"suspended", REJECT_ACCOUNT_NOT_ACTIVE, .recorded = true, .settings = SUSPENDED, .call.body = MARKET,
     .errors = "ACCOUNT_NOT_ACTIVE - ACTIVE SUSPENDED",
     .says = "The account is SUSPENDED; ask operations to make it active."},
    {"all of risk at once", REJECT_RISK_REJECTED, .recorded = true, .before = halt_trader,
     .settings = SUSPENDED ", cash = 1000, max_order_quantity = 100, max_order_notional = 5000, "
                           "max_position_quantity = 600, daily_loss = 1000, trading_day = '2999-01-01', "
                           "day_start_equity = 77000",
     .call.body = AAPL("101", "165.01"),
     .errors =
         "ACCOUNT_NOT_ACTIVE - ACTIVE SUSPENDED; TRADING_HALTED - - TRADER; MAX_ORDER_QUANTITY /quantity "
         "100 101; MAX_ORDER_NOTIONAL /quantity 5000 16666.01; PRICE_COLLAR /price 15 15.01; "
         "MAX_POSITION /quantity 600 601; INSUFFICIENT_BUYING_POWER /quantity 1000 16666.01; "
         "DAILY_LOSS_LIMIT - 1000 1000",
     .says = "The order breaks 8 rules; correct each that errors names."},
    {"the instrument's rules, then those of risk", REJECT_VALIDATION_FAILED, .recorded = true,
     .settings = "max_order_quantity = 10, max_order_notional = 3000, cash = 1",
     .call.body = MSFT("15", "250.01", ",\"stop_loss\":250.02,\"take_profit\":200"),
     .errors =
         "LOT_SIZE /quantity 10 15; TICK_SIZE /price 0.05 250.01; TICK_SIZE /stop_loss 0.05 250.02; "
         "MAX_ORDER_QUANTITY /quantity 10 15; STOP_LOSS_SIDE /stop_loss 250.01 250.02; "
         "TAKE_PROFIT_SIDE /take_profit 250.01 200; MAX_ORDER_NOTIONAL /quantity 3000 3750.15; PRICE_COLLAR "
         "/price 30 49.99; INSUFFICIENT_BUYING_POWER /quantity 1 3750.15",
     .says = "The order breaks 9 rules; correct each that errors names."},
};

/* --- who asks, for what, and when --- */

static void use_key(struct scene *scene)
{
    AUTO_REPLY reply =
        instance_call(&(struct call){.path = ORDERS, .token = scene->token, .body = MARKET, .key = "used"});

    cr_assert_eq(reply.status, 201, "%s", reply.body.data);
}

static void cancel_what_was_rejected(struct scene *scene)
{
    AUTO_REPLY reply = order_submit(scene->token, AAPL("1", "1"));

    cr_assert_eq(reply.status, 422, "%s", reply.body.data);
    (void)snprintf(scene->path, sizeof(scene->path), ORDERS "/%s/cancel", json_text(reply.json, "order_id"));
}

static void resolve_what_is_new(struct scene *scene)
{
    AUTO_REPLY reply = order_submit(scene->token, MARKET);

    cr_assert_eq(reply.status, 201, "%s", reply.body.data);
    (void)snprintf(scene->path, sizeof(scene->path), "/api/v1/admin/orders/%s/resolve",
                   json_text(reply.json, "id"));
}

static void restart(const char *name, const char *value)
{
    cr_assert_eq(gateway_stop(&gateway), 0);
    cr_assert_eq(setenv(name, value, 1), 0);
    gateway_start(&gateway);
}

static void disable(struct scene *scene)
{
    (void)scene;
    restart("ORDER_EXECUTION_V2_ENABLED", "false");
}

static void enable(void)
{
    restart("ORDER_EXECUTION_V2_ENABLED", "true");
}

static void stop_validator(struct scene *scene)
{
    (void)scene;
    restart("OXE_REQUEST_TIMEOUT", "1s");
    (void)kill(gateway.world.validator, SIGSTOP);
}

static void resume_validator(void)
{
    (void)kill(gateway.world.validator, SIGCONT);
    restart("OXE_REQUEST_TIMEOUT", "30s");
}

/* The one fault inside that can be brought about from outside: a database whose rights are not the schema's.
 */
static void hide_fills(struct scene *scene)
{
    (void)scene;
    world_sql(&gateway.world, "REVOKE SELECT ON oxe.fills FROM oxe_trader");
}

static void show_fills(void)
{
    world_sql(&gateway.world, "GRANT SELECT ON oxe.fills TO oxe_trader");
}

static const struct refusal requests[] = {
    {"no UUID", REJECT_MALFORMED_REQUEST, .call.path = ORDERS "/7", .errors = "INVALID_VALUE /id - -",
     .says = "The id in the path is not a UUID; correct it."},
    {"a bad parameter", REJECT_MALFORMED_REQUEST, .call.path = ORDERS "?limit=501",
     .errors = "INVALID_VALUE /limit - 501",
     .says = "The parameter 'limit' is not a whole number from 1 to 500; correct it."},
    {"no WebSocket", REJECT_MALFORMED_REQUEST, .call.path = "/ws/orders/events", .errors = "",
     .says = "This path speaks WebSocket (RFC 6455); open it by an upgrade from HTTP/1.1."},
    {"no token", REJECT_UNAUTHENTICATED, .who = NO_TOKEN, .call.path = "/api/v1/account", .errors = "",
     .says = "There is no bearer token; get one and send it as Authorization: Bearer."},
    {"garbage for a token", REJECT_UNAUTHENTICATED, .call.token = "x.y.z", .call.path = "/api/v1/account",
     .errors = "", .says = "The token is not a signed JWT in compact form; send it as it was issued."},
    {"no account", REJECT_ACCOUNT_UNKNOWN, .who = NO_ACCOUNT, .call.path = "/api/v1/account", .errors = "",
     .says = "The token is valid, but its subject has no account here; ask operations to open one."},
    {"a trader among operations", REJECT_FORBIDDEN, .call.path = HALTS, .errors = "",
     .says = "This needs the role operations, which the token does not give; use a token that does."},
    {"a foreign page", REJECT_ORIGIN_NOT_ALLOWED, .call.path = "/ws/orders/events",
     .call.header = "Origin: https://elsewhere.example", .errors = "",
     .says = "Pages of this origin may not open the WebSocket; serve the page from a listed origin, or have "
             "this one listed."},
    {"no such path", REJECT_NOT_FOUND, .call.path = "/api/v2/orders", .errors = "",
     .says = "There is nothing at this path; check it."},
    {"no such order", REJECT_NOT_FOUND, .call.path = ORDERS "/" NOWHERE, .errors = "",
     .says = "There is no such order; check its id."},
    {"no such halt", REJECT_NOT_FOUND, .who = OPERATIONS, .call.path = HALTS "/" NOWHERE,
     .call.method = "DELETE", .errors = "",
     .says = "There is no such halt in force; take the id from the list of halts."},
    {"orders are not deleted", REJECT_METHOD_NOT_ALLOWED, .call.path = ORDERS, .call.method = "DELETE",
     .errors = "", .says = "The path exists, but not with this method; use one that the header Allow names."},
    {"a rejected order is cancelled", REJECT_ORDER_NOT_CANCELLABLE, .before = cancel_what_was_rejected,
     .call.method = "POST", .errors = "",
     .says = "The order is already REJECTED, so nothing is left to cancel; read the order."},
    {"a new order is resolved", REJECT_ORDER_NOT_IN_DOUBT, .who = OPERATIONS, .before = resolve_what_is_new,
     .call.body = "{\"action\":\"RETRY\",\"reason\":\"to see\"}", .errors = "",
     .says = "The order is ADMITTED, not IN_DOUBT, so there is nothing to resolve; read the order."},
    {"a blank in the key", REJECT_IDEMPOTENCY_KEY_INVALID, .call.body = MARKET, .call.key = "a b",
     .errors = "",
     .says =
         "The Idempotency-Key is not one header of 1 to 128 visible ASCII characters; send such a key, for "
         "example a UUID."},
    {"a key again", REJECT_IDEMPOTENCY_KEY_REUSED, .before = use_key, .call.key = "used",
     .call.body = AAPL("1", "150"), .errors = "",
     .says = "This Idempotency-Key was used before with another order; draw a new key for a new order."},
    {"not for this account", REJECT_FEATURE_DISABLED, .before = disable, .after = enable, .call.body = MARKET,
     .errors = "",
     .says = "Order execution is not enabled for this account; wait for the roll-out, or ask operations."},
    {"a second order in a minute", REJECT_RATE_LIMITED, .settings = "orders_per_minute = 1",
     .before = submit_one, .call.body = MARKET, .errors = "",
     .says = "The limit of 1 orders a minute is used up; wait as long as Retry-After says."},
    {"a refused query", REJECT_INTERNAL, .before = hide_fills, .after = show_fills,
     .call.path = ORDERS "/" NOWHERE, .errors = "",
     .says = "The database refused the query; report the request_id, then try again."},
    {"a silent validator", REJECT_UNAVAILABLE, .before = stop_validator, .after = resume_validator,
     .call.body = MARKET, .errors = "",
     .says = "There was no answer in time; try again with the same Idempotency-Key."},
};

Test(refusals, each_names_what_is_wrong_with_its_numbers_and_the_next_step, .timeout = 120)
{
    /* Nobody takes what waits in the outbox. */
    cr_assert_eq(setenv("OXE_OUTBOX_MAX_AGE", "1h", 1) | setenv("OXE_REQUEST_TIMEOUT", "30s", 1), 0);
    gateway_begin(&gateway);
    memset(large, ' ', sizeof(large));
    memset(long_header, 'a', sizeof(long_header) - 1);
    long_header[1] = ':';
    run_all(form, ARRAY_LEN(form));
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.orders"), "0");
    run_all(rules, ARRAY_LEN(rules));
    run_all(requests, ARRAY_LEN(requests));
    gateway_end(&gateway);
}

/* --- what the exchange does to an order: the reason and the message of its event --- */

static const struct refused_order {
    enum reject_code code;
    const char *symbol, *fault; /* fault: of the exchange, NULL: none */
    const char *action, *says;
} orders[] = {
    {REJECT_EXCHANGE_REJECTED, "GONE", NULL, "REJECTED",
     "The exchange refused the order: Unknown symbol; correct it and send a new one."},
    {REJECT_EXCHANGE_UNAVAILABLE, "AAPL", "fault swallow message=order always", "REJECTED",
     "The exchange did not take the order, and no attempt is left; send it anew with a new Idempotency-Key."},
    {REJECT_EXCHANGE_UNAVAILABLE, "AAPL", "fault swallow message=order,query always", "IN_DOUBT",
     "The exchange did not answer, and could not be asked about the order; it is still asked, wait for the "
     "next event."},
};

static void begin_floor(void)
{
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "300ms", 1), 0);
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_await(&floor_, "SELECT count(*) FROM oxe.lanes WHERE owner = '0'", "4");
}

static void end_floor(void)
{
    floor_end(&floor_);
}

Test(refusals, an_order_that_the_exchange_ends_says_why_and_what_next, .init = begin_floor, .fini = end_floor,
     .timeout = 120)
{
    char query[256], id[UUID_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct floor_order order = {.symbol = orders[i].symbol,
                                    .side = SIDE_BUY,
                                    .order_type = ORDER_TYPE_MARKET,
                                    .time_in_force = TIME_IN_FORCE_DAY,
                                    .quantity = 10,
                                    .reserve_price = "157.5"};
        floor_tell_exchange(&floor_, "fault clear");
        if (orders[i].fault != NULL)
            floor_tell_exchange(&floor_, orders[i].fault);
        uuid_format(floor_admit(&floor_, &order, 1, true), id);
        (void)snprintf(query, sizeof(query),
                       "SELECT reason FROM oxe.execution_logs WHERE order_id = '%s' AND action = '%s'", id,
                       orders[i].action);
        floor_await(&floor_, query, reject_text(orders[i].code));
        const char *says = floor_value(
            &floor_, "SELECT message FROM oxe.execution_logs WHERE order_id = '%s' AND action = '%s'", id,
            orders[i].action);
        cr_expect_str_eq(says, orders[i].says);
        expect_sentence(says, orders[i].fault);
        cr_expect_eq(reject_http_status(orders[i].code), 0, "only the reason of an order");
    }
}

/* Its age goes on while it is asked about, so that only the beginning of its sentence is certain. */
Test(refusals, a_stale_price_refuses_a_market_order_and_warns_of_a_limit, .timeout = 120)
{
    static const char begins[] = "The last price 150 of AAPL is ", warns[] = "The order was judged by the ";

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    world_sql(&gateway.world, "UPDATE oxe.last_prices SET updated_at = now() - interval '2 hours'");
    AUTO_REPLY market = order_submit(token, MARKET);
    cr_expect_eq(market.status, reject_http_status(REJECT_STALE_PRICE), "%s", market.body.data);
    cr_expect_str_eq(json_text(market.json, "code"), "STALE_PRICE");
    cr_expect_str_eq(json_text(market.json, "title"), reject_title(REJECT_STALE_PRICE));
    cr_expect_str_eq(json_text(market.json, "errors/0/field"), "/symbol");
    cr_expect_str_eq(json_text(market.json, "errors/0/limit"), "3600");
    cr_expect_geq(atol(json_text(market.json, "errors/0/actual")), 7200);
    cr_expect_eq(strncmp(json_text(market.json, "detail"), begins, sizeof(begins) - 1), 0, "%s",
                 market.body.data);
    AUTO_REPLY limit = order_submit(token, AAPL("1", "150"));
    cr_expect_eq(limit.status, 201, "%s", limit.body.data);
    cr_expect_eq(json_count(limit.json, "warnings"), 1, "%s", limit.body.data);
    cr_expect_str_eq(json_text(limit.json, "warnings/0/code"), "STALE_PRICE");
    cr_expect_eq(strncmp(json_text(limit.json, "warnings/0/message"), warns, sizeof(warns) - 1), 0, "%s",
                 limit.body.data);
    AUTO_REPLY preview =
        instance_call(&(struct call){.path = ORDERS "/preview", .token = token, .body = AAPL("1", "150")});
    cr_expect_str_eq(json_text(preview.json, "acceptable"), "true", "%s", preview.body.data);
    cr_expect_str_eq(json_text(preview.json, "warnings/0/code"), "STALE_PRICE", "%s", preview.body.data);
    world_sql(&gateway.world, "UPDATE oxe.last_prices SET updated_at = now()");
    AUTO_REPLY fresh = order_submit(token, AAPL("2", "150"));
    cr_expect_eq(json_count(fresh.json, "warnings"), 0, "%s", fresh.body.data);
    gateway_end(&gateway);
}

static bool is_among(const struct refusal *cases, size_t count, enum reject_code code)
{
    for (size_t i = 0; i < count; i++) {
        if (cases[i].code == code)
            return true;
    }
    return false;
}

static bool has_case(enum reject_code code)
{
    if (is_among(form, ARRAY_LEN(form), code) || is_among(rules, ARRAY_LEN(rules), code) ||
        is_among(requests, ARRAY_LEN(requests), code))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        if (orders[i].code == code)
            return true;
    }
    return code == REJECT_STALE_PRICE; /* a test of its own */
}

Test(refusals, every_code_has_a_case)
{
    static const enum reject_code codes[] = {
#define REJECT(number, code, http_status, by, recorded, title, cause, remedy) REJECT_##code,
#include "proto/reject.def"
    };

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        cr_expect(has_case(codes[i]), "%s has no case", reject_text(codes[i]));
}
