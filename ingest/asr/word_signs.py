"""What a heard word shows of being right or wrong: figures for `confidence` to weigh.

Knows how words are written, which are French, which usually follow each other, and which this
session is expected to hold. Does not know the sound or the weights.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extractOne

from ingest.asr.name_repair import WordsHeard
from ingest.asr.word_pairs import START, load_word_pairs, words_in
from ingest.lexicon import is_french
from ingest.phonetics import sound
from ingest.transcript import Word

_LOWEST, _HIGHEST = 0.02, 0.995  # beyond these the recogniser's probabilities say no more
_PARTS = re.compile(r"[^\W_]+")
_LEAST = 4  # letters of an expected word that another may be misheard for
_SHORT = 2  # letters: articles, pronouns, "à"
_LONG = 12  # letters: longer words are as rarely wrong
_NEITHER = -5.0  # the middle of the shares that are seen: where no word follows, it speaks for none
# Words that sound like another: a recogniser tells them apart by grammar alone.
_HOMOPHONES = (
    *("a", "à", "et", "est", "ai", "es", "ait", "ont", "on", "son", "sont", "ce", "se", "ces"),
    *("ses", "sait", "la", "là", "ou", "où", "leur", "leurs", "peu", "peut", "peux", "du"),
    *("dû", "mes", "mais", "met", "sa", "ça", "dans", "sans", "cent", "tout", "tous"),
    *("quand", "quant", "ni", "si", "six", "mois", "moi", "vers", "vert", "verre"),
    *("sur", "sûr", "prêt", "près", "non", "nom", "oui", "huit", "cet", "cette"),
    *("sept", "fait", "fais", "dit", "dix", "eu", "eux", "voix", "voie", "vois"),
)
Signs = NDArray[np.float64]


def odds_of(probability: float) -> float:
    """The logarithm of p / (1 - p), p held where probabilities say something."""
    kept = min(max(probability, _LOWEST), _HIGHEST)
    return math.log(kept / (1 - kept))


@dataclass(frozen=True)
class Expected:
    """Words that this session is likely to hold: of its agenda, its members, its body."""

    words: frozenset[str]

    @cached_property
    def sounds(self) -> list[str]:
        """How the longer ones sound."""
        return sorted({sound(word) for word in self.words if len(word) >= _LEAST})

    def holds(self, text: str) -> bool:
        """Are all parts of a word expected?"""
        parts = _parts(text)
        return bool(parts) and all(part in self.words for part in parts)

    def near(self, text: str) -> bool:
        """Does it sound like an expected word, or nearly so, without being one?"""
        heard = sound(text)
        if len(heard) < _LEAST - 1 or not self.sounds or self.holds(text):
            return False
        found = extractOne(heard, self.sounds, scorer=Levenshtein.distance, score_cutoff=1)
        return found is not None


def expected_words(texts: Sequence[str]) -> Expected:
    """What texts of a session, such as titles and names, let expect."""
    return Expected(frozenset(part for text in texts for part in _parts(text)))


def _parts(text: str) -> list[str]:
    """The words in a text, with their accents: "crêche" is not what "crèche" lets expect."""
    return _PARTS.findall(unicodedata.normalize("NFC", text).casefold())


@dataclass(frozen=True)
class _Heard(WordsHeard):
    """The words beside their pieces, odds and counted forms, each computed once."""

    expected: Expected

    @cached_property
    def odds(self) -> list[float]:
        return [odds_of(word.confidence) for word in self.words]

    @cached_property
    def counted(self) -> list[list[str]]:
        return [words_in(word.text) for word in self.words]

    def opens(self, at: int) -> bool:
        """Does a sentence begin here?"""
        return at == 0 or self.pieces[at - 1].ends_sentence

    def usual(self, at: int) -> tuple[float, float, float]:
        """Logarithms: this word's share after the one before, the next one's after it, of all."""
        known, here = load_word_pairs(), self.counted[at] or [""]
        before = START if self.opens(at) else (self.counted[at - 1] or [START])[-1]
        row = [before, *here]
        own = min(known.after(one, other) for one, other in zip(row, here, strict=False))
        following = _NEITHER
        if at + 1 < len(self.words) and not self.pieces[at].ends_sentence and self.counted[at + 1]:
            following = known.after(here[-1], self.counted[at + 1][0])
        return own, following, min(known.share(word) for word in here)


SIGNS = (
    *("own", "least_beside", "repaired"),
    *("no_word", "no_name", "near_expected", "expected"),
    *("figure", "short", "length", "homophone", "elision"),
    *("opens", "after", "following", "share"),
)
"""The figures of a word, in this order; the weights in `confidence.json` bear these names."""


def signs(words: Sequence[Word], expected: Expected) -> Signs:
    """The figures of each word, (n, len(SIGNS)); the words are in order of time."""
    heard = _Heard(words, expected)
    rows = []
    for at in range(len(words)):
        figures = _of_hearing(heard, at) | _of_spelling(heard, at) | _of_place(heard, at)
        rows.append([float(figures[name]) for name in SIGNS])
    return np.array(rows, np.float64).reshape(len(words), len(SIGNS))


def _of_hearing(heard: _Heard, at: int) -> dict[str, float]:
    odds = heard.odds
    beside = odds[max(0, at - 1) : at] + odds[at + 1 : at + 2]
    return {
        "own": odds[at],
        "least_beside": min(beside, default=odds[at]),
        "repaired": heard.words[at].heard is not None,
    }


def _of_spelling(heard: _Heard, at: int) -> dict[str, float]:
    core = heard.pieces[at].core
    figure, expected = any(map(str.isdigit, core)), heard.expected.holds(core)
    unknown = not (figure or expected or _is_french(core))
    capital = core[:1].isupper()
    return {
        "no_word": unknown and not capital,
        "no_name": unknown and capital,
        "near_expected": heard.expected.near(core),
        "expected": expected and len(core) >= _LEAST,
        "figure": figure,
        "short": len(core) <= _SHORT,
        "length": min(len(core), _LONG),
        "homophone": core.lower() in _HOMOPHONES,
        "elision": bool(heard.pieces[at].elision),
    }


def _of_place(heard: _Heard, at: int) -> dict[str, float]:
    after, following, share = heard.usual(at)
    return {"opens": heard.opens(at), "after": after, "following": following, "share": share}


def _is_french(core: str) -> bool:
    """Is it a word, whole or in all its parts (« va-t-elle »)?"""
    return is_french(core) or all(is_french(part) for part in _PARTS.findall(core))
