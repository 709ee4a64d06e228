"""What `transcribe` and `diarize` are made of: where speech is, which words hold, whose voice."""
