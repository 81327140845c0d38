-- The oldest outbox rows, at most $1 of them and, after the first, only while those before sum up to less than $2 bytes. A row has a
-- batch of events, or an operation, whose columns follow; a quantity that no decimal holds stands in its message alone.
WITH taken AS MATERIALIZED (
    SELECT id
      FROM (SELECT id, coalesce(sum(bytes) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
              FROM (SELECT id, coalesce(length(batch), 1000) AS bytes FROM oxe.outbox ORDER BY id LIMIT $1::int8) AS first) AS sized
     WHERE bytes_before < $2::int8
)
DELETE FROM oxe.outbox USING taken WHERE outbox.id = taken.id
RETURNING outbox.id, outbox.batch, oxe.us(clock_timestamp()) - oxe.us(outbox.created_at), outbox.operation::text,
          (operation).event_id, (operation).action, (operation).trader_id, (operation).symbol,
          CASE WHEN abs((operation).quantity) < 92233720368 THEN (operation).quantity END AS quantity, (operation).reason,
          (operation).message, (operation).actor, oxe.us((operation).occurred_at) AS occurred_at
