"""Finding: passages in memory, scored by meaning and by words."""
