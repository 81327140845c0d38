-- How many lanes nobody looks after: without an owner, or with one that gives no sign of life.
SELECT count(*)
  FROM oxe.lanes l
 WHERE NOT EXISTS (SELECT FROM oxe.heartbeats h
                    WHERE h.process = 'executor-' || l.owner AND h.beat_at > clock_timestamp() - interval '5 seconds')
