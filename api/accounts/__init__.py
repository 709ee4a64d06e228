"""Accounts: who signs in, with which role, and how often somebody may try."""
