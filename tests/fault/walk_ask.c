/* SPDX-License-Identifier: Apache-2.0 */
/* The walk's requests: sent, repeated, and their answers judged. See walk.h. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/fault/walk.h"

enum { AGAIN_US = 300000 };

struct ask *walk_ask_new(struct walk *walk, enum ask_kind kind, const char *method, const char *token)
{
    for (size_t i = 0; i < WALK_ASKS; i++) {
        if (walk->asks[i].used)
            continue;
        walk->asks[i] = (struct ask){.used = true, .kind = kind, .method = method, .token = token};
        walk->counts[kind]++;
        return &walk->asks[i];
    }
    return NULL;
}

void walk_ask_send(struct walk *walk, struct ask *ask)
{
    struct web_request request = {.method = ask->method,
                                  .path = ask->path,
                                  .token = ask->token,
                                  .key = ask->key[0] == '\0' ? NULL : ask->key,
                                  .body = ask->body[0] == '\0' ? NULL : ask->body};

    if (web_under_way(walk->web) >= WEB_UNDER_WAY_MAX) {
        ask->again_us = clock_monotonic_us() + AGAIN_US;
        return;
    }
    ask->under_way = true;
    web_start(walk->web, &request, (size_t)(ask - walk->asks));
}

size_t walk_asks_waiting(const struct walk *walk)
{
    size_t count = 0;
    for (size_t i = 0; i < WALK_ASKS; i++)
        count += walk->asks[i].used;
    return count;
}

void walk_asks_run(struct walk *walk, int timeout_ms)
{
    web_run(walk->web, timeout_ms);
    int64_t now = clock_monotonic_us();
    for (size_t i = 0; i < WALK_ASKS; i++)
        if (walk->asks[i].used && !walk->asks[i].under_way && walk->asks[i].again_us <= now)
            walk_ask_send(walk, &walk->asks[i]);
}

/* The string member of a JSON text, "" when it is not there. */
static void text_member(const char *json, const char *name, char *ret_value, size_t size)
{
    char member[64];

    (void)snprintf(member, sizeof(member), "\"%s\":\"", name);
    const char *at = strstr(json, member);
    ret_value[0] = '\0';
    if (at != NULL)
        (void)snprintf(ret_value, size, "%.*s", (int)strcspn(at + strlen(member), "\""), at + strlen(member));
}

static bool is_one_of(long status, const long *allowed)
{
    for (; *allowed != -1; allowed++)
        if (*allowed == status)
            return true;
    return false;
}

/* Statuses that each kind of request may get, closed by -1. 0: no answer. */
static const long allowed_statuses[][9] = {
    [ASK_ORDER] = {0, 200, 201, 403, 422, 429, 503, -1},
    [ASK_CANCEL] = {0, 202, 409, 429, 503, -1},
    [ASK_PREVIEW] = {0, 200, 403, 422, 429, 503, -1},
    [ASK_READ] = {0, 200, 429, 503, -1},
    [ASK_HALT] = {0, 201, 503, -1},
    [ASK_LIFT] = {0, 204, 404, 503, -1},
    [ASK_RESOLVE] = {0, 202, 409, 503, -1},
};

/* The final answer of an order's client: the first one, or one to the same key, which must say the same. */
static void order_answered(struct walk *walk, const struct ask *ask, long status, const char *body)
{
    struct placed *placed = &walk->placed[ask->placed];
    char id[WALK_ID];

    if (status == 429 || status == 403 || placed->serial != ask->serial)
        return;
    text_member(body, status == 422 ? "order_id" : "id", id, sizeof(id));
    bool taken = status == 201 || status == 200;
    if (taken && id[0] == '\0')
        walk_fault(walk, "an answer %ld without an id: %.300s", status, body);
    if (placed->status == 0) {
        placed->status = status == 200 ? 201 : status;
        (void)memcpy(placed->id, id, sizeof(id));
        if (taken)
            buffer_append_format(&walk->acknowledged, "%c%s", walk->acknowledged.length == 0 ? '{' : ',', id);
        return;
    }
    if (taken != (placed->status == 201) || strcmp(placed->id, id) != 0)
        walk_fault(walk, "key %s was answered %ld with order '%s', then %ld with order '%s': %.300s",
                   placed->key, placed->status, placed->id, status, id, body);
}

static void halt_answered(struct walk *walk, const char *body)
{
    if (walk->halt_count < WALK_HALTS)
        text_member(body, "id", walk->halts[walk->halt_count++], WALK_ID);
}

void walk_ask_done(void *context, size_t number, long status, const char *body)
{
    struct walk *walk = context;
    struct ask *ask = &walk->asks[number];

    ask->under_way = false;
    walk->answers[status / 100]++;
    if (!is_one_of(status, allowed_statuses[ask->kind]))
        walk_fault(walk, "%s %s %s is answered %ld: %.500s", ask->method, ask->path, ask->body, status, body);
    if (ask->persists && (status == 0 || status == 503)) {
        ask->again_us = clock_monotonic_us() + AGAIN_US;
        return;
    }
    ask->used = false;
    if (ask->kind == ASK_ORDER && status != 0 && status != 503)
        order_answered(walk, ask, status, body);
    if (ask->kind == ASK_HALT && status == 201)
        halt_answered(walk, body);
    if (ask->kind != ASK_READ && ask->kind != ASK_PREVIEW) {
        char code[64];
        text_member(body, status < 300 ? "id" : "code", code, sizeof(code));
        walk_note(walk, "  -> %s %s %s: %ld %s", ask->method, ask->path, ask->key, status, code);
    }
}
