-- Verify oxe:aside on pg
BEGIN;

SELECT venue_exec_id, quantity, price, cl_ord_id, exec_type, message FROM oxe.put_aside WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_executor', 'oxe.put_aside', 'message', 'INSERT'), 'executor cannot keep a message';
    ASSERT has_column_privilege('oxe_operations', 'oxe.put_aside', 'message', 'SELECT'), 'operations cannot see a message';
END
$$;

ROLLBACK;
