-- What operations has set: the percentage in force (NULL: nobody has), what tells that limits have changed, and when the last backup was
-- made (seconds since 1970; 0: never). Two changes may be committed in the other order than they were numbered, hence the count.
SELECT (SELECT percent FROM oxe.flag_changes ORDER BY id DESC LIMIT 1), coalesce(max(id), 0), count(*),
       coalesce((SELECT extract(epoch FROM max(finished_at))::int8 FROM oxe.backups), 0)
FROM (SELECT id FROM oxe.limit_changes ORDER BY id DESC LIMIT 100) AS latest
