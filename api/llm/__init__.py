"""A city's own language model: what it is shown, and how its sentences are checked."""
