"""Secrets that a browser or a link carries: random, and kept here by their SHA-256 alone.

Whoever reads the database, or a copy of it, cannot sign in with what it holds.
"""

import hashlib
import secrets

LONGEST = 100  # characters: whatever is longer was never one of ours


def new_token() -> str:
    """256 random bits, fit for cookies and addresses."""
    return secrets.token_urlsafe(32)


def kept(token: str) -> str:
    """What is stored of a token. Its entropy needs no salt, nor a slow hash."""
    return hashlib.sha256(token[:LONGEST].encode()).hexdigest()
