SELECT
\i order_columns.sql
FROM oxe.orders o
WHERE o.id = ANY ($1::uuid[])
ORDER BY o.id
FOR NO KEY UPDATE
