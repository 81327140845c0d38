-- Deploy oxe:search to pg
-- requires: accounts
-- Finding a place in the audit log without a further index on it, which each entry would have to pay for: log_seq and trader_seq have
-- no gaps, and recorded_at never decreases along them, so a place is found by bisection, one look at an index per step.
BEGIN;

-- The last log_seq that was recorded before `at`; 0: none. What is not there (any more) was before.
CREATE FUNCTION oxe.log_seq_before(at timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT SET search_path = oxe, pg_temp AS $$
DECLARE
    below bigint := 0;
    above bigint := coalesce((SELECT max(log_seq) FROM execution_logs), 0) + 1;
    middle bigint;
BEGIN
    WHILE above - below > 1 LOOP
        middle := (below + above) / 2;
        IF (SELECT recorded_at >= at FROM execution_logs WHERE log_seq = middle) THEN
            above := middle;
        ELSE
            below := middle;
        END IF;
    END LOOP;
    RETURN below;
END
$$;

-- The last trader_seq of a trader at or before a log_seq; 0: none.
CREATE FUNCTION oxe.trader_seq_at(trader uuid, seq bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT SET search_path = oxe, pg_temp AS $$
DECLARE
    below bigint := 0;
    above bigint := coalesce((SELECT max(trader_seq) FROM execution_logs WHERE trader_id = trader), 0) + 1;
    middle bigint;
BEGIN
    WHILE above - below > 1 LOOP
        middle := (below + above) / 2;
        IF (SELECT log_seq > seq FROM execution_logs WHERE trader_id = trader AND trader_seq = middle) THEN
            above := middle;
        ELSE
            below := middle;
        END IF;
    END LOOP;
    RETURN below;
END
$$;

REVOKE EXECUTE ON FUNCTION oxe.log_seq_before(timestamptz), oxe.trader_seq_at(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION oxe.log_seq_before(timestamptz), oxe.trader_seq_at(uuid, bigint) TO oxe_compliance;

-- The actions of an order that goes well are everywhere in the log; the others have to be looked for.
CREATE INDEX execution_logs_action ON oxe.execution_logs (action, log_seq)
    WHERE action NOT IN ('SUBMITTED', 'APPROVED', 'EXECUTED', 'FILLED');

COMMIT;
