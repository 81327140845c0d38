-- How often something went wrong, by hour: orders refused (by code), orders that had to be sent again, orders in doubt, each also
-- as a share of the orders submitted in that hour. A refusal by a rule is the suite working; the last columns are errors.
--
--   psql -f measurement_error_rate.sql                                 the last 24 hours
--   psql -v from="'2026-11-01'" -v to="'2026-12-01'" -f …              a range, `to` exclusive
\if :{?from} \else \set from 'now() - interval ''24 hours''' \endif
\if :{?to} \else \set to 'now()' \endif

SELECT date_trunc('hour', l.recorded_at)                                                          AS hour,
       count(DISTINCT l.order_id) FILTER (WHERE l.action = 'SUBMITTED')                           AS submitted,
       count(DISTINCT l.order_id) FILTER (WHERE l.action = 'REJECTED' AND l.actor <> 'executor')  AS refused_by_rules,
       count(DISTINCT l.order_id) FILTER (WHERE l.action = 'REJECTED' AND l.actor = 'executor')   AS rejected_by_exchange,
       count(*) FILTER (WHERE l.action = 'RETRIED')                                               AS retries,
       count(DISTINCT l.order_id) FILTER (WHERE l.action = 'RETRIED')                             AS retried_orders,
       count(DISTINCT l.order_id) FILTER (WHERE l.action = 'IN_DOUBT')                            AS in_doubt,
       count(DISTINCT l.order_id) FILTER (WHERE l.reason = 'EXCHANGE_UNAVAILABLE')                AS exchange_unavailable,
       round(100.0 * count(DISTINCT l.order_id) FILTER (WHERE l.action = 'IN_DOUBT' OR l.reason = 'EXCHANGE_UNAVAILABLE')
             / nullif(count(DISTINCT l.order_id) FILTER (WHERE l.action = 'SUBMITTED'), 0), 3)    AS error_pct
  FROM oxe.execution_logs l
 WHERE l.recorded_at >= :from AND l.recorded_at < :to
 GROUP BY 1
 ORDER BY 1;

SELECT l.reason AS code, l.actor, count(*) AS refusals
  FROM oxe.execution_logs l
 WHERE l.recorded_at >= :from AND l.recorded_at < :to AND l.action = 'REJECTED'
 GROUP BY 1, 2
 ORDER BY 3 DESC, 1
 LIMIT 50;
