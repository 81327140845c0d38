/* SPDX-License-Identifier: Apache-2.0 */
/* See proof.h. */
#include "tests/support/proof.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ws_client.h"

enum { ACTIONS_MAX = 512, WORDS_MAX = 12, LINE_MAX = 256 };

char *proof_submit(const char *token, const char *body)
{
    AUTO_REPLY reply = order_submit(token, body);

    cr_assert_eq(reply.status, 201, "%s: %ld %s", body, reply.status, reply.body.data);
    return strdup(json_text(reply.json, "id"));
}

void proof_ended(const char *token, const char *order_id, const char *status, const char *filled)
{
    AUTO_REPLY order = order_await(token, order_id, "DONE", PROOF_WAIT_MS);

    cr_assert_str_eq(json_text(order.json, "status"), status, "%s", order.body.data);
    cr_assert_str_eq(json_text(order.json, "filled_quantity"), filled, "%s", order.body.data);
}

static size_t count_words(const char *text)
{
    size_t words = 0;

    for (const char *at = text; *at != '\0'; at++)
        words += *at != ' ' && (at[1] == ' ' || at[1] == '\0');
    return words;
}

static yajl_val entry_at(yajl_val trail, size_t index)
{
    return yajl_tree_get(trail, (const char *[]){"entries", NULL}, yajl_t_array)->u.array.values[index];
}

static void add_word(char text[static ACTIONS_MAX], const char *word)
{
    size_t used = strlen(text);

    (void)snprintf(text + used, ACTIONS_MAX - used, "%s%s", used > 0 ? " " : "", word);
}

static void check_trail(const char *token, const char *order_id, const char *actions)
{
    AUTO_REPLY trail = order_trail(token, order_id, count_words(actions), PROOF_WAIT_MS);
    char found[ACTIONS_MAX] = "";
    long long last = 0;

    for (size_t i = 0; i < json_count(trail.json, "entries"); i++) {
        yajl_val entry = entry_at(trail.json, i);
        long long seq = atoll(json_text(entry, "trader_seq"));
        cr_assert(seq > last, "trader_seq %lld after %lld", seq, last);
        last = seq;
        if (!trail_is_acknowledged(entry))
            add_word(found, json_text(entry, "action"));
    }
    cr_assert_str_eq(found, actions, "the trail of %s: %s", order_id, trail.body.data);
}

static struct ws_client *open_events(const char *token)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer header = BUFFER_INIT(0);
    struct ws_client *client = NULL;
    int status = 0;

    buffer_append_format(&url, "ws%s/ws/orders/events?last_seq=0", instance_url() + 4);
    buffer_append_format(&header, "Authorization: Bearer %s", token);
    int r = ws_client_open(url.data, (const char *[]){header.data, NULL}, PROOF_WAIT_MS, &client, &status);
    cr_assert_eq(r, 0, "%s: %s, status %d", url.data, strerror(-r), status);
    return client;
}

static yajl_val next_frame(struct ws_client *client)
{
    const char *text;
    char error[256];
    size_t length;

    int r = ws_client_next(client, PROOF_WAIT_MS, &text, &length);
    cr_assert_eq(r, 0, "waiting for an event: %s", strerror(-r));
    yajl_val frame = yajl_tree_parse(text, error, sizeof(error));
    cr_assert_not_null(frame, "%s", text);
    return frame;
}

/* Everything that the trader's stream says of the order, from its beginning to its end of now. */
static void check_events(const char *token, const char *order_id, const char *actions)
{
    CLEANUP(ws_client_destroy) struct ws_client *client = open_events(token);
    yajl_val ready = next_frame(client);
    long long last = atoll(json_text(ready, "seq"));
    char found[ACTIONS_MAX] = "";

    cr_assert_str_eq(json_text(ready, "event"), "session.ready");
    yajl_tree_free(ready);
    for (long long seq = 1; seq <= last; seq++) {
        yajl_val frame = next_frame(client);
        cr_assert_eq(atoll(json_text(frame, "seq")), seq);
        if (strcmp(json_text(frame, "order_id"), order_id) == 0) {
            char action[64];
            (void)snprintf(action, sizeof(action), "%s", json_text(frame, "event") + strlen("order."));
            for (char *c = action; *c != '\0'; c++)
                *c = (char)toupper((unsigned char)*c);
            if (strcmp(action, "ACKNOWLEDGED") != 0)
                add_word(found, action);
        }
        yajl_tree_free(frame);
    }
    cr_assert_str_eq(found, actions, "the events of %s", order_id);
}

void proof_story(const char *token, const char *order_id, const char *actions)
{
    check_trail(token, order_id, actions);
    check_events(token, order_id, actions);
}

char *proof_entry(const char *token, const char *order_id, const char *action, const char *member)
{
    AUTO_REPLY trail = order_trail(token, order_id, 1, PROOF_WAIT_MS);

    for (size_t i = json_count(trail.json, "entries"); i-- > 0;) {
        yajl_val entry = entry_at(trail.json, i);
        if (strcmp(json_text(entry, "action"), action) == 0)
            return strdup(json_text(entry, member));
    }
    return strdup("");
}

void proof_account(const char *token, const char *cash, const char *reserved, const char *open_orders)
{
    AUTO_REPLY account = instance_call(&(struct call){.path = "/api/v1/account", .token = token});

    cr_assert_str_eq(json_text(account.json, "cash"), cash, "%s", account.body.data);
    cr_assert_str_eq(json_text(account.json, "reserved"), reserved, "%s", account.body.data);
    cr_assert_str_eq(json_text(account.json, "usage/open_orders"), open_orders, "%s", account.body.data);
}

void proof_position(const char *token, const char *symbol, const char *quantity)
{
    AUTO_REPLY reply = instance_call(&(struct call){.path = "/api/v1/positions", .token = token});
    char path[64], found[64] = "0";

    for (size_t i = 0; i < json_count(reply.json, "positions"); i++) {
        (void)snprintf(path, sizeof(path), "positions/%zu/symbol", i);
        if (strcmp(json_text(reply.json, path), symbol) != 0)
            continue;
        (void)snprintf(path, sizeof(path), "positions/%zu/quantity", i);
        (void)snprintf(found, sizeof(found), "%s", json_text(reply.json, path));
    }
    cr_assert_str_eq(found, quantity, "%s", reply.body.data);
}

char *proof_exchange(const char *line)
{
    char words[LINE_MAX], *rest = NULL;
    const char *arguments[WORDS_MAX + 3] = {"ctl", "sim"};
    size_t count = 2;

    (void)snprintf(words, sizeof(words), "%s", line);
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        cr_assert(count < WORDS_MAX + 2, "%s", line);
        arguments[count++] = word;
    }
    return instance_oxe(arguments, NULL);
}

char *proof_at_exchange(const char *order_id)
{
    AUTO_TEXT orders = proof_exchange("orders");
    char *rest = NULL, error[256], found[128] = "";

    for (char *line = strtok_r(orders, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (strstr(line, order_id) == NULL)
            continue;
        yajl_val order = yajl_tree_parse(line, error, sizeof(error));
        (void)snprintf(found, sizeof(found), "%s %s", json_text(order, "status"),
                       json_text(order, "filled_quantity"));
        yajl_tree_free(order);
    }
    return strdup(found);
}
