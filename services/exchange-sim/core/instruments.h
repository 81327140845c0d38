/* SPDX-License-Identifier: Apache-2.0 */
/* The instruments that the exchange lists, read from a CSV file at start.
 *
 * The first line is `symbol,name,tick_size,lot_size,tradable,price`; fields hold no commas or quotes; empty
 * lines and lines that begin with # are skipped. A fault names its line. At most INSTRUMENTS_MAX. */
#ifndef OXE_EXCHANGE_SIM_INSTRUMENTS_H
#define OXE_EXCHANGE_SIM_INSTRUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/decimal.h"

enum {
    INSTRUMENTS_MAX = 1024,
    INSTRUMENT_SYMBOL_MAX = 20, /* with NUL */
    INSTRUMENT_NAME_MAX = 64,   /* with NUL */
    INSTRUMENT_FAULT_MAX = 160,
    INSTRUMENT_FILE_MAX = 1024 * 1024, /* bytes */
};

struct instrument {
    char symbol[INSTRUMENT_SYMBOL_MAX];
    char name[INSTRUMENT_NAME_MAX];
    struct decimal tick_size;
    struct decimal lot_size;
    bool tradable;
    struct decimal price; /* where the price path starts */
};

/* *ret_instruments is the caller's to free. On -EINVAL ret_fault says what is wrong in which line. */
int instruments_parse(const char *text, size_t length, struct instrument **ret_instruments, size_t *ret_count,
                      char ret_fault[static INSTRUMENT_FAULT_MAX]);
/* The same from a file; -errno when it cannot be read, -EFBIG past INSTRUMENT_FILE_MAX, with ret_fault set.
 */
int instruments_load(const char *path, struct instrument **ret_instruments, size_t *ret_count,
                     char ret_fault[static INSTRUMENT_FAULT_MAX]);

#endif
