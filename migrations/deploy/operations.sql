-- Deploy oxe:operations to pg
-- requires: legs
-- What operations change is in the audit log too: accounts, limits, the feature flag, instruments, and halts that no service set. A trigger
-- leaves it in the outbox, in the transaction that makes the change, so that a change by psql is in the log as one by oxectl is. And
-- grants that no statement of any service needs are gone.
BEGIN;

ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'ACCOUNT_OPENED';
ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'ACCOUNT_CHANGED';
ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'LIMITS_CHANGED';
ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'FLAG_CHANGED';
ALTER TYPE oxe.audit_action ADD VALUE IF NOT EXISTS 'INSTRUMENT_CHANGED';

-- The event that audit-writer makes of such a row of the outbox; texts fit the message's bounds (proto/order.h).
CREATE TYPE oxe.operation AS (
    event_id    uuid,
    action      oxe.audit_action,
    trader_id   uuid,
    symbol      text,
    quantity    numeric(20, 8),
    reason      text,
    message     text,
    actor       text,
    occurred_at timestamptz
);
-- Beside the batches, so that one sequence of ids orders both.
ALTER TABLE oxe.outbox
    ALTER COLUMN batch DROP NOT NULL,
    ADD COLUMN operation oxe.operation,
    ADD CONSTRAINT outbox_batch_or_operation CHECK (num_nonnulls(batch, operation) = 1);

-- A value as people read it.
CREATE FUNCTION oxe.plain(value jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(value) WHEN 'number' THEN trim_scale(value::numeric)::text
                                    WHEN 'null' THEN 'none'
                                    ELSE coalesce(value #>> '{}', 'none') END;

-- What differs between two states of a row, as 'column: before → after', by name; a row that begins or ends has all its columns. Of these
-- columns, or when `others` of all but these.
CREATE FUNCTION oxe.differences(before jsonb, after jsonb, columns text[], others boolean DEFAULT false) RETURNS text[]
    LANGUAGE sql STABLE
    RETURN (SELECT array_agg(key || ': ' || CASE WHEN before IS NULL THEN '' ELSE oxe.plain(before -> key) || ' → ' END
                             || oxe.plain(after -> key) ORDER BY key)
              FROM jsonb_object_keys(coalesce(after, before)) AS key
             WHERE (key = ANY (columns)) <> others AND (before -> key) IS DISTINCT FROM (after -> key));

-- The most of a text that has at most so many bytes.
CREATE FUNCTION oxe.cut(whole text, bytes integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    part text := left(whole, bytes);
BEGIN
    WHILE octet_length(part) > bytes LOOP
        part := left(part, -1);
    END LOOP;
    RETURN part;
END
$$;

-- UUIDv7, as the services draw theirs: milliseconds, then chance.
CREATE FUNCTION oxe.event_id(at timestamptz) RETURNS uuid
    LANGUAGE sql VOLATILE
    RETURN (SELECT encode(set_byte(bytes, 6, get_byte(bytes, 6) % 16 + 112), 'hex')::uuid
              FROM overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(oxe.us(at) / 1000) FROM 3) FROM 1 FOR 6) AS bytes);

-- Leaves in the outbox what happened, as which role PostgreSQL let the client in, and why, if the client says so (oxe.reason). The actor is who
-- the client says (oxe.actor), or the role. What one message cannot hold goes on in the next row; nothing is lost. Without changes there is no row.
CREATE FUNCTION oxe.tell_operation(action oxe.audit_action, trader_id uuid, symbol text, quantity numeric, reason text, changes text[])
    RETURNS void LANGUAGE plpgsql SET search_path = oxe, pg_temp AS $$
DECLARE
    message_max CONSTANT integer := 512; -- EVENT_MESSAGE_MAX without its NUL
    actor_max CONSTANT integer := 128;   -- ACTOR_MAX likewise
    at CONSTANT timestamptz := clock_timestamp();
    actor CONSTANT text := cut(coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), actor_max);
    why CONSTANT text := 'reason: ' || nullif(current_setting('oxe.reason', true), '');
    messages text[] := '{}';
    message text := '';
    piece text;
