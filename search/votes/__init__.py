"""What was decided, with the words that tell it."""
