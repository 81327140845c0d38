-- $1 order ids, locked; $2 now.
UPDATE oxe.orders
   SET cancel_requested_at = oxe.ts($2::bigint), updated_at = oxe.ts($2::bigint)
 WHERE id = ANY ($1::uuid[])
