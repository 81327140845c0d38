-- $1 time zone and $2 local time at which a trading day begins. Before the first price of a day there is no opening price.
SELECT i.symbol, i.name, i.tick_size, i.lot_size, i.tradable, l.price AS last_price, oxe.us(l.updated_at) AS last_price_at,
       d.price AS day_open_price
FROM oxe.instruments i
LEFT JOIN oxe.last_prices l ON l.symbol = i.symbol
LEFT JOIN oxe.day_prices d ON d.symbol = i.symbol
                          AND d.trading_day = (SELECT oxe.trading_day(now(), $1::text, $2::time))
ORDER BY i.symbol
