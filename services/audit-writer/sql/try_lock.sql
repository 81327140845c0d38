-- The lock of the one active audit-writer: held by the session, so it ends with the connection. 5199941 is "OXE", 1 is the log.
SELECT pg_try_advisory_lock(5199941, 1)
