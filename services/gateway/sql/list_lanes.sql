-- Lanes with their owners, how their sessions at the exchange are, and what is open in each.
SELECT l.lane,
       CASE WHEN l.owner IS NULL THEN 'FREE'
            WHEN h.beat_at IS NULL OR h.beat_at < clock_timestamp() - interval '5 s' THEN 'ORPHANED'
            ELSE l.session END,
       l.owner, l.epoch, l.in_seq, l.out_seq, oxe.us(h.beat_at),
       (SELECT count(*) FROM oxe.open_orders w WHERE w.lane = l.lane), (SELECT count(*) FROM oxe.commands c WHERE c.lane = l.lane),
       oxe.us(l.session_at), l.why, oxe.us(l.renumbered_at), l.logout_text, l.in_expected, l.in_received, l.out_next, l.out_expected
FROM oxe.lanes l LEFT JOIN oxe.heartbeats h ON h.process = 'executor-' || l.owner
ORDER BY l.lane