BEGIN
    IF coalesce(cardinality(changes), 0) = 0 THEN
        RETURN;
    END IF;
    FOREACH piece IN ARRAY array_remove(changes || ('role: ' || session_user) || why, NULL) LOOP
        IF message <> '' AND octet_length(message || ', ' || piece) > message_max THEN
            messages := messages || message;
            message := '';
        END IF;
        message := concat_ws(', ', nullif(message, ''), piece);
        WHILE octet_length(message) > message_max LOOP
            messages := messages || cut(message, message_max);
            message := substr(message, length(cut(message, message_max)) + 1);
        END LOOP;
    END LOOP;
    INSERT INTO outbox (operation)
    SELECT (event_id(at), action, trader_id, symbol, quantity, reason, told, actor, at)::operation
      FROM unnest(messages || message) WITH ORDINALITY AS parts (told, place) ORDER BY place;
END
$$;
REVOKE EXECUTE ON FUNCTION oxe.tell_operation(oxe.audit_action, uuid, text, numeric, text, text[]) FROM PUBLIC;

-- The triggers run as the owner, so that nobody needs a right to write an operation. What services do they tell themselves (FILLED, HALTED …).
CREATE FUNCTION oxe.tell_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
DECLARE
    before CONSTANT jsonb := to_jsonb(OLD);
    after CONSTANT jsonb := to_jsonb(NEW);
    trader CONSTANT uuid := coalesce(after, before) ->> 'id';
    account CONSTANT text[] := '{subject, status, currency, cash, opening_cash, reserved, open_orders}'; -- the other columns are limits
    silent CONSTANT text[] := '{id, trading_day, day_start_equity, created_at}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM tell_operation('ACCOUNT_OPENED', trader, NULL, NULL, NULL,
                               differences(NULL, after, silent || '{cash, reserved, open_orders}', true));
    ELSE
        PERFORM tell_operation('ACCOUNT_CHANGED', trader, NULL, NULL, NULL, differences(before, after, account));
        PERFORM tell_operation('LIMITS_CHANGED', trader, NULL, NULL, NULL, differences(before, after, account || silent, true));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_account AFTER INSERT OR UPDATE OR DELETE ON oxe.traders FOR EACH ROW
    WHEN (current_user NOT IN ('oxe_risk', 'oxe_executor')) EXECUTE FUNCTION oxe.tell_account();

CREATE FUNCTION oxe.tell_position() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
DECLARE
    before CONSTANT jsonb := to_jsonb(OLD);
    after CONSTANT jsonb := to_jsonb(NEW);
    whose CONSTANT jsonb := coalesce(after, before);
BEGIN
    PERFORM tell_operation('ACCOUNT_CHANGED', (whose ->> 'trader_id')::uuid, whose ->> 'symbol', coalesce((after ->> 'quantity')::numeric, 0),
                           'POSITION', CASE TG_OP WHEN 'UPDATE' THEN differences(before, after, '{updated_at, realized_pnl, realized_day}', true)
                                                   ELSE differences(before, after, '{quantity, opening_quantity, cost}') END);
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_position AFTER INSERT OR UPDATE OR DELETE ON oxe.positions FOR EACH ROW
    WHEN (current_user NOT IN ('oxe_risk', 'oxe_executor')) EXECUTE FUNCTION oxe.tell_position();

CREATE FUNCTION oxe.tell_instrument() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    PERFORM tell_operation('INSTRUMENT_CHANGED', NULL, coalesce(NEW.symbol, OLD.symbol), NULL, NULL,
                           differences(to_jsonb(OLD), to_jsonb(NEW), '{symbol, updated_at}', true));
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_instrument AFTER INSERT OR UPDATE OR DELETE ON oxe.instruments FOR EACH ROW EXECUTE FUNCTION oxe.tell_instrument();

