"""French, in one normal form: stems, numbers, object codes."""
