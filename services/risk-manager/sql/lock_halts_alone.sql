-- Waits for the admissions under way and holds up further ones until COMMIT: an order is decided before the halt or under it. The
-- key is that of lock_traders.sql.
SELECT pg_advisory_xact_lock(1751215220)
