-- Legs that are open no more, column by column; sought as in close_orders.sql.
DELETE FROM oxe.open_legs
WHERE ctid = ANY (ARRAY(
    SELECT found.ctid
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::oxe.side[]) AS u (order_id, trader_id, symbol, side)
    CROSS JOIN LATERAL (
        SELECT l.ctid FROM oxe.open_legs l
        WHERE l.trader_id = u.trader_id AND l.symbol = u.symbol AND l.side = u.side AND l.order_id = u.order_id OFFSET 0) AS found))
