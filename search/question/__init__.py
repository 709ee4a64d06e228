"""What a question asks: whom, which object, when, and what it takes over from the one before."""
