SELECT count(*) FROM oxe.heartbeats WHERE service = 'executor' AND beat_at > clock_timestamp() - interval '5 seconds'
