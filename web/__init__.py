"""The pages that citizens, councillors and clerks read."""
