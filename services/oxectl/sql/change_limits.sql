-- $1 subject or id of a trader; $2 … the new values as trader_limits.def has them, NULL: as it is. No row: there is no such trader.
UPDATE oxe.traders
   SET status = coalesce($2::oxe.account_status, status),
       daily_loss = coalesce($3::numeric, daily_loss),
       max_position_quantity = coalesce($4::numeric, max_position_quantity),
       max_order_quantity = coalesce($5::numeric, max_order_quantity),
       max_order_notional = coalesce($6::numeric, max_order_notional),
       max_daily_notional = coalesce($7::numeric, max_daily_notional),
       max_open_orders = coalesce($8::integer, max_open_orders),
       price_collar_pct = coalesce($9::numeric, price_collar_pct),
       orders_per_minute = coalesce($10::integer, orders_per_minute),
       short_selling = coalesce($11::boolean, short_selling),
       short_margin_pct = coalesce($12::numeric, short_margin_pct)
 WHERE id = coalesce((SELECT id FROM oxe.traders WHERE subject = $1::text),
                     (SELECT id FROM oxe.traders WHERE id::text = lower($1::text)))
RETURNING id
