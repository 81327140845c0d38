-- The day rolls here in arithmetic as oxe.roll_day does in the row: before the trader's first order of a day its
-- day_start_equity is the cash and the positions at the day's opening prices (the last prices, when nobody has rolled), and its
-- daily_notional is none.
WITH today AS (
    SELECT oxe.trading_day(now(), $2::text, $3::time) AS day
), held AS (
    SELECT coalesce(sum(p.quantity * l.price), 0) AS value,
           coalesce(sum(p.quantity * coalesce(d.price, l.price)), 0) AS day_start_value,
           coalesce(sum(oxe.margin(p.quantity, p.reducing_buy, p.reducing_sell, l.price, t.short_margin_pct)), 0) AS margin
    FROM oxe.positions p
    JOIN oxe.traders t ON t.id = p.trader_id
    JOIN oxe.last_prices l ON l.symbol = p.symbol
    LEFT JOIN oxe.day_prices d ON d.trading_day = (SELECT day FROM today) AND d.symbol = p.symbol
    WHERE p.trader_id = $1::uuid AND (p.quantity <> 0 OR p.reducing_buy <> 0 OR p.reducing_sell <> 0)
), account AS (
    SELECT t.*, held.margin, t.cash + held.value AS equity,
           CASE WHEN t.trading_day >= today.day THEN t.day_start_equity ELSE t.cash + held.day_start_value END AS day_start,
           CASE WHEN t.trading_day >= today.day THEN t.daily_notional ELSE 0 END AS day_notional
    FROM oxe.traders t, today, held
    WHERE t.id = $1::uuid
)
SELECT id AS trader_id, status, currency, cash, reserved, margin, cash - reserved - margin AS buying_power,
       round(equity, 8) AS equity, round(day_start, 8) AS day_start_equity, round(equity - day_start, 8) AS day_pnl,
       -- its limits
       daily_loss, max_position_quantity, max_order_quantity, max_order_notional, max_daily_notional,
       max_open_orders, price_collar_pct, orders_per_minute, short_selling, short_margin_pct,
       -- how much of them is used
       round(greatest(day_start - equity, 0), 8) AS daily_loss,
       day_notional AS daily_notional,
       open_orders
FROM account
