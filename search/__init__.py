"""How published words are found again."""
