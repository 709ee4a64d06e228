"""What a question asks: topic, kind of answer, filters, what it takes over."""
