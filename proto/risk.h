/* SPDX-License-Identifier: Apache-2.0 */
/* The decision about an order: a pure function of the order, the account, the position and the market as they
 * are under the row locks. Every broken rule is a fault with its numbers; an order may reach a limit exactly,
 * one unit past it is refused; the daily loss stops when it is reached.
 *
 * What an accepted order reserves is part of the verdict; risk_apply takes it into account and position, so
 * that the next decision of the same batch sees it. Nothing here allocates, reads a clock or knows a socket.
 *
 * The notional of a day counts every order that the day has admitted, whatever becomes of it. It ends at
 * RISK_DAILY_NOTIONAL_MAX: further out no limit can tell the difference.
 *
 * Buying power is cash − reserved − margin. The part of an order that reduces the position comes first: it
 * reserves nothing and needs no buying power, whatever the prices. It is what is held on the other side, less
 * what was admitted as reducing it already; orders that have paid, and the legs of brackets, which give way
 * to every fill, do not count. The rest pays:
 *
 *   BUY           a LIMIT its price; others the expected price + market collar
 *   SELL (short)  what the margin takes beyond the proceeds: the higher of last and expected price (+ market
 *                 collar, but for a LIMIT) × short_margin_pct − the expected price
 *
 * While short, a margin is held: the short's value at the last price × short_margin_pct (oxe.margin). So a
 * fill at the expected price leaves at least the buying power that was there once the order was admitted, and
 * no short ever adds to it. A part that was admitted as reducing and reduces no longer, since another order
 * was faster, is in the margin too.
 */
#ifndef OXE_PROTO_RISK_H
#define OXE_PROTO_RISK_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/fault.h"

enum {
    RISK_FAULTS_MAX = 32,       /* as many as ANSWER carries: the validator's 16 and every rule here */
    RISK_WARNINGS_MAX = 4,      /* likewise */
    RISK_CURRENCY_MAX = 4,      /* with NUL */
    RISK_HALT_REASON_MAX = 513, /* with NUL: 128 characters, to which read_halts.sql cuts */
};

#define RISK_DAILY_NOTIONAL_MAX decimal_from_units(INT64_C(90000000000) * DECIMAL_ONE)

enum account_status { ACCOUNT_ACTIVE = 1, ACCOUNT_SUSPENDED, ACCOUNT_CLOSED };

struct risk_limits {
#define RISK_LIMIT(type, name, kind) type name;
#include "proto/trader_limits.def"
};

struct risk_account {
    enum account_status status;
    char currency[RISK_CURRENCY_MAX];
    struct risk_limits limits;
    struct decimal cash;
    struct decimal reserved;
    struct decimal margin;
    char unpriced[SYMBOL_MAX]; /* a symbol that needs margin and has no price: margin is unknown; "": none */
    struct decimal loss;       /* day_start_equity − equity; negative is a profit */
    struct decimal daily_notional; /* of the orders that this trading day has admitted */
    int64_t open_orders;
};

/* In the order's symbol; all zero when there is none. */
struct risk_position {
    struct decimal quantity; /* negative when short */
    struct decimal open_buy;
    struct decimal open_sell;
    struct decimal reducing_buy; /* the part of open_buy that was admitted as reducing */
    struct decimal reducing_sell;
};

struct risk_halt {
    bool in_force;
    char reason[RISK_HALT_REASON_MAX];
};

/* What holds for the order apart from its account. */
struct risk_market {
    bool has_last_price;
    struct decimal last_price;        /* positive */
    int64_t price_age_us;             /* since the exchange was last known to stand by it */
    int64_t price_age_max_us;         /* 0: any */
    char currency[RISK_CURRENCY_MAX]; /* the instrument's; "": there is none */
    /* 0 to 1000, on top of the last price or the trigger: what a MARKET or STOP reserves. */
    struct decimal market_collar_pct;
    const struct risk_halt *halt_all; /* NULL: none */
    const struct risk_halt *halt_trader;
    const struct risk_halt *halt_symbol;
};

struct risk_verdict {
    struct decimal expected_price; /* what the order is expected to trade at; 0: unknown */
    struct decimal notional;       /* quantity × that price, rounded up; 0: unknown */
    struct decimal cost;          /* what it would reserve, also when it is refused; 0: nothing, or unknown */
    struct decimal reserve_price; /* 0: reserves nothing */
    struct decimal reserve_quantity; /* the last part of the quantity, which does not reduce */
    struct decimal reserved;         /* reserve_quantity × reserve_price, rounded up */
    size_t fault_count;              /* 0: accepted */
    struct fault faults[RISK_FAULTS_MAX];
    size_t warning_count; /* what does not refuse it, but should be known */
    struct fault warnings[RISK_WARNINGS_MAX];
};

/* static_faults: the validator's; they come first, and what they leave undecidable (a price of an unknown
 * symbol) is not asked here. The order's numbers are positive. */
void risk_decide(const struct order_request *order, const struct fault *static_faults,
                 size_t static_fault_count, const struct risk_account *account,
                 const struct risk_position *position, const struct risk_market *market,
                 struct risk_verdict *ret_verdict);

/* Takes an accepted order into account and position. */
void risk_apply(const struct order_request *order, const struct risk_verdict *verdict,
                struct risk_account *account, struct risk_position *position);

/* cash − reserved − margin; -ERANGE when it cannot be counted. */
int risk_buying_power(const struct risk_account *account, struct decimal *ret_power);

#endif
