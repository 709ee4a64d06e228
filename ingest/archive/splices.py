"""How a row of turns changes: some of them replaced by others. Pure.

Knows what a change does to the places of turns, and how it is taken back. Knows no words, no
people, no database. Which turn is meant is its id's to say; a place says only where.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.transcript import Turn


@dataclass(frozen=True)
class Splice:
    """At place `first` the turns `before` are replaced by `after`; either may be empty.

    A change is a row of them, by place and apart from each other; every `first` counts turns as
    they are just before the change. A turn that goes on bears its id on both sides.
    """

    first: int
    before: tuple[Turn, ...]
    after: tuple[Turn, ...]

    @property
    def stop(self) -> int:
        """The place after the last turn that is replaced."""
        return self.first + len(self.before)

    @property
    def growth(self) -> int:
        """How far later turns move."""
        return len(self.after) - len(self.before)

    @property
    def alters(self) -> bool:
        """Does it change what is said or by which voice, not only the times of words?"""
        return not same(self.before, self.after)


def content(turn: Turn) -> tuple[str | None, tuple[str, ...]]:
    """What a turn says, and by which voice: all of it but times and the machine's own marks."""
    return turn.speaker, tuple(word.text for word in turn.words)


def same(some: Sequence[Turn], others: Sequence[Turn]) -> bool:
    """Do two rows of turns say the same?"""
    return [content(turn) for turn in some] == [content(turn) for turn in others]


def apply(turns: list[Turn], splices: Sequence[Splice]) -> None:
    """Make a change in these turns. Their `index` is not counted anew."""
    for splice in reversed(splices):
        turns[splice.first : splice.stop] = splice.after


def inverted(splices: Sequence[Splice]) -> tuple[Splice, ...]:
    """The change that takes a change back, on the turns as they are just after it."""
    return tuple(
        Splice(at, s.after, s.before) for at, s in zip(landed(splices), splices, strict=True)
    )


def landed(splices: Sequence[Splice]) -> Iterator[int]:
    """Where each splice's new turns are after the whole change."""
    moved = 0
    for splice in splices:
        yield splice.first + moved
        moved += splice.growth
