"""What is to be done, by which worker, and how long it will take."""
