SELECT oxe.make_partitions()
