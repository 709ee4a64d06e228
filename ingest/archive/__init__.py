"""What is kept: schema, sessions and transcripts, media, checkpoints, backup."""
