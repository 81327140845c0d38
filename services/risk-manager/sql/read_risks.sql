-- $1 trader ids, whose day has been rolled.
SELECT r.trader_id, r.loss, r.margin, r.unpriced, t.daily_notional
  FROM oxe.account_risk($1::uuid[]) AS r
  JOIN oxe.traders t ON t.id = r.trader_id
