-- $1 symbols
SELECT symbol, price FROM oxe.last_prices WHERE symbol = ANY ($1::text[])
