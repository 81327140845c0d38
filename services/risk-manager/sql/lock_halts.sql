-- Who sets or lifts a halt takes the same lock exclusively, so an order is decided either before the halt or under it.
-- The key is 'halt' in ASCII.
SELECT pg_advisory_xact_lock_shared(1751215220)
