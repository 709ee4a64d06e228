"""A question folded for matching, each letter of which knows where it stands in what was typed.

So that patterns are written once, without accents or case, and what they find is shown, or cut out,
as the reader wrote it. Pure; any string is valid.
"""

from dataclasses import dataclass
from functools import lru_cache

from ingest.text import fold

LONGEST_READ = 1_000  # folded letters; what is longer is a paste, and its end names no filter


@dataclass(frozen=True, order=True)
class Stretch:
    """A place in a folded text, [start, end)."""

    start: int
    end: int

    def overlaps(self, other: "Stretch") -> bool:
        """Do they share a letter?"""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Folded:
    """`text` is folded, with single spaces; `at` the place of each of its letters in `original`.

    Only what gives the first `LONGEST_READ` letters is folded; `unread` is what is typed after it.
    One character may give many: an Arabic ligature of a whole formula gives eighteen.
    """

    original: str
    text: str
    at: tuple[int, ...]
    unread: str = ""

    @classmethod
    def of(cls, original: str) -> "Folded":
        """A text, folded.

        >>> Folded.of("L’ÉCOLE\\n du  nœud").text
        "l'ecole du noeud"
        """
        letters: list[str] = []
        at: list[int] = []
        read = min(len(original), LONGEST_READ)
        for place, char in enumerate(original[:read]):
            folded = _fold_char(char)
            if len(letters) + len(folded) > LONGEST_READ:
                read = place
                break
            if folded == " " and letters[-1:] in ([], [" "]):
                continue
            letters.extend(folded)
            at.extend([place] * len(folded))
        return cls(original, "".join(letters), tuple(at), original[read:])

    def typed(self, stretch: Stretch) -> str:
        """What was typed there."""
        start, end = self.place(stretch)
        return self.original[start:end]

    def place(self, stretch: Stretch) -> tuple[int, int]:
        """Where a stretch stands in the original, [start, end)."""
        if stretch.end <= stretch.start:
            start = self.at[stretch.start] if stretch.start < len(self.at) else len(self.original)
            return start, start
        end = self.at[stretch.end - 1] + 1
        read = len(self.original) - len(self.unread)
        while end < read and not _fold_char(self.original[end]):
            end += 1  # accents typed after their letter
        return self.at[stretch.start], end


@lru_cache(maxsize=4_096)
def _fold_char(char: str) -> str:
    """One character, folded; whatever separates or controls is a space."""
    if char.isspace() or not (char.isprintable() or char.isalnum()):
        return " " if char.isspace() or ord(char) < 32 else ""  # noqa: PLR2004
    return fold(char)
