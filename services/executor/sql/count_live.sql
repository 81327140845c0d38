-- Executors that beat and are connected: one that was killed does not count on until its last beat is old.
SELECT count(*)
FROM oxe.heartbeats h
WHERE h.service = 'executor' AND h.beat_at > clock_timestamp() - interval '5 seconds'
  AND EXISTS (SELECT FROM pg_stat_get_activity(h.backend_pid))
