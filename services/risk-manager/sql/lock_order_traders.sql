-- $1 order ids. Locks the traders of these orders, in the order of their ids: whoever draws an outbox id about a trader holds this lock.
SELECT id
  FROM oxe.traders
 WHERE id = ANY (ARRAY(SELECT o.trader_id FROM oxe.orders o WHERE o.id = ANY ($1::uuid[])))
 ORDER BY id
   FOR NO KEY UPDATE
