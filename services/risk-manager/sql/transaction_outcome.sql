-- $1 a transaction's number, $2 the server's history then. NULL: too long ago to know, or not this server's history any more. The message
-- puts something into the log, so that this statement too waits for the synchronous standby: what it calls committed is there as well.
SELECT status = 'committed', status = 'in progress', pg_logical_emit_message(true, 'oxe', '')
  FROM pg_control_checkpoint() AS c
 CROSS JOIN LATERAL (SELECT CASE WHEN $2::text = left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || ' ' || c.checkpoint_lsn
                                 THEN pg_xact_status($1::bigint::text::xid8) END AS status) AS s
