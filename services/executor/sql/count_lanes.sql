SELECT count(*) FROM oxe.lanes
