"""Publishing: transcripts become passages, vectors and votes in SQL."""
