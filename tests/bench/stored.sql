-- SPDX-License-Identifier: Apache-2.0
-- Orders of the past year with their fills, as many as :orders: copies of those FILLED last, with ids of their own, by time, so that they
-- are older than any real one. Without triggers and keys' checks, for it is what these would have let in.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET search_path = oxe;
CREATE TEMPORARY TABLE sample AS
SELECT row_number() OVER () - 1 AS n, o.* FROM (SELECT * FROM orders WHERE status = 'FILLED' ORDER BY id DESC LIMIT 1000) o;
CREATE TEMPORARY TABLE sample_fills AS SELECT s.n, f.* FROM sample s JOIN fills f ON f.order_id = s.id;
CREATE INDEX ON sample (n);
CREATE INDEX ON sample_fills (n);

-- As UUIDv7; kind 0: of an order, 1: of its fill.
CREATE FUNCTION pg_temp.stored_at(i bigint, wanted bigint) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT now() - interval '1 year' + i * (interval '364 days' / wanted) $$;
CREATE FUNCTION pg_temp.stored_id(i bigint, wanted bigint, kind int) RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT (left(first_id_at(pg_temp.stored_at(i, wanted))::text, 14) || '7' || kind || lpad(to_hex(i / 4294967296), 2, '0') || '80000000' || lpad(to_hex(i % 4294967296), 8, '0'))::uuid $$;

CREATE PROCEDURE pg_temp.copy_in(target text, source text, changed jsonb, wanted bigint) LANGUAGE plpgsql AS
$$
DECLARE
    columns text;
    selected text;
    samples bigint := (SELECT count(*) FROM sample);
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
           string_agg(coalesce(changed ->> attname::text, 's.' || quote_ident(attname)), ', ' ORDER BY attnum)
    INTO columns, selected
    FROM pg_attribute WHERE attrelid = ('oxe.' || target)::regclass AND attnum > 0 AND NOT attisdropped;
    FOR first_i IN 0 .. wanted - 1 BY 500000 LOOP
        EXECUTE format('INSERT INTO oxe.%I (%s) SELECT %s FROM generate_series($1, $2) i JOIN %I s ON s.n = i %% $3', target, columns, selected, source)
        USING first_i, least(first_i + 500000, wanted) - 1, samples, wanted;
        COMMIT;
    END LOOP;
END
$$;
CALL pg_temp.copy_in('orders', 'sample',
    '{"id": "pg_temp.stored_id(i, $4, 0)", "idempotent_key": "''stored-'' || i", "created_at": "pg_temp.stored_at(i, $4)", "updated_at": "pg_temp.stored_at(i, $4)"}', :orders);
CALL pg_temp.copy_in('fills', 'sample_fills',
    '{"id": "pg_temp.stored_id(i, $4, 1)", "order_id": "pg_temp.stored_id(i, $4, 0)", "timestamp": "pg_temp.stored_at(i, $4)", "recorded_at": "pg_temp.stored_at(i, $4)"}', :orders);
RESET session_replication_role;
VACUUM (ANALYZE) orders;
VACUUM (ANALYZE) fills;
