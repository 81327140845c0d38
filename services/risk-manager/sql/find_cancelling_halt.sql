-- The oldest halt that still cancels what is open.
SELECT id, scope, trader_id, symbol, created_by FROM oxe.halts WHERE cancels_open ORDER BY created_at, id LIMIT 1
