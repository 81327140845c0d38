-- Verify oxe:margin on pg
BEGIN;

SELECT short_margin_pct FROM oxe.traders WHERE false;
SELECT reducing_buy, reducing_sell FROM oxe.positions WHERE false;
SELECT trader_id, loss, margin, unpriced FROM oxe.account_risk('{}');

DO $$
BEGIN
    ASSERT oxe.margin(-10, 4, 0, 100, 150) = 1500, 'a short is not held at its margin';
    ASSERT oxe.margin(6, 10, 10, 100, 150) = 1700, 'what reduces no longer is not in the margin';
    ASSERT has_column_privilege('oxe_operations', 'oxe.traders', 'short_margin_pct', 'UPDATE'), 'operations cannot change the margin';
END
$$;

ROLLBACK;
