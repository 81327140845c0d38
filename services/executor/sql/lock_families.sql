-- As lock_orders, and with $2, some of them, what belongs to the same brackets: an entry's latest legs, a leg's sibling and entry. These links
-- are the lane owner's to write, so that it may read them before the lock.
SELECT o.id, o.trader_id, o.symbol, o.side, o.order_type, o.time_in_force, o.quantity, o.price, o.status, o.execution_state,
       o.lane, o.attempts, o.filled_quantity, o.filled_notional, o.average_price, o.reserve_price, o.reserve_quantity, o.reserved,
       o.reason, o.venue_order_id, o.trace_id, oxe.us(o.cancel_requested_at), oxe.us(o.expires_at), oxe.us(o.created_at),
       oxe.us(o.next_check_at), o.stop_loss, o.take_profit, o.stop_loss_order_id, o.take_profit_order_id, o.parent_order_id,
       o.sibling_order_id, o.protects_quantity
FROM oxe.orders o
WHERE o.id = ANY (ARRAY(SELECT w.id FROM unnest($1::uuid[]) AS w (id)
                        UNION
                        SELECT relative
                        FROM oxe.orders named
                        CROSS JOIN LATERAL unnest(ARRAY[named.stop_loss_order_id, named.take_profit_order_id, named.sibling_order_id,
                                                  named.parent_order_id])
                            AS relative
                        WHERE named.id = ANY ($2::uuid[]) AND relative IS NOT NULL))
ORDER BY o.id
FOR NO KEY UPDATE
