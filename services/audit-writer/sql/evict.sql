-- Ends the session that holds the lock of the active audit-writer when its heartbeat is too old ($1 milliseconds): a frozen
-- process keeps its connection, and its lock with it.
SELECT l.pid, pg_terminate_backend(l.pid)
  FROM pg_locks l
  JOIN oxe.heartbeats h ON h.backend_pid = l.pid AND h.service = 'audit-writer'
 WHERE l.locktype = 'advisory' AND l.classid = 5199941 AND l.objid = 1 AND l.objsubid = 2 AND l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.pid <> pg_backend_pid()
   AND h.beat_at < clock_timestamp() - $1::int8 * interval '1 millisecond'
