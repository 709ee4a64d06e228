"""The pages of those who run the site: accounts, the log of what was done."""
