/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal's entries hold. Every struct is written as it is in memory, so none has padding (asserted
 * here), and a field that is no longer needed stays as reserved. New kinds of entries get new numbers. */
#ifndef OXE_EXCHANGE_SIM_RECORDS_H
#define OXE_EXCHANGE_SIM_RECORDS_H

#include <assert.h>
#include <stdint.h>

#include "services/exchange-sim/core/instruments.h"
#include "services/exchange-sim/fix/fix.h"

enum { CL_ORD_ID_MAX = FIX_ID_MAX + 1 }; /* with NUL */

enum record_type {
#define RECORD(NAME, type, name, length) RECORD_##NAME = (type),
#include "services/exchange-sim/records.def"
};

struct record_session {
    uint32_t session;
    char comp_id[FIX_COMP_ID_MAX];
    char reserved[3];
};

struct record_sequence {
    uint32_t session;
    uint32_t reserved;
    uint64_t next_in;
    uint64_t next_out;
};

struct record_reset {
    uint32_t session;
    uint32_t reserved;
};

/* Followed by the body, up to the end of the entry. */
struct record_message {
    uint32_t session;
    char type[4]; /* NUL-terminated */
    uint64_t seq;
    int64_t sending_time_us;
};

struct record_order {
    uint64_t order; /* 1, 2, 3 … */
    uint64_t priority;
    int64_t quantity, price, stop_price; /* 1e-8 */
    int64_t time_us;
    uint32_t session;
    uint8_t side, type, time_in_force, status;
    uint32_t reserved;
    char symbol[INSTRUMENT_SYMBOL_MAX];
    char cl_ord_id[CL_ORD_ID_MAX];
};

struct record_execution {
    uint64_t order;
    uint64_t execution;
    int64_t quantity, price;
    int64_t time_us;
};

struct record_state {
    uint64_t order;
    uint64_t priority;
    int64_t quantity, price, stop_price;
    uint8_t status;
    uint8_t triggered;
    uint8_t reserved[6];
};

struct record_id {
    uint64_t order;
    uint8_t replaces; /* 1: the order goes by this id from now on */
    uint8_t reserved[7];
    char cl_ord_id[CL_ORD_ID_MAX];
};

struct record_price {
    int64_t start, value;
    uint64_t random;
    char symbol[INSTRUMENT_SYMBOL_MAX];
    uint32_t reserved;
};

struct record_counter {
    uint64_t last_execution;
};

#define RECORD(NAME, type, name, length)                                                                     \
    static_assert(sizeof(struct record_##name) == (length), "no padding");
#include "services/exchange-sim/records.def"

/* Whether an entry is as long as those of its type are; a message's body follows its record. */
static inline bool records_fit(uint32_t type, size_t length)
{
    switch (type) {
#define RECORD(NAME, number, name, size)                                                                     \
    case number:                                                                                             \
        return length == (size) || (RECORD_##NAME == RECORD_MESSAGE && length > (size));
#include "services/exchange-sim/records.def"
    default:
        return false;
    }
}

#endif
