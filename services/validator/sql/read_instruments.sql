-- In the order of bytes, as the validator looks them up.
SELECT symbol, tradable, tick_size, lot_size FROM oxe.instruments ORDER BY symbol COLLATE "C"
