-- Lane $1, ours in epoch $2, begins anew: none of the exchange's messages counts as received, and what was asked for is carried out, both or
-- neither. $3: who does it. Rows: what was asked; none: another owns the lane.
WITH before AS (
    SELECT lane, in_seq FROM oxe.lanes WHERE lane = $1 AND epoch = $2 FOR NO KEY UPDATE
), anew AS (
    UPDATE oxe.lanes l SET in_seq = 0, renumbered_at = now(), updated_at = now() FROM before WHERE l.lane = before.lane
)
UPDATE oxe.lane_resyncs r SET done_at = now(), done_by = $3, from_in_seq = before.in_seq
FROM before
WHERE r.lane = before.lane AND r.done_at IS NULL
RETURNING r.id, r.actor, r.reason, r.from_in_seq
