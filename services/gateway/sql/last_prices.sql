SELECT symbol, price AS last_price, oxe.us(updated_at) AS last_price_at FROM oxe.last_prices ORDER BY symbol COLLATE "C" LIMIT 2000
