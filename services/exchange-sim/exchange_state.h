/* What the exchange holds; for exchange*.c only. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_STATE_H
#define OXE_EXCHANGE_SIM_EXCHANGE_STATE_H

#include "services/exchange-sim/exchange.h"
#include "services/exchange-sim/market_data.h"
#include "services/exchange-sim/price_path.h"
#include "services/exchange-sim/records.h"

struct symbol {
    struct instrument instrument;
    struct price_path path;
    struct book *book;
    struct decimal published; /* the price that subscribers know */
    bool moved;               /* the price has changed since resting orders were last compared with it */
    bool recorded;            /* the journal knows the path as it is */
};

struct exchange {
    struct exchange_config config;
    struct exchange_sink sink;
    struct journal *journal;
    struct symbol *symbols; /* sorted by symbol */
    size_t symbol_count;
    struct orders *orders;
    struct market_data *market_data;
    struct exchange_counts counts;
    uint64_t last_execution, sealed_execution;
    uint64_t last_priority;
    uint64_t expire_next; /* where exchange_end_day goes on; 0: at the beginning */
    struct book_fill fills[BOOK_FILLS_MAX];
};

#endif
