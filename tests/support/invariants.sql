-- What must be true of the whole database whenever nothing is in flight, whatever died before. One statement; each row that it
-- returns is an invariant that is broken: (name, detail). Run as a superuser or owner with BYPASSRLS, after the outbox has been
-- emptied. Money is compared within 1e-8 per fill, the rounding of one product.
WITH done_fills AS (
    SELECT order_id, count(*) AS fills, sum(quantity_filled) AS quantity, sum(quantity_filled * price_at_fill) AS notional
      FROM oxe.fills GROUP BY order_id
), trader_fills AS (
    SELECT trader_id, count(*) AS fills,
           sum(CASE side WHEN 'BUY' THEN -1 ELSE 1 END * quantity_filled * price_at_fill) AS received
      FROM oxe.fills GROUP BY trader_id
), symbol_fills AS (
    SELECT trader_id, symbol, sum(CASE side WHEN 'BUY' THEN 1 ELSE -1 END * quantity_filled) AS quantity
      FROM oxe.fills GROUP BY trader_id, symbol
), open AS (
    SELECT id, trader_id, symbol, side, greatest(quantity - filled_quantity, 0) AS remaining, reserved, parent_order_id, reserve_price,
           reserve_quantity
      FROM oxe.orders WHERE execution_state <> 'DONE'
), pairs AS ( -- of a bracket's legs; both count once
    SELECT least(l.id, coalesce(l.sibling_order_id, l.id)) AS pair, l.parent_order_id, l.trader_id, l.symbol, l.side, count(*) AS legs,
           min(l.protects_quantity) AS protects, max(l.protects_quantity) AS protects_max, sum(l.filled_quantity) AS filled,
           bool_or(l.execution_state <> 'DONE') AS is_open
      FROM oxe.orders l WHERE l.parent_order_id IS NOT NULL
     GROUP BY 1, l.parent_order_id, l.trader_id, l.symbol, l.side
), open_parts AS (
    SELECT trader_id, symbol, side, remaining FROM open WHERE parent_order_id IS NULL
    UNION ALL
    SELECT trader_id, symbol, side, greatest(protects - filled, 0) FROM pairs WHERE is_open
), open_quantities AS (
    SELECT trader_id, symbol, coalesce(sum(remaining) FILTER (WHERE side = 'BUY'), 0) AS buy,
           coalesce(sum(remaining) FILTER (WHERE side = 'SELL'), 0) AS sell
      FROM open_parts GROUP BY trader_id, symbol
), trails AS (
    SELECT order_id, array_agg(DISTINCT action) AS actions,
           min(log_seq) AS first_at,
           min(log_seq) FILTER (WHERE action = 'SUBMITTED') AS submitted_at,
           min(log_seq) FILTER (WHERE action = 'APPROVED') AS approved_at,
           min(log_seq) FILTER (WHERE action = 'EXECUTED') AS executed_at,
           min(log_seq) FILTER (WHERE action = 'FILLED') AS filled_at,
           count(*) FILTER (WHERE action = 'SUBMITTED') AS submitted,
           count(*) FILTER (WHERE action = 'APPROVED') AS approved,
           count(*) FILTER (WHERE action = 'EXECUTED') AS executed,
           count(*) FILTER (WHERE action = 'REJECTED') AS rejected,
           count(*) FILTER (WHERE action = 'CANCELLED') AS cancelled,
           count(*) FILTER (WHERE action = 'EXPIRED') AS expired
      FROM oxe.execution_logs WHERE order_id IS NOT NULL GROUP BY order_id
), trader_log AS (
    SELECT trader_id, count(*) AS entries, count(DISTINCT trader_seq) AS different, min(trader_seq) AS first, max(trader_seq) AS last
      FROM oxe.execution_logs WHERE trader_seq IS NOT NULL GROUP BY trader_id
), log AS (
    SELECT log_seq, recorded_at, trader_id, trader_seq, order_id, action, total_filled,
           lag(recorded_at) OVER (ORDER BY log_seq) AS recorded_before
      FROM oxe.execution_logs
), trader_order AS (
    SELECT log_seq, trader_id, trader_seq, lag(trader_seq) OVER (PARTITION BY trader_id ORDER BY log_seq) AS seq_before
      FROM oxe.execution_logs WHERE trader_seq IS NOT NULL
), filled_order AS (
    SELECT log_seq, order_id, total_filled, lag(total_filled) OVER (PARTITION BY order_id ORDER BY log_seq) AS filled_before
      FROM oxe.execution_logs WHERE order_id IS NOT NULL AND total_filled IS NOT NULL
), whole AS (
    SELECT count(*) AS entries, count(DISTINCT log_seq) AS different, count(DISTINCT event_id) AS events,
           coalesce(min(log_seq), 1) AS first, coalesce(max(log_seq), 0) AS last, max(recorded_at) AS recorded_at
      FROM oxe.execution_logs
)
-- Fills and orders
SELECT 'filled_quantity_is_the_sum_of_fills' AS name, format('order %s: %s, fills %s', o.id, o.filled_quantity, f.quantity) AS detail
  FROM oxe.orders o LEFT JOIN done_fills f ON f.order_id = o.id WHERE o.filled_quantity <> coalesce(f.quantity, 0)
