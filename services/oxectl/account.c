/* SPDX-License-Identifier: Apache-2.0 */
/* The account and its positions. */
#include "services/oxectl/oxectl.h"

#include "common/cleanup.h"

static void account_print(yajl_val account)
{
    static const char *const members[] = {"status",   "currency",         "cash",
                                          "reserved", "margin",           "buying_power",
                                          "equity",   "day_start_equity", "day_pnl"};
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        (void)printf("%-18s %s\n", members[i], json_text(account, members[i]));
    yajl_val limits = json_get(account, "limits");
    static const char *const names[] = {
#define LIMIT_NAME(type, name, kind) #name,
#define RISK_LIMIT                   LIMIT_NAME
#define GATEWAY_LIMIT                LIMIT_NAME
#include "proto/trader_limits.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)printf("limit %-22s %s\n", names[i], json_text(limits, names[i]));
    yajl_val usage = json_get(account, "usage");
    static const char *const used[] = {"daily_loss", "daily_notional", "open_orders"};
    for (size_t i = 0; i < ARRAY_LEN(used); i++)
        (void)printf("used %-23s %s\n", used[i], json_text(usage, used[i]));
}

int account_run(const struct context *context, const struct args *args)
{
    static const struct column columns[] = {
        {"SYMBOL", "symbol", false},
        {"QUANTITY", "quantity", true},
        {"COST", "average_cost", true},
        {"LAST", "last_price", true},
        {"VALUE", "market_value", true},
        {"UNREALIZED", "unrealized_pnl", true},
        {"REALIZED TODAY", "realized_pnl_today", true},
    };
    CLEANUP(reply_release) struct reply account = {0}, positions = {0};
    int status = http_get(context, &account, "/api/v1/account");
    if (status == 0)
        status = http_get(context, &positions, "/api/v1/positions");
    if (status != 0)
        return status;
    if (args_has(args, "--json")) {
        (void)printf("{\"account\":%s,\"positions\":%s}\n", account.body.data, positions.body.data);
    } else {
        account_print(account.json);
        table_print(stdout, columns, ARRAY_LEN(columns), json_get(positions.json, "positions"));
    }
    return 0;
}
