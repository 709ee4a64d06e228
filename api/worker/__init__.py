"""The processes that do the jobs of the queue."""
