-- Where a search of the log begins and ends, as log_seq and as the trader's own trader_seq: after log_seq $1, recorded from $2 to
-- $3, up to what is there now. Numbers, so that PostgreSQL knows how much lies between them when it plans the reading.
WITH log AS MATERIALIZED (
    SELECT greatest($1::bigint, oxe.log_seq_before(oxe.ts($2::bigint))) AS after,
           least(coalesce((SELECT max(log_seq) FROM oxe.execution_logs), 0), oxe.log_seq_before(oxe.ts($3::bigint))) AS upto
)
SELECT after, upto, oxe.trader_seq_at($4::uuid, after), oxe.trader_seq_at($4::uuid, upto) FROM log
