/* SPDX-License-Identifier: Apache-2.0 */
/* A world for the gateway's tests: the admission world (PostgreSQL with schema and rows, a real validator and
 * risk-manager), a private Redis, keys, and a real gateway, asked through instance_call.
 *
 * Traders are those of admission_world.h; trader N's tokens have the subject "trader-N". Whatever cannot be
 * set up fails the test. */
#ifndef OXE_TESTS_SUPPORT_GATEWAY_WORLD_H
#define OXE_TESTS_SUPPORT_GATEWAY_WORLD_H

#include <cjose/cjose.h>

#include "common/cache.h"
#include "common/ws_client.h"
#include "tests/support/admission_world.h"
#include "tests/support/instance.h"
#include "tests/support/redis.h"

struct gateway_world {
    struct world world;
    struct redis *redis;
    struct cache *publisher;
    cjose_jwk_t *key; /* that signs tokens, kid "test-1" */
    int port;
    int probe_port;
    pid_t gateway; /* 0: not running */
    pid_t second;  /* of gateway_begin_pair; 0: none */
    int second_probe_port;
    char second_url[64];
};

/* Variables of the gateway that are set in the environment before win over the world's own. */
void gateway_begin(struct gateway_world *gateway);
/* Two of each stage: a trader's orders through the second gateway, at second_url, take another validator and
 * another risk-manager than those through the first. */
void gateway_begin_pair(struct gateway_world *gateway);
/* Ends everything; the gateways must end well on SIGTERM. */
void gateway_end(struct gateway_world *gateway);

/* The process alone. gateway_stop and, after a signal of the test's own, gateway_wait return its exit status.
 */
void gateway_start(struct gateway_world *gateway);
int gateway_stop(struct gateway_world *gateway);
int gateway_wait(struct gateway_world *gateway);

/* A key with a kid; and the file of keys, rewritten with the public halves of these (closed by NULL). */
cjose_jwk_t *gateway_make_key(const char *kid);
void gateway_write_jwks(const struct gateway_world *gateway, const cjose_jwk_t *const *keys);

/* The caller's to free. ttl_s from now; claims: further
 * members of the payload (",\"oxe_role\":\"…\""), or "". */
char *gateway_token_with(const cjose_jwk_t *key, const char *subject, int ttl_s, const char *claims);
char *gateway_token(const struct gateway_world *gateway, const char *subject);

/* Opens an account with cash 1,000,000 and returns a token for it, the caller's to free. settings: "name =
 * value, …" of oxe.traders, cash too, or NULL. */
char *gateway_trader(struct gateway_world *gateway, const char *subject, const char *settings);

/* OXE_DATABASE for oxectl, as this role; and oxectl itself (OXE_CTL_BINARY) with the arguments of a shell's
 * line. Returns what it said, errors too, which is the caller's to free. */
void gateway_set_database(const struct gateway_world *gateway, const char *role);
char *gateway_oxectl(const char *arguments, int *ret_status);

/* A reply, which the caller releases. */
struct reply gateway_get(const char *token, const char *path);

/* Records the next event of a trader in the log, as audit-writer would, and returns its frame (the caller's
 * to free). FILLED events have a fill's numbers. */
char *gateway_log_event(struct gateway_world *gateway, size_t trader, enum audit_action action);
/* Publishes frames as status-broadcaster would. */
void gateway_publish(struct gateway_world *gateway, size_t trader, const char *frames);

/* Opens the WebSocket with the token in the Authorization header; it must open. */
struct ws_client *gateway_watch(const struct gateway_world *gateway, const char *token, const char *query);
/* The next frame; it must come within 5 s and holds until the next call. */
const char *gateway_next(struct ws_client *client);
/* The close code that comes within timeout_ms; 0 when none does. */
int gateway_close_code(struct ws_client *client, int timeout_ms);

#endif
