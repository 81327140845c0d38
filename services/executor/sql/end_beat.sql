-- A process that has stopped on purpose counts as gone at once.
UPDATE oxe.heartbeats SET beat_at = 'epoch' WHERE process = $1 AND backend_pid = pg_backend_pid()
