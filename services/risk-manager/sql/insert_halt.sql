-- What is not there cannot be halted: the columns tell. No row is inserted then.
WITH named AS (
    SELECT $3::uuid IS NULL OR EXISTS (SELECT FROM oxe.traders WHERE id = $3::uuid) AS has_trader,
           $4::text IS NULL OR EXISTS (SELECT FROM oxe.instruments WHERE symbol = $4::text) AS has_symbol
), halted AS (
    INSERT INTO oxe.halts (id, scope, trader_id, symbol, reason, created_by, created_at, cancels_open)
    SELECT $1::uuid, $2::oxe.halt_scope, $3::uuid, $4::text, $5::text, $6::text, oxe.ts($7::bigint), $8::boolean
      FROM named WHERE has_trader AND has_symbol
    RETURNING id
)
SELECT has_trader, has_symbol, (SELECT count(*) FROM halted) FROM named
