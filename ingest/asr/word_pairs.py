"""How usual a word is after the one before it, in the French of councils and parliaments.

Knows how often words and pairs of them stand in the debates that `tests.train.word_pairs` read,
kept in `word_pairs.npz` as hashes: no text can be read from it. Does not know grammar, or sound.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

STORED = Path(__file__).parent / "word_pairs.npz"
START = "<s>"  # stands before the first word of a sentence
FIGURE = "#"  # any number in figures
# "l'" and "école" are two, "peut-être" is one; figures are one with the signs within them.
_TOKEN = re.compile(r"\d(?:[\s.,']*\d)*|[^\W\d_]+'|[^\W\d_]+(?:-[^\W\d_]+)*")
_PRIOR = 3.0  # how many pairs a word's own share is worth, where few were seen
_VOCABULARY = 50_000  # forms that may be said, for those that were not seen


def words_in(text: str) -> list[str]:
    """The words of a text as they are counted.

    >>> words_in("L’école coûte 2 400 000 francs.")
    ["l'", 'école', 'coûte', '#', 'francs']
    """
    found = _TOKEN.findall(text.lower().replace("’", "'"))
    return [FIGURE if token[0].isdigit() else token for token in found]


def key(*words: str) -> int:
    """What a word, or a pair of words, is kept under."""
    return crc32(" ".join(words).encode())


@dataclass(frozen=True)
class Counts:
    """How often each was seen: `keys` (n,) uint32, sorted, and `times` (n,) uint32."""

    keys: NDArray[np.uint32]
    times: NDArray[np.uint32]

    def of(self, *words: str) -> int:
        """How often a word, or a pair of words, was seen."""
        wanted = key(*words)
        at = int(np.searchsorted(self.keys, wanted))
        return int(self.times[at]) if at < len(self.keys) and self.keys[at] == wanted else 0


@dataclass(frozen=True)
class WordPairs:
    """Words and pairs of words, and how many words were read."""

    words: Counts
    pairs: Counts
    total: int

    def share(self, word: str) -> float:
        """The logarithm of a word's share of all."""
        return math.log((self.words.of(word) + 0.5) / (self.total + _VOCABULARY))

    def after(self, before: str, word: str) -> float:
        """The logarithm of a word's share of those that follow the one before."""
        likely = self.pairs.of(before, word) + _PRIOR * math.exp(self.share(word))
        return math.log(likely / (self.words.of(before) + _PRIOR))


def counted(words: Iterable[tuple[int, int]]) -> Counts:
    """Counts from pairs of (key, times)."""
    rows = sorted(words)
    keys, times = zip(*rows, strict=True) if rows else ((), ())
    return Counts(np.array(keys, np.uint32), np.array(times, np.uint32))


@cache
def load_word_pairs() -> WordPairs:
    """The counts that ship with the product."""
    with np.load(STORED) as stored:
        words = Counts(stored["word_keys"], stored["word_times"])
        pairs = Counts(stored["pair_keys"], stored["pair_times"])
        return WordPairs(words, pairs, int(stored["total"]))
