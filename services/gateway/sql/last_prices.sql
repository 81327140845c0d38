SELECT symbol, price, oxe.us(updated_at) AS updated_at FROM oxe.last_prices ORDER BY symbol COLLATE "C" LIMIT 2000
