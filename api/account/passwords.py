"""Passwords: argon2, one rule (long enough), and the same work whether an account exists or not.

Knows nothing of accounts. Length is the one rule, after NIST SP 800-63B section 3.1.1.2: rules on
letters and digits make people choose worse.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.account.throttle import TooMany
from ingest.errors import BadInput

SHORTEST, LONGEST = 12, 200  # characters
_BUSY = timedelta(seconds=5)


class Passwords:
    """Makes and checks hashes with pwdlib. Few at a time: each takes 64 MiB while it lasts.

    Few wait their turn, too: a flood of attempts must not take every thread of the server. Whoever
    comes when the queue is full is told to come back (`TooMany`).
    """

    def __init__(
        self, hasher: Argon2Hasher | None = None, at_once: int = 2, waiting: int = 10
    ) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._turn = BoundedSemaphore(at_once)
        self._queue = BoundedSemaphore(at_once + waiting)

    @cached_property
    def _nobody(self) -> str:
        return self._hash.hash("personne")

    def hash(self, password: str) -> str:
        """What is kept of a password. Raises `TooMany`."""
        with self._place():
            return self._hash.hash(_normal(password))

    def check(self, password: str, stored: str | None) -> bool:
        """Is it the one? Without a stored hash the answer is no, after the same work.

        Raises `TooMany`.
        """
        if len(password) > LONGEST:
            password, stored = password[:LONGEST], None
        nobody = self._nobody
        with self._place():
            right = self._hash.verify(_normal(password), stored or nobody)
        return right and stored is not None

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._queue.acquire(blocking=False):
            raise TooMany(_BUSY)
        try:
            with self._turn:
                yield
        finally:
            self._queue.release()


def require_good(password: str, login: str) -> None:
    """Raises `BadInput` for a password that must not be chosen. Never shows it."""
    if len(password) < SHORTEST:
        raise BadInput(
            f"Ce mot de passe a {len(password)} caractères : il en faut {SHORTEST} au moins."
            " Trois ou quatre mots sans rapport font un bon mot de passe."
        )
    if len(password) > LONGEST:
        raise BadInput(f"Ce mot de passe est trop long : {LONGEST} caractères au plus.")
    if _normal(password).casefold() == login.casefold():
        raise BadInput("Ce mot de passe est votre identifiant : choisissez-en un autre.")


def _normal(password: str) -> str:
    # One keyboard writes "é" as one character, another as two.
    return unicodedata.normalize("NFC", password)