UNION ALL
SELECT 'filled_notional_is_the_sum_of_fills', format('order %s: %s, fills %s', o.id, o.filled_notional, f.notional)
  FROM oxe.orders o LEFT JOIN done_fills f ON f.order_id = o.id
 WHERE abs(o.filled_notional - coalesce(f.notional, 0)) > coalesce(f.fills, 0) * 0.00000001
UNION ALL
SELECT 'average_price_is_notional_by_quantity', format('order %s: %s', id, average_price)
  FROM oxe.orders
 WHERE CASE WHEN filled_quantity = 0 THEN average_price IS NOT NULL
            ELSE average_price IS NULL OR abs(average_price - filled_notional / filled_quantity) > 0.00000001 END
UNION ALL
SELECT 'status_fits_filled_quantity', format('order %s: %s, %s of %s', id, status, filled_quantity, quantity)
  FROM oxe.orders
 WHERE (status = 'FILLED' AND filled_quantity < quantity)
    OR (status = 'PENDING' AND filled_quantity > 0)
    OR (status = 'PARTIAL' AND (filled_quantity = 0 OR filled_quantity >= quantity))
    OR (status IN ('CANCELLED', 'EXPIRED', 'REJECTED') AND filled_quantity >= quantity)
UNION ALL
SELECT 'no_order_is_overfilled_unflagged', format('order %s: %s of %s', o.id, o.filled_quantity, o.quantity)
  FROM oxe.orders o
 WHERE o.filled_quantity > o.quantity 
   AND NOT EXISTS (SELECT FROM oxe.fills f WHERE f.order_id = o.id AND f.flag IN ('OVERFILL', 'BOTH_LEGS', 'BEYOND_POSITION'))
UNION ALL
SELECT 'a_fill_is_its_orders', format('fill %s of order %s', f.id, f.order_id)
  FROM oxe.fills f JOIN oxe.orders o ON o.id = f.order_id
 WHERE (f.trader_id, f.symbol, f.side) IS DISTINCT FROM (o.trader_id, o.symbol, o.side)
UNION ALL
SELECT 'an_execution_fills_once', format('order %s, %s %s: %s fills', order_id, venue, venue_exec_id, count(*))
  FROM oxe.fills GROUP BY order_id, venue, venue_exec_id HAVING count(*) > 1
-- Brackets
UNION ALL
SELECT 'pairs_cover_no_more_than_their_entry_filled', format('order %s: filled %s, its pairs cover %s', o.id, o.filled_quantity, p.protects)
  FROM oxe.orders o JOIN (SELECT parent_order_id, sum(protects) AS protects FROM pairs GROUP BY 1) p ON p.parent_order_id = o.id
 WHERE p.protects > o.filled_quantity
UNION ALL
SELECT 'legs_close_no_more_than_is_held', format('trader %s %s: %s legs have %s left, held %s', l.trader_id, l.symbol, l.side, l.left, p.quantity)
  FROM (SELECT trader_id, symbol, side, sum(greatest(protects - filled, 0)) AS left FROM pairs WHERE is_open GROUP BY 1, 2, 3) l
  LEFT JOIN oxe.positions p ON p.trader_id = l.trader_id AND p.symbol = l.symbol
 WHERE l.left > greatest(coalesce(CASE l.side WHEN 'SELL' THEN p.quantity ELSE -p.quantity END, 0), 0)
UNION ALL
SELECT 'open_legs_lists_the_legs_that_protect', format('leg %s', coalesce(l.id, w.order_id))
  FROM (SELECT o.id, o.trader_id, o.symbol, o.side FROM oxe.orders o JOIN pairs p ON p.pair = least(o.id, coalesce(o.sibling_order_id, o.id))
         WHERE o.parent_order_id IS NOT NULL AND o.execution_state <> 'DONE' AND p.protects > p.filled) l
  FULL JOIN oxe.open_legs w ON w.order_id = l.id
 WHERE (l.trader_id, l.symbol, l.side) IS DISTINCT FROM (w.trader_id, w.symbol, w.side)
