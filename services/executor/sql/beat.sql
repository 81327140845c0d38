INSERT INTO oxe.heartbeats (process, service, backend_pid, beat_at)
VALUES ($1, 'executor', pg_backend_pid(), clock_timestamp())
ON CONFLICT (process) DO UPDATE SET backend_pid = excluded.backend_pid, beat_at = excluded.beat_at
