-- Deploy oxe:accounts to pg
-- requires: flag
-- Who opened an account, and with what, is kept as changes of its limits are: nothing before, all of it after. And operations open one
-- with these columns alone; the others are the services'.
BEGIN;

CREATE FUNCTION oxe.record_opening() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = oxe, pg_temp AS $$
BEGIN
    INSERT INTO limit_changes (trader_id, actor, role, before, after)
    SELECT NEW.id, coalesce(nullif(current_setting('oxe.actor', true), ''), session_user), session_user, '{}',
           jsonb_object_agg(key, value)
      FROM jsonb_each(to_jsonb(NEW))
     WHERE key = ANY (ARRAY['subject', 'currency', 'opening_cash', 'status', 'daily_loss', 'max_position_quantity', 'max_order_quantity',
                            'max_order_notional', 'max_open_orders', 'price_collar_pct', 'orders_per_minute', 'short_selling']);
    RETURN NULL;
END
$$;
CREATE TRIGGER account_opened AFTER INSERT ON oxe.traders FOR EACH ROW EXECUTE FUNCTION oxe.record_opening();

REVOKE INSERT ON oxe.traders FROM oxe_operations;
GRANT INSERT (id, subject, status, currency, cash, opening_cash, daily_loss, max_position_quantity, max_order_quantity, max_order_notional,
              max_open_orders, price_collar_pct, orders_per_minute, short_selling) ON oxe.traders TO oxe_operations;

COMMIT;
