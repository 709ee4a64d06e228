"""Minutes and transcripts that come without a recording."""
