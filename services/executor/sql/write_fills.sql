INSERT INTO oxe.fills (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, venue_exec_id, flag, "timestamp", venue)
SELECT u.*, $11::text
FROM (SELECT id, order_id, trader_id, symbol, side, quantity, price, venue_exec_id, flag, oxe.ts(at)
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::oxe.side[], $6::numeric[], $7::numeric[], $8::text[],
                  $9::text[], $10::bigint[])
          AS f (id, order_id, trader_id, symbol, side, quantity, price, venue_exec_id, flag, at)) AS u
ON CONFLICT DO NOTHING
