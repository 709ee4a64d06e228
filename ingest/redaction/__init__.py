"""A passage redacted, in words and in sound, with its proof."""
