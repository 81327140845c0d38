-- What docs/data-model.md must say of each table, one fact a line, in its order: a test compares them.
\pset format unaligned
\pset tuples_only on
WITH tables AS (
    SELECT c.oid, c.relname AS name
      FROM pg_class c WHERE relnamespace = 'oxe'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
), facts AS (
    SELECT name, 0 AS part, 0 AS place, '' AS sort, '### ' || name AS line FROM tables
    UNION ALL
    SELECT name, 1, attnum, '', format('| `%s` | `%s` | %s | %s |', attname, format_type(atttypid, atttypmod),
           CASE WHEN attnotnull THEN 'no' ELSE 'yes' END,
           CASE WHEN attidentity <> '' THEN 'identity' WHEN adbin IS NULL THEN '' ELSE '`' || pg_get_expr(adbin, adrelid) || '`' END)
      FROM tables JOIN pg_attribute a ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
      LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
    UNION ALL
    SELECT name, 2, position(contype::text IN 'pufc'), pg_get_constraintdef(c.oid), format('- `%s`', pg_get_constraintdef(c.oid))
      FROM tables JOIN pg_constraint c ON conrelid = tables.oid AND contype IN ('p', 'u', 'f', 'c')
    UNION ALL
    SELECT name, 3, 0, indexrelid::regclass::text, format('- index `%s`', substring(pg_get_indexdef(indexrelid) FROM '\(.*'))
      FROM tables JOIN pg_index i ON indrelid = tables.oid
     WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
    UNION ALL
    SELECT name, 4, 0, tgname::text, format('- trigger `%s`: %s', tgname, replace(substring(pg_get_triggerdef(t.oid) FROM '((?:BEFORE|AFTER) .*) ON oxe\.'), ' OF ', ' of '))
      FROM tables JOIN pg_trigger t ON tgrelid = tables.oid AND NOT tgisinternal
    UNION ALL
    SELECT name, 5, 0, grantee, format('- `%s`: %s', grantee, string_agg(may, ', ' ORDER BY may))
      FROM (SELECT t.name, p.grantee::text,
                   p.privilege_type || CASE WHEN count(*) = (SELECT count(*) FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped)
                                            THEN '' ELSE ' (' || string_agg(p.column_name::text, ', ' ORDER BY p.column_name::text) || ')' END AS may
              FROM tables t JOIN information_schema.column_privileges p ON p.table_schema = 'oxe' AND p.table_name = t.name
             WHERE p.grantee ~ '^oxe_(validator|risk|executor|audit|trader|compliance|operations|backup)$'
             GROUP BY t.oid, t.name, p.grantee, p.privilege_type
            UNION ALL
            SELECT t.name, p.grantee::text, p.privilege_type::text
              FROM tables t JOIN information_schema.table_privileges p ON p.table_schema = 'oxe' AND p.table_name = t.name
             WHERE p.grantee ~ '^oxe_(validator|risk|executor|audit|trader|compliance|operations|backup)$' AND p.privilege_type = 'DELETE') AS rights
     GROUP BY name, grantee
    UNION ALL
    SELECT t.name, 6, 0, policyname::text, format('- policy `%s` (%s, %s): %s', policyname, lower(cmd), array_to_string(roles, ', '),
           concat_ws('; ', '`' || qual || '`', 'check `' || with_check || '`'))
      FROM tables t JOIN pg_policies ON schemaname = 'oxe' AND tablename = t.name
)
SELECT replace(replace(line, E'\n', ' '), '  ', ' ') FROM facts
 ORDER BY array_position(ARRAY['instruments', 'last_prices', 'day_prices', 'bars', 'bars_counted', 'traders', 'positions', 'orders', 'open_orders', 'open_legs', 'fills',
                               'order_transitions', 'outbox', 'lanes', 'heartbeats', 'halts', 'put_aside', 'commands', 'execution_logs',
                               'audit_state', 'audit_traders', 'audit_checkpoints', 'audit_published', 'audit_stamps', 'audit_tiles', 'audit_archives', 'audit_archived_leaves', 'limit_changes', 'flag_changes', 'backups'], name::text), part, place, sort, line;