UNION ALL
SELECT 'legs_are_as_the_entry_asked', format('leg %s of order %s: %s %s at %s', l.id, e.id, l.side, l.order_type, l.price)
  FROM oxe.orders l JOIN oxe.orders e ON e.id = l.parent_order_id
 WHERE l.side = e.side OR l.symbol <> e.symbol OR l.trader_id <> e.trader_id OR l.lane <> e.lane OR l.reserved <> 0
    OR l.price IS DISTINCT FROM CASE l.order_type WHEN 'STOP' THEN e.stop_loss WHEN 'LIMIT' THEN e.take_profit END
UNION ALL
SELECT 'a_pair_agrees_on_what_it_covers', format('pair %s of order %s: %s and %s, %s legs', pair, parent_order_id, protects, protects_max, legs)
  FROM pairs WHERE protects <> protects_max OR legs > 2
UNION ALL
SELECT 'an_open_leg_has_what_its_pair_has_left', format('leg %s: %s open, its pair %s', o.id, o.remaining, p.protects - p.filled)
  FROM open o JOIN oxe.orders l ON l.id = o.id JOIN pairs p ON p.pair = least(l.id, coalesce(l.sibling_order_id, l.id))
 WHERE l.cancel_requested_at IS NULL AND o.remaining <> p.protects - p.filled
UNION ALL
SELECT 'no_pair_is_executed_twice_unflagged', format('pair %s of order %s: covers %s, filled %s', pair, parent_order_id, protects, filled)
  FROM pairs p
 WHERE filled > protects AND NOT EXISTS (SELECT FROM oxe.fills f JOIN oxe.orders l ON l.id = f.order_id
                                          WHERE least(l.id, coalesce(l.sibling_order_id, l.id)) = p.pair
                                            AND f.flag IN ('OVERFILL', 'BOTH_LEGS', 'BEYOND_POSITION'))
-- Money and positions
UNION ALL
SELECT 'cash_is_opening_cash_and_fills', format('trader %s: %s, opening %s, fills %s', t.id, t.cash, t.opening_cash, f.received)
  FROM oxe.traders t LEFT JOIN trader_fills f ON f.trader_id = t.id
 WHERE abs(t.cash - t.opening_cash - coalesce(f.received, 0)) > coalesce(f.fills, 0) * 0.00000001
UNION ALL
SELECT 'position_is_opening_quantity_and_fills', format('trader %s %s: %s, opening %s, fills %s', coalesce(p.trader_id, f.trader_id),
        coalesce(p.symbol, f.symbol), p.quantity, p.opening_quantity, f.quantity)
  FROM oxe.positions p FULL JOIN symbol_fills f ON f.trader_id = p.trader_id AND f.symbol = p.symbol
 WHERE coalesce(p.quantity, 0) <> coalesce(p.opening_quantity, 0) + coalesce(f.quantity, 0)
UNION ALL
SELECT 'reserved_is_the_sum_of_open_orders', format('trader %s: %s, orders %s', t.id, t.reserved, o.reserved)
  FROM oxe.traders t LEFT JOIN (SELECT trader_id, sum(reserved) AS reserved FROM open GROUP BY trader_id) o ON o.trader_id = t.id
 WHERE t.reserved <> coalesce(o.reserved, 0)
UNION ALL
SELECT 'open_orders_are_counted', format('trader %s: %s, orders %s', t.id, t.open_orders, o.orders)
  FROM oxe.traders t LEFT JOIN (SELECT trader_id, count(*) AS orders FROM open GROUP BY trader_id) o ON o.trader_id = t.id
 WHERE t.open_orders <> coalesce(o.orders, 0)
UNION ALL
SELECT 'nothing_is_reserved_without_open_orders', format('trader %s: %s', t.id, t.reserved)
  FROM oxe.traders t WHERE t.reserved <> 0 AND NOT EXISTS (SELECT FROM open o WHERE o.trader_id = t.id)
