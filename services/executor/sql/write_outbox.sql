INSERT INTO oxe.outbox (batch) VALUES ($1::bytea)
