SELECT symbol, price, oxe.us(updated_at) FROM oxe.last_prices ORDER BY symbol LIMIT 2000
