-- $1 symbols, $2 prices, side by side; $3 time zone, $4 local time at which a day begins. Before the first price of a trading day,
-- what is there closes the day before, and the new day begins with it, whoever rolls it later. With that a symbol without any price
-- waits for the next round: its first price locks traders, of whom one who is rolling might wait for these rows.
WITH today AS (
    SELECT oxe.trading_day(clock_timestamp(), $3::text, $4::time) AS day OFFSET 0
), opened AS (
    INSERT INTO oxe.day_prices (trading_day, symbol, price)
    SELECT today.day, l.symbol, l.price
      FROM today, oxe.last_prices l
     WHERE NOT EXISTS (SELECT FROM oxe.day_prices d WHERE d.trading_day = today.day AND d.symbol = l.symbol)
     ORDER BY l.symbol
        ON CONFLICT DO NOTHING
    RETURNING symbol
)
INSERT INTO oxe.last_prices AS p (symbol, price, updated_at)
SELECT i.symbol, u.price, now()
FROM unnest($1::text[], $2::numeric[]) AS u (symbol, price)
JOIN oxe.instruments i ON i.symbol = u.symbol
WHERE u.price > 0 AND (EXISTS (SELECT FROM oxe.last_prices l WHERE l.symbol = u.symbol) OR NOT EXISTS (SELECT FROM opened))
ORDER BY i.symbol
ON CONFLICT (symbol) DO UPDATE SET price = excluded.price, updated_at = excluded.updated_at
