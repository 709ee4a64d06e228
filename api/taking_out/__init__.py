"""A sitting taken out: captions, text, data, minutes."""
