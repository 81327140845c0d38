-- $1 trader ids.
SELECT trader_id, loss, margin, unpriced FROM oxe.account_risk($1::uuid[])
