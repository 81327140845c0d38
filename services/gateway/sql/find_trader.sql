SELECT id FROM oxe.traders WHERE subject = $1
