"""Opening the database that an archive is in, and copying one into another."""
