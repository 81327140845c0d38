-- The percentage in force. No row: nobody has set it.
SELECT percent FROM oxe.flag_changes ORDER BY id DESC LIMIT 1
