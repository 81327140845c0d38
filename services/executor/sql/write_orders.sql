UPDATE oxe.orders o
SET status = u.status, execution_state = u.execution_state, attempts = u.attempts, filled_quantity = u.filled_quantity,
    filled_notional = u.filled_notional, average_price = CASE WHEN u.filled_quantity <> 0 THEN u.average_price END, reserved = u.reserved, reason = u.reason,
    venue_order_id = u.venue_order_id, venue_known = u.venue_known, recalls = u.recalls, next_check_at = oxe.ts(u.next_check_at),
    cancel_requested_at = oxe.ts(u.cancel_requested_at), updated_at = oxe.ts($15)
FROM unnest($1::uuid[], $2::oxe.order_status[], $3::oxe.execution_state[], $4::integer[], $5::numeric[], $6::numeric[],
            $7::numeric[], $8::numeric[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::boolean[], $14::smallint[])
    AS u (id, status, execution_state, attempts, filled_quantity, filled_notional, average_price, reserved, reason, venue_order_id,
          next_check_at, cancel_requested_at, venue_known, recalls)
WHERE o.id = u.id
