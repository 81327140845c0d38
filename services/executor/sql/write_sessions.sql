-- How the lanes' sessions at the exchange are, for people. A number of 0 is none. session_at says since when they stand, or do not: one that
-- is down does not begin anew when the exchange, or the network, says it in other words.
UPDATE oxe.lanes l
SET session_at = CASE WHEN (l.session = 'READY') = (u.session = 'READY') THEN l.session_at ELSE now() END,
    session = u.session, why = nullif(u.why, ''), logout_text = nullif(u.logout_text, ''),
    in_expected = nullif(u.in_expected, 0), in_received = nullif(u.in_received, 0),
    out_next = nullif(u.out_next, 0), out_expected = nullif(u.out_expected, 0)
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[])
    AS u (lane, epoch, in_expected, in_received, out_next, out_expected, session, why, logout_text)
WHERE l.lane = u.lane AND l.epoch = u.epoch
