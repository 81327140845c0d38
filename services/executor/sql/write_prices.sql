INSERT INTO oxe.last_prices AS p (symbol, price, updated_at)
SELECT i.symbol, u.price, now()
FROM unnest($1::text[], $2::numeric[]) AS u (symbol, price)
JOIN oxe.instruments i ON i.symbol = u.symbol
WHERE u.price > 0
ORDER BY i.symbol
ON CONFLICT (symbol) DO UPDATE SET price = excluded.price, updated_at = excluded.updated_at
