"""What an answer rests on, and the sentences held against it."""
