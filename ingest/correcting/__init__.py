"""A transcript put right: changes as splices, taken back, timed anew by the sound."""
