UPDATE oxe.halts SET cancels_open = false WHERE id = $1::uuid
