INSERT INTO oxe.fills (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, venue_exec_id, flag, "timestamp", venue)
SELECT u.*, $11::text
FROM (SELECT id, order_id, trader_id, symbol, side, quantity, price, venue_exec_id, flag, oxe.ts(at)
      FROM unnest($1::uuid[], $2::uuid[], $3::numeric[], $4::numeric[], $5::text[], $6::bigint[], $7::uuid[], $8::text[],
                  $9::oxe.side[], $10::text[])
          AS f (id, order_id, quantity, price, venue_exec_id, at, trader_id, symbol, side, flag)) AS u
ON CONFLICT DO NOTHING
