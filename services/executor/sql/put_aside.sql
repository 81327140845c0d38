INSERT INTO oxe.put_aside (service, kind, order_id, detail)
SELECT 'executor', u.kind, u.order_id, u.detail
FROM unnest($1::text[], $2::uuid[], $3::text[]) AS u (kind, order_id, detail)
