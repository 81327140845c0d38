-- What differs between the exchange's own books and ours, both ways, whenever nothing is in flight. $1: what `oxectl sim executions` and
-- `oxectl sim orders` print, one after the other. One statement; each row that it returns is a difference: (name, detail). Prices go on
-- moving and fill orders that rest, so a row counts only when it stays.
WITH said AS MATERIALIZED (
    SELECT line::json AS line FROM unnest(string_to_array($1::text, E'\n')) AS line WHERE line <> ''
), executions AS (
    SELECT line->>'cl_ord_id' AS order_id, line->>'exec_id' AS exec_id, (line->>'quantity')::numeric AS quantity,
           (line->>'price')::numeric AS price
      FROM said WHERE line->>'exec_id' IS NOT NULL
), there AS (
    SELECT line->>'cl_ord_id' AS id, line->>'status' AS status, line->>'status' IN ('NEW', 'PARTIAL') AS worked,
           (line->>'quantity')::numeric - (line->>'filled_quantity')::numeric AS remaining
      FROM said WHERE line->>'exec_id' IS NULL
), here AS (
    SELECT id::text, execution_state, status, quantity - filled_quantity AS remaining FROM oxe.orders
), orders AS (
    SELECT h.execution_state, coalesce(t.worked, false) AS worked, h.id IS NULL AS unknown_here, t.id IS NOT NULL AS known_there,
           h.remaining IS DISTINCT FROM t.remaining AS differs,
           format('order %s: here %s %s, %s open; there %s, %s open', coalesce(h.id, t.id), h.execution_state, h.status, h.remaining,
                  t.status, t.remaining) AS detail
      FROM here h FULL JOIN there t ON t.id = h.id -- FULL: no join but by hash or merge, whatever is estimated
)
SELECT 'an_execution_is_a_fill_and_a_fill_an_execution' AS name,
       format('order %s execution %s: %s at %s there, %s at %s here', coalesce(e.order_id, f.order_id), coalesce(e.exec_id, f.venue_exec_id),
              e.quantity, e.price, f.quantity_filled, f.price_at_fill) AS detail
  FROM executions e
  FULL JOIN (SELECT order_id::text, venue_exec_id, quantity_filled, price_at_fill FROM oxe.fills) f
    ON f.order_id = e.order_id AND f.venue_exec_id = e.exec_id
 WHERE (e.quantity, e.price) IS DISTINCT FROM (f.quantity_filled, f.price_at_fill)
UNION ALL
SELECT 'the_exchange_works_what_is_open_here', detail FROM orders WHERE worked AND (unknown_here OR execution_state = 'DONE')
UNION ALL
SELECT 'what_works_here_is_worked_by_the_exchange', detail FROM orders WHERE execution_state = 'WORKING' AND (NOT worked OR differs)
UNION ALL
SELECT 'what_was_never_sent_is_unknown_to_the_exchange', detail FROM orders WHERE execution_state = 'ADMITTED' AND known_there
ORDER BY name, detail
