"""Media files: decoded and encoded within limits."""
