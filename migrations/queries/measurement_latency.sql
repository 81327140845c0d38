-- How long each stage of an order's life took, in milliseconds, for orders whose stage ended in a range of time. `recorded` is
-- how long an event waited for its place in the log (and so for its way to the trader's WebSocket).
--
--   psql -f measurement_latency.sql                                    the last 24 hours
--   psql -v from="'2026-11-01'" -v to="'2026-12-01'" -f …              a range, `to` exclusive
\if :{?from} \else \set from 'now() - interval ''24 hours''' \endif
\if :{?to} \else \set to 'now()' \endif

WITH events AS (
    SELECT order_id, action, log_seq, "timestamp", recorded_at
      FROM oxe.execution_logs
     WHERE recorded_at >= :from AND recorded_at < :to AND order_id IS NOT NULL
), trails AS (
    SELECT order_id,
           min("timestamp") FILTER (WHERE action = 'SUBMITTED')               AS submitted,
           min("timestamp") FILTER (WHERE action IN ('APPROVED', 'REJECTED')) AS decided,
           min("timestamp") FILTER (WHERE action = 'EXECUTED')                AS executed,
           min("timestamp") FILTER (WHERE action = 'FILLED')                  AS first_filled
      FROM events
     GROUP BY order_id
), stages (place, stage, took) AS (
    SELECT 1, 'submitted to decided', decided - submitted FROM trails
    UNION ALL SELECT 2, 'decided to executed', executed - decided FROM trails
    UNION ALL SELECT 3, 'executed to first fill', first_filled - executed FROM trails
    UNION ALL SELECT 4, 'submitted to first fill', first_filled - submitted FROM trails
    UNION ALL SELECT 5, 'recorded', recorded_at - "timestamp" FROM events
)
SELECT stage, count(took) AS samples,
       round((1000 * extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY took)))::numeric, 3)  AS p50_ms,
       round((1000 * extract(epoch FROM percentile_cont(0.95) WITHIN GROUP (ORDER BY took)))::numeric, 3) AS p95_ms,
       round((1000 * extract(epoch FROM percentile_cont(0.99) WITHIN GROUP (ORDER BY took)))::numeric, 3) AS p99_ms,
       round((1000 * extract(epoch FROM max(took)))::numeric, 3)                                          AS max_ms
  FROM stages
 GROUP BY place, stage
 ORDER BY place;
