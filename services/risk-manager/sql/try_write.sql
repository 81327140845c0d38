-- Takes room on the disk, in a table and in the log, and gives it back: whether writing works. Only run while it seems not to.
CREATE TEMPORARY TABLE try_write ON COMMIT DROP AS SELECT generate_series(1, 2000) AS n