CREATE FUNCTION oxe.tell_halt() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM tell_operation('RESUMED', OLD.trader_id, OLD.symbol, NULL, OLD.scope::text, ARRAY[OLD.reason]);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM tell_operation('HALTED', NEW.trader_id, NEW.symbol, NULL, NEW.scope::text, ARRAY[NEW.reason]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_halt AFTER INSERT OR UPDATE OF scope, trader_id, symbol, reason OR DELETE ON oxe.halts FOR EACH ROW
    WHEN (current_user NOT IN ('oxe_risk', 'oxe_executor')) EXECUTE FUNCTION oxe.tell_halt();

CREATE FUNCTION oxe.tell_flag() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
DECLARE
    before CONSTANT jsonb := CASE TG_OP WHEN 'INSERT' THEN jsonb_build_object('ORDER_EXECUTION_V2_ENABLED', (
                                            SELECT percent || ' %' FROM flag_changes WHERE id < NEW.id ORDER BY id DESC LIMIT 1))
                             ELSE to_jsonb(OLD) END;
    after CONSTANT jsonb := CASE TG_OP WHEN 'INSERT' THEN jsonb_build_object('ORDER_EXECUTION_V2_ENABLED', NEW.percent || ' %')
                            ELSE to_jsonb(NEW) END;
BEGIN
    PERFORM tell_operation('FLAG_CHANGED', NULL, NULL, NULL, NULL, differences(before, after, '{}', true));
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_flag AFTER INSERT OR UPDATE OR DELETE ON oxe.flag_changes FOR EACH ROW EXECUTE FUNCTION oxe.tell_flag();

-- What no statement needs. Positions are opened by the owner alone.
REVOKE SELECT ON oxe.last_prices, oxe.day_prices FROM oxe_validator;
REVOKE SELECT ON oxe.lanes, oxe.order_transitions, oxe.outbox FROM oxe_risk;
GRANT SELECT (id, created_at) ON oxe.outbox TO oxe_risk;
REVOKE INSERT ON oxe.orders, oxe.outbox FROM oxe_risk, oxe_executor;
GRANT INSERT (batch) ON oxe.outbox TO oxe_risk, oxe_executor;
GRANT INSERT (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, stop_loss, take_profit, status, execution_state, lane,
              reserve_price, reserve_quantity, reserved, reason, idempotent_key, fingerprint, rejection, actor, trace_id, expires_at,
              created_at, updated_at) ON oxe.orders TO oxe_risk;
GRANT INSERT (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, status, execution_state, lane, idempotent_key,
              fingerprint, parent_order_id, sibling_order_id, protects_quantity, actor, trace_id, created_at, updated_at)
    ON oxe.orders TO oxe_executor;
REVOKE INSERT ON oxe.fills, oxe.halts, oxe.lanes, oxe.put_aside FROM oxe_executor;
REVOKE UPDATE ON oxe.lanes, oxe.heartbeats, oxe.last_prices FROM oxe_executor;
GRANT INSERT (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, venue, venue_exec_id, flag, "timestamp")
    ON oxe.fills TO oxe_executor;
GRANT INSERT (id, scope, symbol, reason, created_by, created_at) ON oxe.halts TO oxe_executor;
GRANT INSERT (lane), UPDATE (epoch, in_seq, out_seq, owner, updated_at, session, why, session_at, renumbered_at) ON oxe.lanes TO oxe_executor;
GRANT INSERT (service, kind, order_id, detail) ON oxe.put_aside TO oxe_executor;
GRANT UPDATE (backend_pid, beat_at) ON oxe.heartbeats TO oxe_executor;
GRANT UPDATE (price, updated_at) ON oxe.last_prices TO oxe_executor;
REVOKE SELECT ON oxe.execution_logs FROM oxe_audit;
REVOKE SELECT, INSERT ON oxe.audit_heads FROM oxe_audit;
REVOKE UPDATE ON oxe.audit_state, oxe.audit_traders, oxe.heartbeats FROM oxe_audit;
REVOKE INSERT ON oxe.put_aside FROM oxe_audit;
GRANT UPDATE (next_log_seq, epoch, frontier, last_recorded_at) ON oxe.audit_state TO oxe_audit;
GRANT UPDATE (last_seq) ON oxe.audit_traders TO oxe_audit;
GRANT UPDATE (backend_pid, beat_at) ON oxe.heartbeats TO oxe_audit;
GRANT INSERT (service, kind, detail) ON oxe.put_aside TO oxe_audit;
REVOKE SELECT ON oxe.instruments, oxe.last_prices, oxe.day_prices, oxe.traders, oxe.positions, oxe.fills, oxe.audit_heads, oxe.audit_state,
                 oxe.limit_changes, oxe.flag_changes FROM oxe_compliance;
REVOKE SELECT ON oxe.instruments, oxe.last_prices, oxe.day_prices, oxe.positions, oxe.fills, oxe.halts FROM oxe_operations;
REVOKE INSERT ON oxe.positions, oxe.traders FROM oxe_operations;
GRANT INSERT (id, subject, currency, cash, opening_cash) ON oxe.traders TO oxe_operations;

DROP POLICY open_account ON oxe.positions;
DROP POLICY watch ON oxe.positions;
DROP POLICY watch ON oxe.fills;
DROP POLICY read_all ON oxe.traders;
DROP POLICY read_all ON oxe.positions;
DROP POLICY read_all ON oxe.fills;
DROP POLICY service ON oxe.execution_logs;
CREATE POLICY service ON oxe.execution_logs FOR INSERT TO oxe_audit WITH CHECK (true);

COMMIT;
