-- What the lanes' messages did takes effect once: only for the owner of the epoch, only on top of what it knows.
-- $5: how many further outgoing numbers to reserve; $6: whether the exchange has begun its numbers anew, unasked.
UPDATE oxe.lanes l
SET in_seq = u.in_seq, out_seq = l.out_seq + u.out_more, updated_at = now(),
    renumbered_at = CASE WHEN u.renumbered THEN now() ELSE l.renumbered_at END
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[])
    AS u (lane, epoch, old, in_seq, out_more, renumbered)
WHERE l.lane = u.lane AND l.epoch = u.epoch AND l.in_seq = u.old
RETURNING l.lane
