-- What the walk itself can say must be true, beside the invariants: its traders, its halts, and what its exchange's lies may leave
-- behind. $1: the last log_seq that was looked at before. One row of text for each break.
WITH halted AS ( -- of each scope, the stretches of the log in which at least one halt was in force
    SELECT trader_id, symbol, log_seq, lead(log_seq, 1, 9223372036854775807) OVER scope AS until,
           sum(CASE action WHEN 'HALTED' THEN 1 ELSE -1 END) OVER scope AS in_force,
           bool_or(actor = 'executor') OVER (PARTITION BY trader_id, symbol) AS by_executor -- an overfill's halt takes no lock
      FROM oxe.execution_logs WHERE action IN ('HALTED', 'RESUMED')
    WINDOW scope AS (PARTITION BY trader_id, symbol ORDER BY log_seq)
), sent AS (
    SELECT l.log_seq, l.order_id, l.trader_id, l.symbol, l.action
      FROM oxe.execution_logs l JOIN oxe.orders o ON o.id = l.order_id
     WHERE l.action IN ('EXECUTED', 'RETRIED') AND l.log_seq > $1::bigint AND o.parent_order_id IS NULL
)
SELECT format('order %s is sent (entry %s) under a halt (entry %s)', s.order_id, s.log_seq, h.log_seq)
  FROM sent s JOIN halted h ON s.log_seq > h.log_seq AND s.log_seq < h.until AND h.in_force > 0 AND NOT h.by_executor
   AND (h.trader_id IS NULL OR h.trader_id = s.trader_id) AND (h.symbol IS NULL OR h.symbol = s.symbol)
UNION ALL
SELECT format('trader %s (%s) is short of %s %s and may not be', t.subject, t.id, -p.quantity, p.symbol)
  FROM oxe.traders t JOIN oxe.positions p ON p.trader_id = t.id
 WHERE NOT t.short_selling AND p.quantity < 0
   AND NOT EXISTS (SELECT FROM oxe.fills f WHERE f.trader_id = t.id AND f.symbol = p.symbol AND f.flag IS NOT NULL)
UNION ALL
-- A MARKET order may meet a price that has moved on its way, by less than what it reserves beyond the last one.
SELECT format('trader %s (%s) may not be short and has cash of %s', t.subject, t.id, t.cash)
  FROM oxe.traders t
 WHERE NOT t.short_selling AND t.cash < -0.05 * t.opening_cash AND NOT EXISTS (SELECT FROM oxe.fills f WHERE f.trader_id = t.id AND f.flag IS NOT NULL)
UNION ALL
-- LIMIT orders, whatever became of them; of the others no row says what price they were measured by.
SELECT format('trader %s (%s) has a day of %s, and orders of %s in it', t.subject, t.id, t.daily_notional, o.notional)
  FROM oxe.traders t
  JOIN (SELECT trader_id, sum(ceil(quantity * price * 100000000) / 100000000) AS notional
          FROM oxe.orders
         WHERE order_type = 'LIMIT' AND rejection IS NULL AND parent_order_id IS NULL AND expires_at > now() -- so of today
         GROUP BY trader_id) o ON o.trader_id = t.id
 WHERE t.daily_notional < o.notional
UNION ALL
-- Nobody changes this limit.
SELECT format('trader %s (%s) has a day of %s over %s', subject, id, daily_notional, max_daily_notional)
  FROM oxe.traders WHERE max_daily_notional > 0 AND daily_notional > max_daily_notional
UNION ALL
SELECT format('put aside by %s: %s %s %s', service, kind, order_id, detail)
  FROM oxe.put_aside
 WHERE kind NOT IN ('UNKNOWN_ORDER', 'DUPLICATE_DIFFERS', 'UNEXPECTED_REPORT', 'STATUS_DIFFERS', 'NOT_RESOLVED')
 LIMIT 20
