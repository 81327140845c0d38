-- The demo traders: alice and bob trade; carol (compliance) and olga (operations) need no account.
INSERT INTO oxe.traders (id, subject, cash, opening_cash)
SELECT gen_random_uuid(), subject, 1000000, 1000000 FROM unnest(ARRAY['alice', 'bob']) AS subject
ON CONFLICT (subject) DO NOTHING;
INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, cost)
SELECT id, 'MSFT', 500, 500, 200000 FROM oxe.traders WHERE subject IN ('alice', 'bob')
ON CONFLICT DO NOTHING;
