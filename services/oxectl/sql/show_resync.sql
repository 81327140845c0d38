-- Who has carried out $1, whether the lane's session has stood since, and why not. One row.
SELECT r.done_by, l.session = 'READY' AND l.session_at > r.done_at, coalesce(l.why, 'not logged on yet')
  FROM oxe.lane_resyncs r JOIN oxe.lanes l USING (lane)
 WHERE r.id = $1::bigint
