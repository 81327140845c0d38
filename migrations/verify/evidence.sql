-- Verify oxe:evidence on pg
BEGIN;

SELECT venue_known, recalls FROM oxe.orders WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_executor', 'oxe.orders', 'venue_known', 'UPDATE'), 'executor cannot keep what is proved';
    ASSERT has_column_privilege('oxe_executor', 'oxe.orders', 'recalls', 'UPDATE'), 'executor cannot cancel what is done';
    ASSERT NOT has_column_privilege('oxe_risk', 'oxe.orders', 'venue_known', 'UPDATE'), 'who admits orders may prove what it likes';
END
$$;

ROLLBACK;
