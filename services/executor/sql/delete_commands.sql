DELETE FROM oxe.commands WHERE id = ANY ($1::uuid[])
