INSERT INTO oxe.put_aside (service, kind, order_id, detail, venue_exec_id, quantity, price, cl_ord_id, exec_type, message)
SELECT 'executor', u.kind, u.order_id, u.detail, u.venue_exec_id, u.quantity, u.price, u.cl_ord_id, u.exec_type, u.message
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::text[], $8::text[], $9::bytea[])
    AS u (kind, order_id, detail, venue_exec_id, quantity, price, cl_ord_id, exec_type, message)
