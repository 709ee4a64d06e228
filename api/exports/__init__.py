"""A session as files: minutes, captions, text, data."""
