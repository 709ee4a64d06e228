"""Accounts: who signs in, with which role, and how often one may try to."""
