-- $1 the percentage. What is in force already is no change.
INSERT INTO oxe.flag_changes (percent)
SELECT $1::smallint
 WHERE $1::smallint IS DISTINCT FROM (SELECT percent FROM oxe.flag_changes ORDER BY id DESC LIMIT 1)
