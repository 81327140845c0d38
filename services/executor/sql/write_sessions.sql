-- How the lanes' sessions at the exchange are, for people.
UPDATE oxe.lanes l
SET session = u.session, why = nullif(u.why, ''), session_at = now()
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[]) AS u (lane, epoch, session, why)
WHERE l.lane = u.lane AND l.epoch = u.epoch
