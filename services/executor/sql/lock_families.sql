-- As lock_orders ($3). With those of $1, which are some of them, what belongs to the same brackets: an entry's latest legs, a leg's sibling
-- and entry; and the legs that their fills take the position away from: of each one's trader, symbol and side the $2 youngest that
-- have something left, with their siblings. They are read before the lock: who writes these links or
-- open_legs owns the lane, or has moved the position, which write_positions.sql finds.
SELECT
\i order_columns.sql
FROM oxe.orders o
WHERE o.id = ANY (ARRAY(SELECT w.id FROM unnest($3::uuid[]) AS w (id)
                        UNION
                        SELECT relative.id
                        FROM oxe.orders named
                        CROSS JOIN LATERAL (
                            SELECT unnest(ARRAY[named.stop_loss_order_id, named.take_profit_order_id, named.sibling_order_id,
                                                named.parent_order_id])
                            UNION ALL
                            SELECT unnest(ARRAY[leg.id, leg.sibling_order_id])
                            FROM (SELECT order_id FROM oxe.open_legs
                                  WHERE trader_id = named.trader_id AND symbol = named.symbol AND side = named.side
                                  ORDER BY order_id DESC LIMIT $2) AS young
                            JOIN oxe.orders leg ON leg.id = young.order_id
                        ) AS relative (id)
                        WHERE named.id = ANY ($1::uuid[]) AND relative.id IS NOT NULL))
ORDER BY o.id
FOR NO KEY UPDATE