UNION ALL
SELECT 'open_quantities_are_those_of_open_orders', format('trader %s %s: buy %s sell %s, orders %s and %s',
        coalesce(p.trader_id, o.trader_id), coalesce(p.symbol, o.symbol), p.open_buy, p.open_sell, o.buy, o.sell)
  FROM oxe.positions p FULL JOIN open_quantities o ON o.trader_id = p.trader_id AND o.symbol = p.symbol
 WHERE (coalesce(p.open_buy, 0), coalesce(p.open_sell, 0)) <> (coalesce(o.buy, 0), coalesce(o.sell, 0))
UNION ALL
SELECT 'reducing_quantities_are_what_open_orders_do_not_reserve', format('trader %s %s: buy %s sell %s, orders %s and %s',
        coalesce(p.trader_id, o.trader_id), coalesce(p.symbol, o.symbol), p.reducing_buy, p.reducing_sell, o.buy, o.sell)
  FROM oxe.positions p
  FULL JOIN (SELECT trader_id, symbol, coalesce(sum(greatest(remaining - reserve_quantity, 0)) FILTER (WHERE side = 'BUY'), 0) AS buy,
                    coalesce(sum(greatest(remaining - reserve_quantity, 0)) FILTER (WHERE side = 'SELL'), 0) AS sell
               FROM open WHERE parent_order_id IS NULL GROUP BY trader_id, symbol) o
    ON o.trader_id = p.trader_id AND o.symbol = p.symbol
 WHERE (coalesce(p.reducing_buy, 0), coalesce(p.reducing_sell, 0)) <> (coalesce(o.buy, 0), coalesce(o.sell, 0))
UNION ALL
SELECT 'an_open_order_reserves_its_last_part', format('order %s: %s of %s at %s', id, reserved, least(remaining, reserve_quantity), reserve_price)
  FROM open WHERE reserved <> ceil(least(remaining, reserve_quantity) * reserve_price * 100000000) / 100000000
UNION ALL
SELECT 'open_orders_lists_what_is_not_done', format('order %s, lane %s: %s', coalesce(o.id, l.order_id), coalesce(o.lane, l.lane),
        CASE WHEN l.order_id IS NULL THEN 'not listed' ELSE 'listed' END)
  FROM (SELECT id, lane FROM oxe.orders WHERE execution_state <> 'DONE' OR recalls IS NOT NULL) o
  FULL JOIN oxe.open_orders l ON l.order_id = o.id AND l.lane = o.lane
 WHERE o.id IS NULL OR l.order_id IS NULL
-- The trail of each order
UNION ALL
SELECT 'every_order_was_submitted_once', format('order %s: %s times', o.id, coalesce(t.submitted, 0))
  FROM oxe.orders o LEFT JOIN trails t ON t.order_id = o.id WHERE coalesce(t.submitted, 0) <> 1
UNION ALL
SELECT 'every_order_was_approved_or_rejected', format('order %s %s: %s', o.id, o.status, t.actions)
  FROM oxe.orders o LEFT JOIN trails t ON t.order_id = o.id
 WHERE coalesce(t.approved, 0) > 1 OR coalesce(t.approved, 0) + coalesce(t.rejected, 0) = 0
    OR (o.status <> 'REJECTED' AND coalesce(t.approved, 0) <> 1)
UNION ALL
SELECT 'nothing_is_executed_before_it_is_approved', format('order %s: %s', order_id, actions)
  FROM trails WHERE executed_at IS NOT NULL AND (approved_at IS NULL OR approved_at > executed_at)
UNION ALL
SELECT 'the_log_follows_causality', format('order %s: first %s, submitted %s, approved %s, executed %s, filled %s',
        order_id, first_at, submitted_at, approved_at, executed_at, filled_at)
  FROM trails
 WHERE first_at <> submitted_at OR approved_at < submitted_at OR executed_at < submitted_at OR filled_at < executed_at
    OR (filled_at IS NOT NULL AND executed_at IS NULL)
UNION ALL
SELECT 'the_trail_is_complete', format('order %s %s %s: %s', o.id, o.execution_state, o.status, t.actions)
  FROM oxe.orders o JOIN trails t ON t.order_id = o.id
 WHERE (o.execution_state IN ('SENT', 'WORKING') AND t.executed = 0)
    OR (o.execution_state = 'ADMITTED' AND t.executed > 0)
    OR (o.execution_state = 'WORKING' AND o.status = 'PENDING' AND NOT t.actions && ARRAY['ACKNOWLEDGED', 'RECOVERED']::oxe.audit_action[])
    OR (o.execution_state = 'IN_DOUBT' AND NOT t.actions @> ARRAY['IN_DOUBT'::oxe.audit_action] AND t.filled_at IS NULL)
    OR (o.status = 'FILLED' AND t.filled_at IS NULL)
    OR (o.status = 'REJECTED' AND t.rejected <> 1)
    OR (o.status = 'CANCELLED' AND t.cancelled <> 1)
    OR (o.status = 'EXPIRED' AND t.expired <> 1)
    OR (o.execution_state <> 'DONE' AND t.rejected + t.cancelled + t.expired > 0)
