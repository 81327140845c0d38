BEGIN;
\ir support.psql
SELECT no_plan();

SELECT pg_temp.new_trader(1) \g /dev/null

-- Every pair that the table of an order's life allows or refuses, tried on an order. Pairs that a CHECK forbids by itself are refused
-- likewise, so all of them are tried.
CREATE FUNCTION pg_temp.try_all() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    number integer := 0;
    one record;
    allowed boolean;
    went text;
BEGIN
    FOR one IN
        WITH pairs AS (SELECT state, status FROM unnest(enum_range(NULL::oxe.execution_state)) AS state,
                                                 unnest(enum_range(NULL::oxe.order_status)) AS status)
        SELECT f.state AS from_state, f.status AS from_status, t.state AS to_state, t.status AS to_status
          FROM pairs f, pairs t
         WHERE (f.state = 'DONE') = (f.status IN ('FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED'))
    LOOP
        number := number + 1;
        PERFORM pg_temp.new_order(number, pg_temp.trader(1), one.from_state, one.from_status);
        allowed := (one.from_state, one.from_status) = (one.to_state, one.to_status)
                   OR EXISTS (SELECT FROM oxe.order_transitions t
                              WHERE (t.from_state, t.from_status, t.to_state, t.to_status)
                                    = (one.from_state, one.from_status, one.to_state, one.to_status));
        went := pg_temp.attempt('oxe_executor', format(
            'UPDATE oxe.orders SET execution_state = %L, status = %L WHERE idempotent_key = %L',
            one.to_state, one.to_status, 'key-' || number));
        RETURN NEXT is(went, CASE WHEN allowed THEN 'ok' ELSE '23514' END,
                       format('%s %s to %s %s is %s', one.from_state, one.from_status, one.to_state, one.to_status,
                              CASE WHEN allowed THEN 'allowed' ELSE 'refused' END));
    END LOOP;
END
$$;
SELECT * FROM pg_temp.try_all();

-- The claims that matter most, by name.
SELECT ok(NOT EXISTS (SELECT FROM oxe.order_transitions WHERE to_state = 'SENT' AND from_state NOT IN ('ADMITTED', 'IN_DOUBT')),
          'only what was never written, or is resolved by hand, is sent');
SELECT ok(NOT EXISTS (SELECT FROM oxe.order_transitions WHERE from_state = 'DONE' AND (to_state, to_status) <> ('DONE', 'FILLED')),
          'what is DONE can only turn out to be FILLED');
SELECT ok(NOT EXISTS (SELECT FROM oxe.order_transitions WHERE to_state = 'ADMITTED'), 'nothing comes back to ADMITTED');
SELECT ok(NOT EXISTS (SELECT FROM oxe.order_transitions WHERE from_state = 'ADMITTED' AND to_status IN ('FILLED', 'PARTIAL')),
          'what was never sent is never filled');

-- An order begins as admitted or as refused.
CREATE FUNCTION pg_temp.begin_all() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT state, status, (state, status) IN (('ADMITTED', 'PENDING'), ('DONE', 'REJECTED')) AS allowed
                 FROM unnest(enum_range(NULL::oxe.execution_state)) AS state, unnest(enum_range(NULL::oxe.order_status)) AS status
                WHERE (state = 'DONE') = (status IN ('FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED'))
    LOOP
        RETURN NEXT is(pg_temp.attempt('oxe_risk', format(
            $insert$ INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, status, execution_state,
                                             lane, idempotent_key, fingerprint, actor, created_at, updated_at)
                     VALUES (gen_random_uuid(), pg_temp.trader(1), 'AAPL', 'BUY', 1, 'MARKET', 'DAY', %L, %L, 0,
                             'begin-' || gen_random_uuid(), sha256('x'), 'a', now(), now()) $insert$, one.status, one.state)),
            CASE WHEN one.allowed THEN 'ok' ELSE '42501' END,
            format('risk-manager %s create an order as %s %s', CASE WHEN one.allowed THEN 'may' ELSE 'may not' END, one.state, one.status));
    END LOOP;
END
$$;
SELECT * FROM pg_temp.begin_all();

SELECT * FROM finish();
ROLLBACK;
