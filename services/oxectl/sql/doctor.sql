-- What an operator is to know, as one JSON object; ages in milliseconds. Cheap, however many orders there are. 5199948 is the class of
-- the lanes' locks, "OXL" in ASCII, as in the executors. $1 is not used.
SELECT json_build_object(
    'lanes', (SELECT coalesce(json_agg(t ORDER BY t.lane), '[]') FROM (
        SELECT l.lane, l.owner, k.pid AS holder, l.session, l.why, l.in_expected, l.in_received, l.out_next, l.out_expected,
               (oxe.us(clock_timestamp()) - oxe.us(h.beat_at)) / 1000 AS beat_age,
               (oxe.us(clock_timestamp()) - oxe.us(l.session_at)) / 1000 AS session_age
          FROM oxe.lanes l
          LEFT JOIN oxe.heartbeats h ON h.process = 'executor-' || l.owner
          LEFT JOIN pg_locks k ON k.locktype = 'advisory' AND k.classid = 5199948 AND k.objid = l.lane::oid AND k.objsubid = 2 AND k.granted
                              AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS t),
    'executors', (SELECT count(*) FROM oxe.heartbeats WHERE service = 'executor' AND beat_at > clock_timestamp() - interval '5 s'),
    'halts', (SELECT coalesce(json_agg(t ORDER BY t.since), '[]') FROM (
        SELECT h.id, h.scope, coalesce(h.symbol, t.subject, h.trader_id::text) AS whom, h.reason, h.created_by AS by,
               to_char(h.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
          FROM oxe.halts h LEFT JOIN oxe.traders t ON t.id = h.trader_id
         ORDER BY h.created_at LIMIT 20) AS t),
    'flag', (SELECT json_build_object('percent', percent, 'by', actor,
                                      'since', to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
               FROM oxe.flag_changes ORDER BY id DESC LIMIT 1),
    'outbox', (SELECT json_build_object('age', (oxe.us(clock_timestamp()) - oxe.us(o.created_at)) / 1000,
                                        'rows', (SELECT max(id) FROM oxe.outbox) - o.id + 1)
                 FROM (SELECT id, created_at FROM oxe.outbox ORDER BY id LIMIT 1) AS o),
    'log', (SELECT json_build_object('entries', s.next_log_seq - 1, 'entry_age', (oxe.us(clock_timestamp()) - oxe.us(s.last_recorded_at)) / 1000,
                                     'sealed', (SELECT coalesce(max(tree_size), 0) FROM oxe.audit_checkpoints),
                                     'unpublished_age', (SELECT (oxe.us(clock_timestamp()) - oxe.us(min(c.signed_at))) / 1000
                                                           FROM oxe.audit_checkpoints c
                                                          WHERE c.tree_size > (SELECT coalesce(max(tree_size), -1) FROM oxe.audit_published)))
              FROM oxe.audit_state s),
    'backup_age', (SELECT (oxe.us(clock_timestamp()) - oxe.us(max(finished_at))) / 1000 FROM oxe.backups),
    'log_age', (SELECT (oxe.us(clock_timestamp()) - oxe.us(signed_at)) / 1000 FROM oxe.audit_checkpoints ORDER BY tree_size LIMIT 1),
    'aside', (SELECT json_build_object('day', count(*), 'hour', count(*) FILTER (WHERE created_at > clock_timestamp() - interval '1 hour'),
                                       'kinds', string_agg(DISTINCT kind, ', '))
                FROM (SELECT kind, created_at FROM oxe.put_aside ORDER BY id DESC LIMIT 1000) AS p
               WHERE created_at > clock_timestamp() - interval '24 hours'))
 WHERE $1::int IS NOT NULL
