/* SPDX-License-Identifier: Apache-2.0 */
/* The CURVE keys of a process as configuration: PIPE_CONFIG_ITEMS in its table, `struct pipe_config pipe;` in
 * its struct. */
#ifndef OXE_COMMON_PIPE_CONFIG_H
#define OXE_COMMON_PIPE_CONFIG_H

#include <stdio.h>

#include "common/config.h"
#include "common/pipe.h"

struct pipe_config {
    char public_key[CONFIG_TEXT_MAX];
    char secret_key[CONFIG_TEXT_MAX];
    char server_key[CONFIG_TEXT_MAX];
    struct config_list client_keys;
};

#define PIPE_CONFIG_ITEMS(type)                                                                              \
    {"OXE_CURVE_PUBLIC_KEY",                                                                                 \
     CONFIG_TEXT,                                                                                            \
     offsetof(type, pipe.public_key),                                                                        \
     "",                                                                                                     \
     0,                                                                                                      \
     40,                                                                                                     \
     "CURVE public key of this process, Z85; empty: no encryption, tcp:// on loopback only",                 \
     NULL},                                                                                                  \
        {"OXE_CURVE_SECRET_KEY",                                                                             \
         CONFIG_SECRET,                                                                                      \
         offsetof(type, pipe.secret_key),                                                                    \
         "",                                                                                                 \
         0,                                                                                                  \
         40,                                                                                                 \
         "CURVE secret key of this process, Z85",                                                            \
         NULL},                                                                                              \
        {"OXE_CURVE_SERVER_KEY",                                                                             \
         CONFIG_TEXT,                                                                                        \
         offsetof(type, pipe.server_key),                                                                    \
         "",                                                                                                 \
         0,                                                                                                  \
         40,                                                                                                 \
         "CURVE public key of the processes that this one connects to, Z85; an endpoint may name its own: "  \
         "tcp://host:port#KEY",                                                                              \
         NULL},                                                                                              \
    {                                                                                                        \
        "OXE_CURVE_CLIENT_KEYS", CONFIG_LIST, offsetof(type, pipe.client_keys), "", 0, PIPE_ALLOWED_MAX,     \
            "CURVE public keys, Z85, of the processes that may connect to this one; no other may", NULL      \
    }

static inline struct pipe_keys pipe_config_keys(const struct pipe_config *config)
{
    struct pipe_keys keys;
    (void)snprintf(keys.public_key, sizeof(keys.public_key), "%.40s", config->public_key);
    (void)snprintf(keys.secret_key, sizeof(keys.secret_key), "%.40s", config->secret_key);
    (void)snprintf(keys.server_key, sizeof(keys.server_key), "%.40s", config->server_key);
    keys.allowed_count = config->client_keys.count;
    for (size_t i = 0; i < keys.allowed_count; i++)
        (void)snprintf(keys.allowed[i], sizeof(keys.allowed[i]), "%s", config->client_keys.items[i]);
    return keys;
}

#endif
