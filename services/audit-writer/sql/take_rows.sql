-- The oldest outbox rows, at most $1 of them and, after the first, only while those before sum up to less than $2 bytes. A row has a
-- batch of events, or an operation, whose columns follow; a quantity that no decimal holds stands in its message alone. Rows are deleted
-- where they lie (ctid): joined by id, a plan made while the outbox was empty compared each row that waits with each row taken.
WITH taken AS MATERIALIZED (
    SELECT at
      FROM (SELECT at, coalesce(sum(bytes) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
              FROM (SELECT ctid AS at, id, coalesce(length(batch), 1000) AS bytes FROM oxe.outbox ORDER BY id LIMIT $1::int8) AS first) AS sized
     WHERE bytes_before < $2::int8
)
DELETE FROM oxe.outbox WHERE ctid = ANY (ARRAY(SELECT at FROM taken))
RETURNING outbox.id, outbox.batch, oxe.us(clock_timestamp()) - oxe.us(outbox.created_at), outbox.operation::text,
          (operation).event_id, (operation).action, (operation).trader_id, (operation).symbol,
          CASE WHEN abs((operation).quantity) < 92233720368 THEN (operation).quantity END AS quantity, (operation).reason,
          (operation).message, (operation).actor, oxe.us((operation).occurred_at) AS occurred_at
