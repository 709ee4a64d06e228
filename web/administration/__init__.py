"""The pages of those who run the site: accounts, the log, backups, what is kept for how long."""
