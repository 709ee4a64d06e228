"""How good hearing is: word error rate and diarization error rate, by their standard definitions.

Pure functions over what was said (reference) and what was heard (hypothesis).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import Levenshtein

from ingest.text import fold
from ingest.transcript import SpeakerSpan
from search.language.codes import with_codes
from search.language.numbers import (
    days_in_figures,
    normal_amounts,
    normal_moments,
    normal_numbers,
)

_FIGURE_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True)
class WordErrors:
    """Edits that turn the reference into the hypothesis, over the reference's length."""

    edits: int
    reference_words: int

    @property
    def rate(self) -> float:
        """WER; may exceed 1."""
        return self.edits / max(1, self.reference_words)


def word_errors(reference: str, hypothesis: str) -> WordErrors:
    """WER's parts after lower-casing, dropping punctuation, and writing numbers as digits."""
    said, heard = normal_words(reference), normal_words(hypothesis)
    return WordErrors(Levenshtein.distance(said, heard), len(said))


def figures_right(reference: str, hypothesis: str) -> tuple[int, int]:
    """How many of the numbers that were said stand where they were said, and how many were said.

    By what they say, as search reads them: « 20h30 » is "vingt heures trente", « PR25 » is "PR
    vingt-cinq", « 60 % » is one number; a code whose letters are wrong is a wrong one.
    """
    said, heard = _figure_words(reference), _figure_words(hypothesis)
    numbers = [any(map(str.isdigit, word)) for word in said]
    same = [e for e in Levenshtein.opcodes(said, heard) if e.tag == "equal"]
    return sum(sum(numbers[e.src_start : e.src_end]) for e in same), sum(numbers)


def _figure_words(text: str) -> list[str]:
    """Folded words, each amount, date, hour, percentage and code in search's one form."""
    numbers = normal_amounts(normal_numbers(days_in_figures(fold(text))))
    return _FIGURE_WORD.findall(with_codes(normal_moments(numbers)))


def normal_words(text: str) -> list[str]:
    """The words that WER compares: « l'Église, vingt-deux » is l, église, 22."""
    from text_to_num import alpha2digit

    lowered = unicodedata.normalize("NFC", text.lower()).replace("’", "'")
    digits = alpha2digit(re.sub(r"(?<=\d)[\s'](?=\d{3}\b)", "", lowered), "fr")
    return re.findall(r"\w+", digits)


@dataclass(frozen=True)
class SpeakerErrors:
    """Diarization error in milliseconds of speaker time, and how many voices there were."""

    missed_ms: int
    false_alarm_ms: int
    confused_ms: int
    reference_ms: int
    reference_speakers: int
    found_speakers: int

    @property
    def rate(self) -> float:
        """DER."""
        errors = self.missed_ms + self.false_alarm_ms + self.confused_ms
        return errors / max(1, self.reference_ms)


def speaker_errors(
    reference: Sequence[SpeakerSpan], hypothesis: Sequence[SpeakerSpan], collar_ms: int = 250
) -> SpeakerErrors:
    """DER's parts (NIST RT definition): overlap is scored, `collar_ms` around each reference edge
    is not, and hypothesis labels are mapped to speakers in the way that errs least.
    """
    from scipy.optimize import linear_sum_assignment

    names = sorted({s.label for s in reference})
    labels = sorted({s.label for s in hypothesis})
    pieces = _scored_pieces(reference, hypothesis, collar_ms)
    shared = np.zeros((len(names), len(labels)))
    rows = []
    for start, end in pieces:
        here = {s.label for s in reference if s.start_ms < end and s.end_ms > start}
        found = {s.label for s in hypothesis if s.start_ms < end and s.end_ms > start}
        rows.append((end - start, here, found))
        for name in here:
            for label in found:
                shared[names.index(name), labels.index(label)] += end - start
    of_name, of_label = linear_sum_assignment(-shared)
    mapped = {labels[j]: names[i] for i, j in zip(of_name, of_label, strict=True)}
    missed = sum(ms * max(0, len(here) - len(found)) for ms, here, found in rows)
    false_alarm = sum(ms * max(0, len(found) - len(here)) for ms, here, found in rows)
    confused = sum(
        ms * (min(len(here), len(found)) - len(here & {mapped.get(label) for label in found}))
        for ms, here, found in rows
    )
    total = sum(ms * len(here) for ms, here, _found in rows)
    return SpeakerErrors(missed, false_alarm, confused, total, len(names), len(labels))


def _scored_pieces(
    reference: Sequence[SpeakerSpan], hypothesis: Sequence[SpeakerSpan], collar_ms: int
) -> list[tuple[int, int]]:
    """Stretches in which no voice starts or stops, outside the collars."""
    edges = {at for s in reference for at in (s.start_ms, s.end_ms)}
    collars = sorted((at - collar_ms, at + collar_ms) for at in edges)
    cuts = edges | {at for s in hypothesis for at in (s.start_ms, s.end_ms)}
    cuts |= {at for collar in collars for at in collar}
    return [
        (start, end)
        for start, end in pairwise(sorted(cuts))
        if not any(low <= start and end <= high for low, high in collars)
    ]
