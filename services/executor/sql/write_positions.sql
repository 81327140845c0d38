-- What executions have made of positions, where they are as they were read ($4, $6, $8); anywhere else the transaction fails, and the turn is
-- decided again. Of what admission moves too, what the turn has added. Sorted, because each row is locked as it is reached.
WITH written AS (
    UPDATE oxe.positions p
    SET quantity = u.quantity, cost = u.cost, realized_pnl = u.realized_pnl, realized_day = date '1970-01-01' + u.realized_day,
        open_buy = p.open_buy + u.open_buy, open_sell = p.open_sell + u.open_sell,
        reducing_buy = p.reducing_buy + u.reducing_buy, reducing_sell = p.reducing_sell + u.reducing_sell, updated_at = oxe.ts($14)
    FROM (SELECT * FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
                               $8::numeric[], $9::integer[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[])
              AS v (trader_id, symbol, quantity, was_quantity, cost, was_cost, realized_pnl, was_realized_pnl, realized_day,
                    open_buy, open_sell, reducing_buy, reducing_sell)
          ORDER BY trader_id, symbol COLLATE "C" OFFSET 0) AS u
    WHERE p.trader_id = u.trader_id AND p.symbol = u.symbol
      AND p.quantity = u.was_quantity AND p.cost = u.was_cost AND p.realized_pnl = u.was_realized_pnl
    RETURNING 1
)
SELECT oxe.expect_written(count(*), cardinality($1)) FROM written
