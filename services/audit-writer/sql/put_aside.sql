INSERT INTO oxe.put_aside (service, kind, detail) SELECT 'audit-writer', 'BAD_EVENT_BATCH', detail FROM unnest($1::text[]) AS detail
