-- Who sets a halt holds this lock alone; who admits orders holds it shared (the same number in risk-manager).
SELECT pg_advisory_xact_lock(1751215220)
