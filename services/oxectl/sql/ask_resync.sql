-- $1 the lane, $2 why. No row: there is no such lane.
INSERT INTO oxe.lane_resyncs (lane, reason)
SELECT lane, $2::text FROM oxe.lanes WHERE lane = $1::smallint
RETURNING id
