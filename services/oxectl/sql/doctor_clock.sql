SELECT oxe.us(clock_timestamp())
