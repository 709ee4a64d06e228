"""What clerks bring in: forms, files that arrive in pieces, a watched folder."""
