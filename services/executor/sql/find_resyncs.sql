-- Lanes of ours ($1) that operations want to begin anew, once each.
SELECT DISTINCT lane FROM oxe.lane_resyncs WHERE lane = ANY ($1::smallint[]) AND done_at IS NULL
