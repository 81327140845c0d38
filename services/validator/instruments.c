/* SPDX-License-Identifier: Apache-2.0 */
#include "services/validator/instruments.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read_instruments.sql.h"

enum {
    TIMEOUT_MS = 1000,           /* of connecting and of reading */
    UNKNOWN_AGE_US = 250 * 1000, /* how old a set may be that says 'no such symbol' */
};

static const struct db_statement statements[] = {{"read_instruments", sql_read_instruments}};

struct instruments {
    struct db *db;
    int64_t period_us;
    int64_t loaded_us; /* monotonic, of the set; 0: none yet */
    int64_t tried_us;
    struct instrument *set; /* by symbol */
    size_t count;
};

int instruments_create(const char *conninfo, int64_t period_ms, struct instruments **ret_instruments)
{
    struct instruments *instruments = calloc(1, sizeof(*instruments));

    if (instruments == NULL)
        return -ENOMEM;
    instruments->period_us = period_ms * 1000;
    int r = db_create(conninfo, "oxe-validator", statements, 1, &instruments->db);
    if (r < 0) {
        free(instruments);
        return r;
    }
    *ret_instruments = instruments;
    return 0;
}

void instruments_destroy(struct instruments **instruments)
{
    if (*instruments == NULL)
        return;
    db_destroy(&(*instruments)->db);
    free((*instruments)->set);
    free(*instruments);
    *instruments = NULL;
}

static int take_instrument(const PGresult *result, int row, struct instrument *ret_instrument)
{
    struct instrument instrument = {.tradable = db_get_bool(result, row, 1),
                                    .tick_size = db_get_decimal(result, row, 2),
                                    .lot_size = db_get_decimal(result, row, 3)};

    (void)snprintf(instrument.symbol, sizeof(instrument.symbol), "%s", db_get_text(result, row, 0));
    if (!decimal_is_positive(instrument.tick_size) || !decimal_is_positive(instrument.lot_size))
        return -EINVAL;
    *ret_instrument = instrument;
    return 0;
}

static int take_set(struct instruments *instruments, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);

    if (count > INSTRUMENTS_MAX)
        return -ENOBUFS;
    struct instrument *set = calloc(count + 1, sizeof(*set));
    if (set == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int r = take_instrument(result, (int)i, &set[i]);
        if (r < 0) {
            free(set);
            return r;
        }
    }
    free(instruments->set);
    instruments->set = set;
    instruments->count = count;
    return 0;
}

static int load(struct instruments *instruments)
{
    const PGresult *result;

    instruments->tried_us = clock_monotonic_us();
    int r = db_ensure(instruments->db, TIMEOUT_MS);
    if (r == 0)
        r = db_run(instruments->db, 0, NULL, TIMEOUT_MS, &result);
    if (r == 0)
        r = take_set(instruments, result);
    if (r == 0)
        instruments->loaded_us = clock_monotonic_us();
    return r;
}

int instruments_refresh(struct instruments *instruments)
{
    return instruments_refresh_in_ms(instruments) > 0 ? 0 : load(instruments);
}

int instruments_refresh_in_ms(const struct instruments *instruments)
{
    int64_t period_us = instruments->period_us;

    /* A set that is late is asked for as often as the connection allows. */
    if (clock_monotonic_us() - instruments->loaded_us > instruments->period_us || instruments->loaded_us == 0)
        period_us = (int64_t)db_retry_in_ms(instruments->db) * 1000 + UNKNOWN_AGE_US;
    int64_t left_us = instruments->tried_us + period_us - clock_monotonic_us();
    return instruments->tried_us == 0 || left_us <= 0 ? 0 : (int)(left_us / 1000) + 1;
}

bool instruments_loaded(const struct instruments *instruments)
{
    return instruments->loaded_us != 0;
}

size_t instruments_count(const struct instruments *instruments)
{
    return instruments->count;
}

const char *instruments_error(const struct instruments *instruments)
{
    return db_error(instruments->db);
}

static int compare_symbol(const void *symbol, const void *instrument)
{
    return strcmp(symbol, ((const struct instrument *)instrument)->symbol);
}

static const struct instrument *lookup(const struct instruments *instruments, const char *symbol)
{
    return instruments->count == 0 ? NULL
                                   : bsearch(symbol, instruments->set, instruments->count,
                                             sizeof(struct instrument), compare_symbol);
}

int instruments_find(struct instruments *instruments, const char *symbol,
                     const struct instrument **ret_instrument)
{
    const struct instrument *instrument = lookup(instruments, symbol);
    int64_t now_us = clock_monotonic_us();

    if (instrument == NULL &&
        (!instruments_loaded(instruments) || now_us - instruments->loaded_us > UNKNOWN_AGE_US)) {
        /* A database that is away is not asked for each order. */
        if (instruments->tried_us != 0 && now_us - instruments->tried_us <= UNKNOWN_AGE_US)
            return -ENOTCONN;
        int r = load(instruments);
        if (r < 0)
            return r;
        instrument = lookup(instruments, symbol);
    }
    *ret_instrument = instrument;
    return 0;
}
