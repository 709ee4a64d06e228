"""The sentences of a turn, as ranges of its words. Pure; follows the recogniser's punctuation.

Speech that comes without punctuation is cut where the speaker paused longest, so that no quotation
has to be endless. Every word of the turn is in exactly one sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.transcript import Turn

RUN_ON = 45  # words without any punctuation: more is a run-on
LONGEST = 90  # words, commas or not
_SIDE = 8  # words that must remain on each side of a cut
_MOST_MARKS = 8  # in a row: more is a line drawn with them, read from its start for each of them

_ABBREVIATED = """
m mm mme mmes mlle dr me art al ch let cf env p pp no n nr st ste fr frs ex vol resp av bd mio
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_END = re.compile(r"(\.\.\.|[.?!…])[\"»”’')\]]*$")
_CLOSING = re.compile(r"[.?!…,;:\"»”’')\]]+$")
_INNER = re.compile(r"[,;:–—][\"»”’')\]]*$")


@dataclass(frozen=True)
class Sentence:
    """Words `first_word` to `last_word` of a turn, both inclusive."""

    first_word: int
    last_word: int

    @property
    def words(self) -> int:
        """How many words it has."""
        return self.last_word - self.first_word + 1


def sentences(turn: Turn) -> tuple[Sentence, ...]:
    """Cut a turn into sentences, in order. A turn without words has none."""
    found: list[Sentence] = []
    first = 0
    for index in range(len(turn.words)):
        if index == len(turn.words) - 1 or _ends(turn, index):
            found += _shortened(turn, Sentence(first, index))
            first = index + 1
    return tuple(found)


def _ends(turn: Turn, index: int) -> bool:
    """Does a sentence end with this word, which is not the turn's last?"""
    word, following = _with_marks(turn, index), turn.words[index + 1].text
    end = _END.search(word)
    if end is None or _CLOSING.match(following):  # a lone "?" or "»" belongs to what it closes
        return False
    bare = re.split(r"[^\w]", word[: end.start()].lower())[-1]
    if end.group(1) == "." and (bare in _ABBREVIATIONS or (len(bare) == 1 and bare.isalpha())):
        return False
    return not (end.group(1) in (".", "…", "...") and following[:1].islower())


def _with_marks(turn: Turn, index: int) -> str:
    """A word and, when it is only a mark, the word before it: `faux` `!` `»` -> `faux!»`."""
    first = index
    while first > max(0, index - _MOST_MARKS) and not any(map(str.isalnum, turn.words[first].text)):
        first -= 1
    return "".join(word.text for word in turn.words[first : index + 1])


def _shortened(turn: Turn, sentence: Sentence) -> Iterator[Sentence]:
    """The sentence, or its parts when it is a run-on, in order."""
    run = _Run.of(turn, sentence) if sentence.words > RUN_ON else None
    pending = [sentence]
    while pending:
        part = pending.pop()
        cut = run.cut(part) if run else None
        if cut is None:
            yield part
        else:
            pending += [Sentence(cut + 1, part.last_word), Sentence(part.first_word, cut)]


@dataclass(frozen=True)
class _Run:
    """What stands and what is silent after each word of a long sentence, up to its last.

    As arrays: an hour without punctuation is looked through again for each cut (0.5 s for 50,000
    words whose longest pauses all come last).
    """

    first_word: int
    pauses: NDArray[np.int64]
    commas: NDArray[np.bool_]
    marks: NDArray[np.bool_]

    @classmethod
    def of(cls, turn: Turn, sentence: Sentence) -> "_Run":
        """That of one sentence."""
        words = turn.words[sentence.first_word : sentence.last_word + 1]
        commas = [_INNER.search(word.text) is not None for word in words]
        ends = [_END.search(word.text) is not None for word in words]
        return cls(
            sentence.first_word,
            np.array([b.start_ms - a.end_ms for a, b in pairwise(words)], np.int64),
            np.array(commas),
            np.array(commas) | np.array(ends),
        )

    def cut(self, part: Sentence) -> int | None:
        """The word after which to cut: a run-on's longest pause, or None when it can stay."""
        if part.words > LONGEST:
            return self._longest_pause(part, self.commas) or self._longest_pause(part)
        if part.words > RUN_ON and not self._punctuated(part):
            return self._longest_pause(part)
        return None

    def _punctuated(self, part: Sentence) -> bool:
        """Does punctuation break it before a stretch gets as long as a run-on?"""
        first, after = part.first_word - self.first_word, part.last_word + 1 - self.first_word
        broken = np.flatnonzero(self.marks[first:after])
        return bool(np.diff(broken, prepend=-1, append=part.words).max() <= RUN_ON + 1)

    def _longest_pause(
        self, part: Sentence, allowed: NDArray[np.bool_] | None = None
    ) -> int | None:
        """The longest, of equals the one nearest the middle, with some words on each side."""
        first = part.first_word - self.first_word + _SIDE - 1
        after = part.last_word - self.first_word - _SIDE + 1
        inside = slice(first, max(first, after))
        pauses = self.pauses[inside]
        at = np.arange(len(pauses)) if allowed is None else np.flatnonzero(allowed[inside])
        if not len(at):
            return None
        at = at[pauses[at] == pauses[at].max()] + first + self.first_word
        middle = (part.first_word + part.last_word) / 2
        return int(at[np.abs(at - middle).argmin()])
