-- Each order in doubt: its id, its status at the exchange ('-': unknown there), whether it is filled here, and the id, quantity and
-- price of an execution that is lacking here ('-': none). $1: the exchange's executions and orders, as in exchange_books.sql.
WITH said AS MATERIALIZED (
    SELECT line::json AS line FROM unnest(string_to_array($1::text, E'\n')) AS line WHERE line <> ''
), doubts AS MATERIALIZED (
    SELECT o.id, o.filled_quantity
      FROM oxe.open_orders p JOIN oxe.orders o ON o.id = p.order_id WHERE o.execution_state = 'IN_DOUBT'
), lacking AS (
    SELECT DISTINCT ON (d.id) d.id, line->>'exec_id' AS exec_id, line->>'quantity' AS quantity, line->>'price' AS price
      FROM doubts d JOIN said ON line->>'cl_ord_id' = d.id::text AND line->>'exec_id' IS NOT NULL
     WHERE NOT EXISTS (SELECT FROM oxe.fills f WHERE f.order_id = d.id AND f.venue_exec_id = line->>'exec_id')
)
SELECT d.id, coalesce(line->>'status', '-'), d.filled_quantity > 0, coalesce(exec_id, '-'), coalesce(quantity, '-'), coalesce(price, '-')
  FROM doubts d
  LEFT JOIN said ON line->>'cl_ord_id' = d.id::text AND line->>'exec_id' IS NULL
  LEFT JOIN lacking ON lacking.id = d.id
 ORDER BY d.id
