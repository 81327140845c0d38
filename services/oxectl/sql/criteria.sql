-- The success criteria of orders that were submitted from $1 to before $2, as role oxe_compliance. $3: the share of events that reached
-- their trader's WebSocket within 500 ms, which the database does not know; NULL: not known. `met` is null where nothing shows it.
WITH trails AS (
    SELECT order_id,
           min("timestamp") FILTER (WHERE action = 'SUBMITTED')                                        AS submitted,
           min("timestamp") FILTER (WHERE action = 'EXECUTED')                                         AS executed,
           min("timestamp") FILTER (WHERE action IN ('FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED'))    AS concluded,
           min(log_seq) FILTER (WHERE action = 'APPROVED')                                             AS approved_at,
           min(log_seq) FILTER (WHERE action = 'EXECUTED')                                             AS executed_at,
           max(total_filled)                                                                           AS total_filled,
           bool_or(action IN ('RETRIED', 'RECOVERED'))                                                 AS recovered
      FROM oxe.execution_logs
     WHERE recorded_at >= $1::timestamptz AND order_id IS NOT NULL
     GROUP BY order_id
), asked AS (
    SELECT o.trader_id, o.id, o.created_at, o.parent_order_id IS NULL AS own, o.execution_state, o.reason, o.quantity, o.filled_quantity,
           o.status = 'REJECTED' AND o.rejection IS NOT NULL AS refused,
           o.status = 'REJECTED' AND o.rejection IS NULL AND o.reason = 'EXCHANGE_UNAVAILABLE' AS failed,
           o.updated_at < now() - interval '30 seconds' AS settled,
           date_trunc('minute', o.created_at) AS minute,
           t.executed - t.submitted AS until_executed,
           CASE o.order_type WHEN 'MARKET' THEN t.concluded ELSE t.executed END - t.submitted AS until_confirmed,
           t.approved_at, t.executed_at, t.total_filled, coalesce(t.recovered, false) AS recovered
      FROM oxe.orders o LEFT JOIN trails t ON t.order_id = o.id
     WHERE o.created_at >= $1::timestamptz AND o.created_at < $2::timestamptz
), followed AS ( -- each refusal with the next order of the same trader
    SELECT refused, reason, created_at, lead(refused) OVER next AS next_refused, lead(reason) OVER next AS next_reason,
           lead(created_at) OVER next AS next_at
      FROM asked WHERE own
    WINDOW next AS (PARTITION BY trader_id ORDER BY created_at, id)
), minutes AS (
    SELECT minute, count(DISTINCT trader_id) >= 100 AS is_peak FROM asked WHERE own GROUP BY minute
), load AS (
    SELECT count(*) FILTER (WHERE is_peak) AS peak_orders, count(*) FILTER (WHERE NOT is_peak) AS other_orders,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY until_executed) FILTER (WHERE is_peak) AS peak_time,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY until_executed) FILTER (WHERE NOT is_peak) AS other_time
      FROM asked JOIN minutes USING (minute)
     WHERE own AND until_executed IS NOT NULL
), counted AS (
    SELECT count(*) FILTER (WHERE own AND NOT refused AND execution_state IN ('DONE', 'IN_DOUBT'))               AS ended,
           count(*) FILTER (WHERE own AND NOT refused AND execution_state = 'DONE' AND NOT failed)               AS ended_well,
           count(*) FILTER (WHERE own AND executed_at IS NOT NULL
                              AND (until_confirmed IS NOT NULL OR settled))                                      AS executed,
           count(*) FILTER (WHERE own AND until_confirmed <= interval '2 seconds' AND executed_at IS NOT NULL)   AS confirmed_soon,
           count(*) FILTER (WHERE recovered)                                                                     AS recovered,
           count(*) FILTER (WHERE filled_quantity > quantity)                                                    AS executed_twice,
           count(*) FILTER (WHERE executed_at IS NOT NULL)                                                       AS sent,
           count(*) FILTER (WHERE approved_at < executed_at)                                                     AS sent_approved,
           count(*) FILTER (WHERE filled_quantity > 0 AND (settled OR total_filled = filled_quantity))           AS filled,
           count(*) FILTER (WHERE filled_quantity > 0 AND total_filled = filled_quantity)                        AS filled_logged
      FROM asked
), understood AS (
    SELECT count(*) FILTER (WHERE refused AND next_at < created_at + interval '10 minutes')                      AS refusals,
           count(*) FILTER (WHERE refused AND next_at < created_at + interval '10 minutes'
                              AND NOT (next_refused AND next_reason = reason))                                   AS corrected
      FROM followed
), criteria (number, criterion, figure, unit, bar, met, detail) AS (
    SELECT 1, 'execution_reliability', ended_well::numeric / nullif(ended, 0), 'ratio', 'at least 99 %', ended_well >= 0.99 * ended AND ended > 0,
           format('%s of %s admitted orders ended without an error', ended_well, ended) FROM counted
    UNION ALL
    SELECT 2, 'error_clarity', corrected::numeric / nullif(refusals, 0), 'ratio', 'at least 95 %', corrected >= 0.95 * refusals AND refusals > 0,
           format('after %s of %s refusals the trader''s next order was not refused by the same rule', corrected, refusals) FROM understood
    UNION ALL
    SELECT 3, 'execution_speed', confirmed_soon::numeric / nullif(executed, 0), 'ratio', 'at least 95 %',
           confirmed_soon >= 0.95 * executed AND executed > 0,
           format('%s of %s orders within 2 s: a MARKET order to its fill or end, others to the exchange', confirmed_soon, executed) FROM counted
    UNION ALL
    SELECT 4, 'status_update_latency', $3::numeric, 'ratio', 'at least 99 %', $3::numeric >= 0.99,
           CASE WHEN $3::numeric IS NULL THEN 'Prometheus knows: --prometheus URL'
                ELSE 'of the events sent to WebSockets, within 500 ms of their happening' END
    UNION ALL
    SELECT 5, 'network_resilience', executed_twice, 'orders', 'none', executed_twice = 0,
           format('executed beyond their quantity; %s orders were sent again or recovered', recovered) FROM counted
    UNION ALL
    SELECT 6, 'risk_compliance', sent_approved::numeric / nullif(sent, 0), 'ratio', '100 %', sent_approved = sent AND sent > 0,
           format('%s of %s orders that went to the exchange were approved before', sent_approved, sent) FROM counted
    UNION ALL
    SELECT 7, 'audit_completeness', filled_logged::numeric / nullif(filled, 0), 'ratio', '100 %', filled_logged = filled AND filled > 0,
           format('%s of %s orders with executions have all of them in the log', filled_logged, filled) FROM counted
    UNION ALL
    SELECT 8, 'peak_performance', (extract(epoch FROM peak_time) / nullif(extract(epoch FROM other_time), 0) - 1)::numeric, 'ratio', 'below 5 %',
           peak_time < 1.05 * other_time,
           CASE WHEN least(peak_orders, other_orders) < 100
                THEN format('too few orders to tell: %s in minutes with 100 traders or more, %s in others', peak_orders, other_orders)
                ELSE format('p95 until sent: %s ms with 100 traders or more, %s ms otherwise', round((1000 * extract(epoch FROM peak_time))::numeric, 1),
                            round((1000 * extract(epoch FROM other_time))::numeric, 1)) END
      FROM load
), judged AS (
    SELECT number, criterion, CASE WHEN is_known THEN trim_scale(round(figure, 6)) END AS figure, unit, bar, CASE WHEN is_known THEN met END AS met, detail
      FROM (SELECT *, figure IS NOT NULL AND detail NOT LIKE 'too few%' AS is_known FROM criteria) AS all_of_them
)
SELECT json_agg(json_build_object(
           'number', number, 'criterion', criterion, 'figure', figure, 'unit', unit, 'bar', bar, 'met', met, 'detail', detail,
           'figure_text', CASE WHEN figure IS NULL THEN 'not known' WHEN unit = 'ratio' THEN to_char(trunc(100 * figure, 2), 'FM990.00') || ' %'
                               ELSE figure::text END,
           'met_text', CASE met WHEN true THEN 'yes' WHEN false THEN 'no' ELSE 'not known' END) ORDER BY number) AS criteria,
       count(*) FILTER (WHERE NOT met) AS missed
  FROM judged
