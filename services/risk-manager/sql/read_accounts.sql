-- $1 trader ids, each once; $2 trader ids, $3 symbols, side by side, each pair once. All that a decision reads, in one statement: it is of
-- one moment, in which an execution has moved all that it moves, or nothing. A row for each pair: its place, counted from 0; the clock; the
-- account, NULL where there is none, and the day that it is in, counted from 1970; its position; the instrument, its currency NULL where
-- there is none; and what halts them, NULL: nothing.
WITH halted AS MATERIALIZED (
    SELECT scope, trader_id, symbol, left(reason, 128) AS reason FROM oxe.halts
), risk AS MATERIALIZED (
    SELECT * FROM oxe.account_risk($1::uuid[])
)
SELECT w.place - 1 AS place, oxe.us(clock_timestamp()) AS now, t.id IS NOT NULL AS is_known,
       t.trading_day - date '1970-01-01' AS trading_day,
       t.status = 'ACTIVE' AS is_active, t.status = 'SUSPENDED' AS is_suspended, t.currency, t.cash, t.reserved, t.open_orders,
       t.daily_notional, t.daily_loss, t.max_position_quantity, t.max_order_quantity, t.max_order_notional, t.max_daily_notional,
       t.max_open_orders, t.price_collar_pct, t.short_selling, t.short_margin_pct, r.loss, r.margin, r.unpriced,
       p.quantity, p.open_buy, p.open_sell, p.reducing_buy, p.reducing_sell,
       i.currency AS its_currency, l.price AS last_price, oxe.us(clock_timestamp()) - oxe.us(l.updated_at) AS price_age_us,
       (SELECT reason FROM halted WHERE scope = 'ALL' LIMIT 1) AS halt_all,
       (SELECT reason FROM halted h WHERE h.trader_id = w.trader_id LIMIT 1) AS halt_trader,
       (SELECT reason FROM halted h WHERE h.symbol = w.symbol LIMIT 1) AS halt_symbol
  FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS w (trader_id, symbol, place)
  LEFT JOIN oxe.traders t ON t.id = w.trader_id
  LEFT JOIN risk r ON r.trader_id = w.trader_id
  LEFT JOIN oxe.positions p ON p.trader_id = w.trader_id AND p.symbol = w.symbol
  LEFT JOIN oxe.instruments i ON i.symbol = w.symbol
  LEFT JOIN oxe.last_prices l ON l.symbol = w.symbol
