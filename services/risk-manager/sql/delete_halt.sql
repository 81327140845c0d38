DELETE FROM oxe.halts WHERE id = $1::uuid RETURNING scope, trader_id, symbol
