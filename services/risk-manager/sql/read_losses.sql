-- $1 trader ids. day_start_equity − equity, held within what the reader can hold: further out no limit can tell the difference.
SELECT t.id,
       greatest(-90000000000, least(90000000000, round(
           t.day_start_equity - t.cash - coalesce(sum(p.quantity * l.price), 0), 8)))
  FROM oxe.traders t
  LEFT JOIN oxe.positions p ON p.trader_id = t.id AND p.quantity <> 0
  LEFT JOIN oxe.last_prices l ON l.symbol = p.symbol
 WHERE t.id = ANY ($1::uuid[])
 GROUP BY t.id
