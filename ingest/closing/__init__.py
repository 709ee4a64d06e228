"""A passage taken out for good: words, sound, bytes; and the proof that nothing is left."""
