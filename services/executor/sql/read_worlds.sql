-- What orders that are decided anew ($1; they are locked, and no admission moves their accounts) are judged by, as admission reads it: their
-- place in the list, counted from 0; limits, currency and risk of the account, and its money and position of that moment; what of its margin the order itself takes, since it was
-- to reduce and does no longer, as far as a decimal can hold it (as account_risk does); the instrument's currency, last price and its age in microseconds (NULL: none).
WITH risk AS MATERIALIZED (
    SELECT * FROM oxe.account_risk(ARRAY(SELECT DISTINCT trader_id FROM oxe.orders WHERE id = ANY ($1::uuid[])))
)
SELECT w.place - 1, t.daily_loss, t.max_position_quantity, t.max_order_quantity, t.max_order_notional, t.max_daily_notional,
       t.max_open_orders, t.price_collar_pct, t.short_selling, t.short_margin_pct, t.currency, r.loss, r.margin, r.unpriced,
       least(coalesce(oxe.margin(p.quantity, p.reducing_buy, p.reducing_sell, l.price, t.short_margin_pct)
                      - oxe.margin(p.quantity, p.reducing_buy - own.buy, p.reducing_sell - own.sell, l.price, t.short_margin_pct), 0),
             90000000000) AS own_margin,
       t.cash, t.reserved, t.open_orders, coalesce(p.quantity, 0) AS quantity, coalesce(p.reducing_buy, 0) AS reducing_buy,
       coalesce(p.reducing_sell, 0) AS reducing_sell,
       i.currency AS its_currency, l.price AS last_price, oxe.us(clock_timestamp()) - oxe.us(l.updated_at) AS price_age_us
FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, place)
JOIN oxe.orders o ON o.id = w.id
JOIN oxe.traders t ON t.id = o.trader_id
JOIN risk r ON r.trader_id = t.id
JOIN oxe.instruments i ON i.symbol = o.symbol
LEFT JOIN oxe.positions p ON p.trader_id = t.id AND p.symbol = o.symbol
LEFT JOIN oxe.last_prices l ON l.symbol = o.symbol
CROSS JOIN LATERAL (SELECT greatest(o.quantity - o.filled_quantity - o.reserve_quantity, 0) AS reducing) AS part
CROSS JOIN LATERAL (SELECT CASE WHEN o.side = 'BUY' THEN part.reducing ELSE 0 END AS buy,
                           CASE WHEN o.side = 'SELL' THEN part.reducing ELSE 0 END AS sell) AS own
