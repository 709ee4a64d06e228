"""The commands of `verbatim`, one module a subject."""
