-- Lanes with their owners, how their sessions at the exchange are, and what is open in each. $1 is not used: every lane is listed.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT l.lane,
           CASE WHEN l.owner IS NULL THEN 'FREE'
                WHEN h.beat_at IS NULL OR h.beat_at < clock_timestamp() - interval '5 s' THEN 'ORPHANED'
                ELSE l.session END AS state,
           l.owner, l.epoch, l.in_seq, l.in_seq + 1 AS next_in, l.out_seq,
           trim_scale(round(extract(epoch FROM clock_timestamp() - h.beat_at), 1)) AS beat_age_s,
           (SELECT count(*) FROM oxe.open_orders w WHERE w.lane = l.lane) AS open_orders,
           (SELECT count(*) FROM oxe.commands c WHERE c.lane = l.lane) AS commands,
           to_char(l.session_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS session_at, l.why,
           l.logout_text, l.in_expected, l.in_received, l.out_next, l.out_expected,
           (SELECT count(*) FROM oxe.lane_resyncs r WHERE r.lane = l.lane AND r.done_at IS NULL) AS resyncs,
           to_char(l.renumbered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS renumbered_at
      FROM oxe.lanes l LEFT JOIN oxe.heartbeats h ON h.process = 'executor-' || l.owner
     WHERE $1::int IS NOT NULL ORDER BY l.lane
) AS t
