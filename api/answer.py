"""An answer is made of quotations, and nothing leaves the server before each one is verified.

`Verified` is the only thing that routes and commands may show, and `verify` is the only function
that makes one.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Citation:
    """Words that were said: `quote` is an exact substring of one stored revision of one turn.

    `start_ms` and `end_ms` are those of its first and last word. `speaker` is a person's name, or
    None while nobody has named the voice.
    """

    session: str
    revision: int
    turn: int
    start_ms: int
    end_ms: int
    speaker: str | None
    quote: str


@dataclass(frozen=True)
class Answer:
    """What is answered to a question. Refused: no citation, and `why` says so in French.

    `sentences` is machine-written text, empty as long as no language model is configured.
    """

    question: str
    sentences: tuple[str, ...]
    citations: tuple[Citation, ...]
    refused: bool
    why: str | None


@dataclass(frozen=True)
class Verified:
    """An answer whose every citation was checked against the archive. Made by `verify` only."""

    answer: Answer
