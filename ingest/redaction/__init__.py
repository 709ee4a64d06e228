"""A passage taken out for good, in words and in sound, with its proof."""
