"""Minutes and transcripts that come without sound."""
