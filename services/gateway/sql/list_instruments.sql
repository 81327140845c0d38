SELECT i.symbol, i.name, i.tick_size, i.lot_size, i.tradable, l.price
FROM oxe.instruments i
LEFT JOIN oxe.last_prices l ON l.symbol = i.symbol
ORDER BY i.symbol
