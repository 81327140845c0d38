-- Lanes with their owners, and what is open in each. $1 is not used: every lane is listed.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT l.lane, l.owner, l.epoch, l.in_seq, l.out_seq,
           (SELECT round(extract(epoch FROM clock_timestamp() - h.beat_at), 1) FROM oxe.heartbeats h
             WHERE h.process = 'executor-' || l.owner) AS beat_age_s,
           (SELECT count(*) FROM oxe.open_orders w WHERE w.lane = l.lane) AS open_orders,
           (SELECT count(*) FROM oxe.commands c WHERE c.lane = l.lane) AS commands
      FROM oxe.lanes l WHERE $1::int IS NOT NULL ORDER BY l.lane
) AS t
