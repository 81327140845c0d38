-- How long the oldest event waits for audit-writer (µs), and at most how many rows wait.
SELECT coalesce(oxe.us(clock_timestamp()) - oxe.us(oldest.created_at), 0),
       coalesce(pg_sequence_last_value('oxe.outbox_id') - oldest.id + 1, 0)
  FROM (SELECT 1) AS one
  LEFT JOIN (SELECT id, created_at FROM oxe.outbox ORDER BY id LIMIT 1) AS oldest ON true
