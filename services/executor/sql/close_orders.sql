-- Orders that are DONE, lane and id side by side. Each is sought by its place in the index, whatever the planner takes the table's size for:
-- it may be empty at night and hold all open orders by day.
DELETE FROM oxe.open_orders
WHERE ctid = ANY (ARRAY(
    SELECT found.ctid
    FROM unnest($1::smallint[], $2::uuid[]) AS u (lane, order_id)
    CROSS JOIN LATERAL (SELECT oo.ctid FROM oxe.open_orders oo WHERE oo.lane = u.lane AND oo.order_id = u.order_id OFFSET 0) AS found))
