-- $1 proto message EVENT_BATCH. The id is drawn here, after what it tells of was locked or made.
INSERT INTO oxe.outbox (batch) VALUES ($1::bytea)
