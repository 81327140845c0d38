SELECT symbol FROM oxe.instruments WHERE tradable ORDER BY symbol LIMIT $1
