-- The last fill that list_fills.sql looks at, when there are as many.
SELECT id
FROM oxe.fills
WHERE trader_id = $1::uuid AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY id DESC
OFFSET $3::integer - 1 LIMIT 1
