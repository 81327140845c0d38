-- $1 trader ids, $2 symbols
SELECT scope = 'ALL', trader_id, symbol, left(reason, 128)
  FROM oxe.halts
 WHERE scope = 'ALL' OR trader_id = ANY ($1::uuid[]) OR symbol = ANY ($2::text[])