UNION ALL
SELECT 'each_fill_is_logged_once', format('order %s, execution %s %s: fill %s, entry %s', coalesce(f.order_id, l.order_id),
        coalesce(f.venue, l.venue), coalesce(f.venue_exec_id, l.venue_exec_id), f.id, l.log_seq)
  FROM oxe.fills f
  FULL JOIN (SELECT *, count(*) OVER (PARTITION BY order_id, venue, venue_exec_id) AS times
               FROM oxe.execution_logs WHERE action = 'FILLED') l
    ON l.order_id = f.order_id AND l.venue = f.venue AND l.venue_exec_id = f.venue_exec_id
   AND l.quantity = f.quantity_filled AND l.price = f.price_at_fill AND l.trader_id = f.trader_id
 WHERE f.id IS NULL OR l.log_seq IS NULL OR l.times > 1
UNION ALL
SELECT 'total_filled_never_decreases', format('order %s: %s after %s at entry %s', order_id, total_filled, filled_before, log_seq)
  FROM filled_order WHERE total_filled < filled_before
UNION ALL
SELECT 'every_entry_is_of_an_order', format('entry %s: order %s', l.log_seq, l.order_id)
  FROM oxe.execution_logs l LEFT JOIN oxe.orders o ON o.id = l.order_id
 WHERE l.order_id IS NOT NULL AND (o.id IS NULL OR o.trader_id IS DISTINCT FROM l.trader_id)
-- The log
UNION ALL
SELECT 'log_seq_has_no_gap', format('%s entries, %s different, %s to %s', entries, different, first, last)
  FROM whole WHERE first <> 1 OR last <> entries OR different <> entries
UNION ALL
SELECT 'an_event_is_recorded_once', format('%s entries, %s events', entries, events) FROM whole WHERE events <> entries
UNION ALL
SELECT 'audit_state_is_the_end_of_the_log', format('next %s, log ends at %s, tree of %s leaves, recorded %s and %s', s.next_log_seq, w.last,
        CASE WHEN s.frontier = '' THEN 0 ELSE ('x' || encode(substring(s.frontier FOR 8), 'hex'))::bit(64)::bigint END,
        s.last_recorded_at, w.recorded_at)
  FROM oxe.audit_state s, whole w
 WHERE s.next_log_seq <> w.last + 1 OR s.last_recorded_at IS DISTINCT FROM coalesce(w.recorded_at, s.last_recorded_at)
    OR s.next_log_seq - 1 <> CASE WHEN s.frontier = '' THEN 0 ELSE ('x' || encode(substring(s.frontier FOR 8), 'hex'))::bit(64)::bigint END
UNION ALL
SELECT 'recorded_at_never_decreases', format('entry %s: %s after %s', log_seq, recorded_at, recorded_before)
  FROM log WHERE recorded_at < recorded_before
UNION ALL
SELECT 'trader_seq_has_no_gap', format('trader %s: %s entries, %s different, %s to %s; last_seq %s', coalesce(l.trader_id, t.trader_id),
        l.entries, l.different, l.first, l.last, t.last_seq)
  FROM trader_log l FULL JOIN oxe.audit_traders t ON t.trader_id = l.trader_id
 WHERE l.entries IS NULL OR t.last_seq IS NULL OR l.first <> 1 OR l.last <> l.entries OR l.different <> l.entries
    OR t.last_seq <> l.last
UNION ALL
SELECT 'trader_seq_follows_log_seq', format('entry %s: %s after %s', log_seq, trader_seq, seq_before)
  FROM trader_order WHERE trader_seq <> seq_before + 1
UNION ALL
SELECT 'a_traders_entries_are_numbered', format('entry %s %s: trader_seq %s', log_seq, action, trader_seq)
  FROM log
 WHERE (trader_seq IS NOT NULL) <> (trader_id IS NOT NULL AND order_id IS NOT NULL)
UNION ALL
SELECT 'the_outbox_is_empty', format('%s rows, from %s on', count(*), min(id)) FROM oxe.outbox HAVING count(*) > 0
ORDER BY name, detail
