INSERT INTO oxe.audit_tiles (level, place, hash) SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[])
