"""What the API and the pages say of an answer, a transcript, a vote."""
