-- $1 order ids, locked. The resolves of these orders that the lane's owner has not carried out yet.
SELECT c.order_id, c.action, c.quantity, c.price, c.venue_exec_id
  FROM oxe.orders o
  JOIN oxe.commands c ON c.lane = o.lane AND c.order_id = o.id
 WHERE o.id = ANY ($1::uuid[]) AND c.kind = 'RESOLVE'
