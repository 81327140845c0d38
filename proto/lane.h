/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes and shards: which executor lane and which risk-manager an order goes to, and where a lane's pipe is.
 *
 * A trader's orders share one lane (so they keep their order) and one risk-manager (so two of these seldom
 * want the same rows). Both follow uuid_hash, which is stable for ever; an order stores its lane. */
#ifndef OXE_PROTO_LANE_H
#define OXE_PROTO_LANE_H

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/config.h"
#include "common/uuid.h"

enum { LANES_MAX = 64, LANE_ENDPOINT_MAX = 256 };

/* OXE_LANES, for the table of each service that reads it: int64_t lanes. */
#define LANES_CONFIG_ITEM(type)                                                                              \
    {                                                                                                        \
        "OXE_LANES", CONFIG_INTEGER, offsetof(type, lanes), "8", 1, LANES_MAX,                               \
            "number of lanes, the same in every process; it may grow, never shrink", NULL                    \
    }

static inline int lane_of(struct uuid trader_id, int lanes)
{
    return (int)(uuid_hash(trader_id) % (uint64_t)lanes);
}

/* The high half of the hash, so that shards and lanes do not coincide. */
static inline size_t shard_of(struct uuid trader_id, size_t risk_managers)
{
    return (size_t)((uuid_hash(trader_id) >> 32) % risk_managers);
}

/* The endpoint of a lane, from the risk-manager's base: ipc://path becomes ipc://path-LANE, tcp://host:port
 * becomes tcp://host:(port + LANE). A '#KEY' at the end (common/pipe.h) stays there. -EINVAL for another
 * scheme or a bad port, -ENAMETOOLONG. */
static inline int lane_endpoint(const char *base, int lane, char ret_endpoint[static LANE_ENDPOINT_MAX])
{
    int length = -1, end = (int)strcspn(base, "#");
    if (strncmp(base, "ipc://", 6) == 0) {
        length = snprintf(ret_endpoint, LANE_ENDPOINT_MAX, "%.*s-%d%s", end, base, lane, base + end);
    } else if (strncmp(base, "tcp://", 6) == 0) {
        int host = end;
        while (base[host - 1] != ':')
            host--;
        char *port_end = NULL;
        long port = strtol(base + host, &port_end, 10);
        if (port_end == base + host || port_end != base + end || port < 1 || port + lane > 65535)
            return -EINVAL;
        length = snprintf(ret_endpoint, LANE_ENDPOINT_MAX, "%.*s%ld%s", host, base, port + lane, base + end);
    } else {
        return -EINVAL;
    }
    return length < LANE_ENDPOINT_MAX ? 0 : -ENAMETOOLONG;
}

#endif
