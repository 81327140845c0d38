-- Who sets or lifts a halt, or changes an account's status, takes the same lock alone: an order goes out before it, or under it. As admission does
-- (the same number in risk-manager).
SELECT pg_advisory_xact_lock_shared(1751215220)
