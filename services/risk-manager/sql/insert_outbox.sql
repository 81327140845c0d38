-- $1 proto message EVENT_BATCH. The id is drawn here, under the row locks.
INSERT INTO oxe.outbox (batch) VALUES ($1::bytea)
