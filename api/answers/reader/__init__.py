"""Which runs of sentences answer: figures, weights learned on debates, a city's own model."""
