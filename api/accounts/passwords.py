"""Passwords: argon2, which may be chosen, and the same work whether an account exists or not.

Knows nothing of accounts. After NIST SP 800-63B section 3.1.1.2 a password is long and none that is
commonly used or expected; rules on letters and digits make people choose worse.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.accounts.rate_limit import TooMany
from ingest.errors import BadInput

SHORTEST, LONGEST = 12, 200  # characters
_READ = 72  # characters that zxcvbn takes: its time grows with the square of the length
_SAFE = 3  # of 4, zxcvbn's "safely unguessable": 10^8 guesses, which argon2 makes years of
_EXPECTED = (
    *("azertyuiop", "qsdfghjklm", "wxcvbn", "motdepasse", "mot de passe", "administrateur"),
    *("administration", "bienvenue", "conseil", "municipal", "communal", "mairie", "commune"),
    *("greffe", "secretariat", "ville", "verbatim", "seance", "proces-verbal", "changezmoi"),
)
"""What is guessed first here, beside zxcvbn's lists, which know English best."""
_BUSY = timedelta(seconds=5)  # when to try again: a full queue of twelve is through by then


class Passwords:
    """Makes and checks hashes with pwdlib. Few at a time: each takes 64 MiB while it lasts.

    Few wait their turn, too: a flood of attempts must not take every thread of the server. When the
    queue is full, `TooMany` is raised.
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


def require_good(password: str, login: str, *about: str) -> None:
    """Raises `BadInput` for a password that must not be chosen. Never shows it.

    `about` is what is publicly known of its owner: the name, the city.
    """
    if len(password) < SHORTEST:
        raise BadInput(
            f"Ce mot de passe a {len(password)} caractères : il en faut {SHORTEST} au moins."
            " Trois ou quatre mots sans rapport font un bon mot de passe."
        )
    if len(password) > LONGEST:
        raise BadInput(f"Ce mot de passe est trop long : {LONGEST} caractères au plus.")
    if _normal(password).casefold() == login.casefold():
        raise BadInput("Ce mot de passe est votre identifiant : choisissez-en un autre.")
    if _is_guessed_soon(_normal(password), (login, *about)):
        raise BadInput(
            "Ce mot de passe se devine vite : il est répandu, répétitif, ou fait de votre nom, de "
            "celui de la ville ou d'une suite de touches. Prenez trois ou quatre mots sans rapport."
        )


def _is_guessed_soon(password: str, about: Sequence[str]) -> bool:
    """Would a guesser find it early? Common, of few characters, or made of what is known."""
    from zxcvbn import zxcvbn

    words = [word for text in about for word in (text, text.replace(" ", ""), *text.split())]
    found = zxcvbn(_plain(password)[:_READ], [_plain(word) for word in (*words, *_EXPECTED)])
    return int(found["score"]) < _SAFE


def _plain(text: str) -> str:
    """Without accents: "Genève" is guessed as soon as "Geneve"."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def _normal(password: str) -> str:
    # One keyboard writes "é" as one character, another as two.
    return unicodedata.normalize("NFC", password)
