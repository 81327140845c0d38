-- $1 id, $2 subject, $3 cash, $4 currency; the limits are the defaults. No row: the subject has an account.
INSERT INTO oxe.traders (id, subject, cash, opening_cash, currency)
VALUES ($1::uuid, $2::text, $3::numeric, $3::numeric, $4::text)
ON CONFLICT (subject) DO NOTHING
RETURNING id
