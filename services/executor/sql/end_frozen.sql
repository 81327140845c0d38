-- Ends the sessions that hold lanes ($1 LANE_LOCK_CLASS) and whose process gives no sign of life.
SELECT pid, pg_terminate_backend(pid)
FROM (SELECT DISTINCT l.pid
      FROM pg_locks l
      WHERE l.locktype = 'advisory' AND l.classid = $1::oid AND l.objsubid = 2 AND l.granted AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND NOT EXISTS (SELECT FROM oxe.heartbeats h
                        WHERE h.service = 'executor' AND h.backend_pid = l.pid
                          AND h.beat_at > clock_timestamp() - interval '5 seconds')) AS frozen
