-- A new owner: a new epoch, and a block of $3 outgoing numbers that nobody has used.
UPDATE oxe.lanes SET epoch = epoch + 1, out_seq = out_seq + $3, owner = $2, session = 'DOWN', why = NULL, session_at = now(), updated_at = now(),
    logout_text = NULL, in_expected = NULL, in_received = NULL, out_next = NULL, out_expected = NULL
WHERE lane = $1
RETURNING epoch, in_seq, out_seq
