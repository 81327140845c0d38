-- What the database says of itself before the day: (check, status, detail, remedy). $1: the log is to have partitions for so many days
-- ahead; $2: so many bytes of WAL may be kept for others.
WITH bounds AS (
    SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']*)''\) TO \(''([^'']*)''\)') AS bound
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'oxe.execution_logs'::regclass
), islands AS ( -- partitions without a gap between them, as one
    SELECT range_agg(tstzrange(bound[1]::timestamptz, bound[2]::timestamptz)) AS ranges FROM bounds
), ahead AS (
    SELECT (SELECT upper(r) FROM unnest(ranges) AS r WHERE r @> clock_timestamp()) AS until FROM islands
), unsafe AS (
    SELECT string_agg(name || ' = ' || setting, ', ' ORDER BY name) AS settings FROM pg_settings
     WHERE (name, setting) IN (('fsync', 'off'), ('full_page_writes', 'off'), ('synchronous_commit', 'off'), ('synchronous_commit', 'local'))
), slots AS (
    SELECT string_agg(format('%s keeps %s', slot_name, pg_size_pretty(kept)), ', ' ORDER BY slot_name) AS kept
      FROM (SELECT slot_name, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn) AS kept
              FROM pg_replication_slots) s
     WHERE kept > $2::bigint
), archiver AS (
    SELECT last_failed_wal, last_failed_time FROM pg_stat_archiver
     WHERE current_setting('archive_mode') <> 'off' AND last_failed_time > coalesce(last_archived_time, '-infinity')
), oldest AS (
    SELECT age(datfrozenxid) AS age FROM pg_database WHERE datname = current_database()
)
SELECT 'database', CASE WHEN current_setting('server_version_num')::int < 150000 THEN 'failed' ELSE 'ok' END,
       format('PostgreSQL %s, %s', current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))),
       'OXE needs PostgreSQL 15 or later'
UNION ALL
SELECT 'database is the primary', CASE WHEN pg_is_in_recovery() THEN 'failed' ELSE 'ok' END,
       CASE WHEN pg_is_in_recovery() THEN 'it is a standby, and takes no order' ELSE 'it takes writes' END,
       'point OXE_DATABASE to the primary'
UNION ALL
SELECT 'durability', CASE WHEN settings IS NULL THEN 'ok' ELSE 'failed' END, coalesce(settings, 'a commit is on the disk before it is answered'),
       'turn them on: what is answered with 201 must not be lost with the machine'
  FROM unsafe
UNION ALL
SELECT 'partitions', CASE WHEN until IS NULL OR until < clock_timestamp() + interval '2 days' THEN 'failed'
                          WHEN until < clock_timestamp() + make_interval(days => $1::int) THEN 'warning' ELSE 'ok' END,
       CASE WHEN until IS NULL THEN 'the log has no partition for now' ELSE format('the log has partitions until %s', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD')) END,
       'SELECT oxe.make_partitions(); audit-writer does it when it becomes active and each hour: see why it has not'
  FROM ahead
UNION ALL
SELECT 'wal', CASE WHEN s.kept IS NULL AND a.last_failed_wal IS NULL THEN 'ok' ELSE 'warning' END,
       CASE WHEN s.kept IS NOT NULL THEN 'replication slot ' || s.kept
            WHEN a.last_failed_wal IS NOT NULL THEN format('archiving fails since %s, at %s', to_char(a.last_failed_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), a.last_failed_wal)
            ELSE 'nothing keeps old WAL' END,
       CASE WHEN s.kept IS NOT NULL THEN 'bring its standby back, or pg_drop_replication_slot' ELSE 'see the server''s log: WAL fills the disk until it is archived' END
  FROM slots s LEFT JOIN archiver a ON true
UNION ALL
SELECT 'transaction ids', CASE WHEN age > 1000000000 THEN 'failed' WHEN age > 400000000 THEN 'warning' ELSE 'ok' END,
       format('the oldest is %s behind', age), 'VACUUM (FREEZE); a transaction or slot that is left open keeps it back'
  FROM oldest
