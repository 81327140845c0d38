-- What operations has set: the percentage in force (NULL: nobody has), and what tells that limits have changed. Two changes may be
-- committed in the other order than they were numbered, hence the count.
SELECT (SELECT percent FROM oxe.flag_changes ORDER BY id DESC LIMIT 1), coalesce(max(id), 0), count(*)
FROM (SELECT id FROM oxe.limit_changes ORDER BY id DESC LIMIT 100) AS latest
