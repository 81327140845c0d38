SELECT FROM oxe.instruments WHERE symbol = $1::text
