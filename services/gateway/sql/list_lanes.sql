-- Lanes with their owners, how their sessions at the exchange are, and what is open in each.
SELECT l.lane,
       CASE WHEN l.owner IS NULL THEN 'FREE'
            WHEN h.beat_at IS NULL OR h.beat_at < clock_timestamp() - interval '5 s' THEN 'ORPHANED'
            ELSE l.session END AS state,
       l.owner, l.epoch, l.in_seq, l.out_seq, oxe.us(h.beat_at) AS beat_at,
       (SELECT count(*) FROM oxe.open_orders w WHERE w.lane = l.lane) AS open_orders,
       (SELECT count(*) FROM oxe.commands c WHERE c.lane = l.lane) AS commands,
       oxe.us(l.session_at) AS session_at, l.why, oxe.us(l.renumbered_at) AS renumbered_at, l.logout_text, l.in_expected, l.in_received, l.out_next, l.out_expected
FROM oxe.lanes l LEFT JOIN oxe.heartbeats h ON h.process = 'executor-' || l.owner
ORDER BY l.lane
