"""Pages on which readers write, and those on which the office reads it."""
