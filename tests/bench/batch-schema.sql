-- SPDX-License-Identifier: Apache-2.0
-- The limit of PostgreSQL here: the very rows that orders left in this database, written again in batches. The tables are made as
-- OXE's are (columns, CHECKs, indexes; without foreign keys, triggers and policies), and so are the rows, with ids of their own.
-- psql variables: batch: orders in one.
SET search_path = batch, oxe;
CREATE TABLE orders (LIKE oxe.orders INCLUDING ALL) WITH (fillfactor = 60);
CREATE TABLE fills (LIKE oxe.fills INCLUDING ALL);
CREATE TABLE execution_logs (LIKE oxe.execution_logs INCLUDING ALL);
CREATE TABLE traders (LIKE oxe.traders INCLUDING ALL) WITH (fillfactor = 50);
CREATE TABLE positions (LIKE oxe.positions INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO traders SELECT * FROM oxe.traders;
INSERT INTO positions SELECT * FROM oxe.positions;
CREATE SEQUENCE log_seqs;

CREATE TABLE sample AS
SELECT row_number() OVER () AS n, o.*
FROM (SELECT * FROM oxe.orders WHERE status = 'FILLED' ORDER BY id DESC LIMIT :batch) o;
CREATE TABLE sample_logs AS SELECT s.n, l.* FROM sample s JOIN oxe.execution_logs l ON l.order_id = s.id;
CREATE TABLE sample_fills AS SELECT s.n, f.* FROM sample s JOIN oxe.fills f ON f.order_id = s.id;

-- As UUIDv7: by time, so that the indexes grow at their end.
CREATE FUNCTION id(batch bigint, n bigint, kind int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (lpad(to_hex(batch), 14, '0') || '7' || kind || lpad(to_hex(n), 4, '0') || lpad(to_hex(batch % 100000 * 7919 + n), 12, '0'))::uuid $$;

-- An INSERT of a sample's rows with some columns replaced: a function "name(batch bigint)".
CREATE FUNCTION make_writer(name text, target text, source text, changed jsonb, condition text) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    columns text;
    selected text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
           string_agg(coalesce(changed ->> attname::text, 's.' || quote_ident(attname)), ', ' ORDER BY attnum)
    INTO columns, selected
    FROM pg_attribute WHERE attrelid = ('batch.' || target)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE FUNCTION batch.%I(batch bigint) RETURNS void LANGUAGE sql AS $f$ INSERT INTO batch.%I (%s) SELECT %s FROM batch.%I s WHERE %s $f$',
                   name, target, columns, selected, source, condition);
END
$$;
SELECT make_writer('insert_orders', 'orders', 'sample',
    '{"id": "batch.id(batch, s.n, 1)", "idempotent_key": "batch || ''-'' || s.n", "status": "''PENDING''", "execution_state": "''ADMITTED''",
      "filled_quantity": "0", "filled_notional": "0", "average_price": "NULL", "venue_order_id": "NULL", "reserved": "s.reserve_price * s.quantity"}',
    'true');
SELECT make_writer('insert_' || name, 'execution_logs', 'sample_logs',
    '{"log_seq": "nextval(''batch.log_seqs'')", "event_id": "gen_random_uuid()", "order_id": "batch.id(batch, s.n, 1)", "recorded_at": "clock_timestamp()"}',
    's.action IN (' || actions || ')')
FROM (VALUES ('admitted', '''SUBMITTED'', ''APPROVED'''), ('sent', '''EXECUTED'''), ('filled', '''FILLED''')) AS logs (name, actions);
SELECT make_writer('insert_fills', 'fills', 'sample_fills', '{"id": "batch.id(batch, s.n, 2)", "order_id": "batch.id(batch, s.n, 1)"}', 'true');
ANALYZE batch.sample, batch.sample_logs, batch.sample_fills, batch.traders, batch.positions;
