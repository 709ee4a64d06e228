"""French, made comparable: the one function `stems` is applied alike to questions and to passages.

Folds (`ingest.text.fold`), undoes elision, puts numbers and object codes in one form, drops
function words, and stems (Snowball). Pure; any string is valid. What it returns is for matching
only and never shown. It knows nothing of passages, scores or the database.
"""

import logging
import re
from functools import lru_cache

from ingest.text import fold
from search.language.codes import with_codes
from search.language.numbers import (
    days_in_figures,
    has_numbers,
    normal_amounts,
    normal_moments,
    normal_numbers,
)
from search.language.spelling import one_spelling
from search.language.stemmer import stem
from search.language.stopwords import FUNCTION_WORDS

__all__ = ["MAX_TOKEN", "REVISION", "exact_stems", "fold", "stems", "tokens"]

log = logging.getLogger(__name__)

REVISION = 2
"""Raised whenever `stems` returns something else: what was stored before must be made again."""

MAX_TOKEN = 48  # characters; longer ones are noise, cut so that they cannot fill the index

_WORD = re.compile(r"\d+[.,]\d+|[^\W_]+(?:'[^\W_]+)*")
_ELISION = re.compile(r"^(?:(?:[cdjlmnsty]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu(?!'ile))')+")
_SAME = {
    "chf": "francs", "frs": "francs", "fr": "francs", "franken": "francs", "eur": "euro",
    "km": "kilometre", "kg": "kilo", "kilogramme": "kilo", "kilogrammes": "kilo",
    "st": "saint", "ste": "saint", "sainte": "saint", "saintes": "saint", "bd": "boulevard",
    "bvd": "boulevard", "blvd": "boulevard", "rte": "route", "av": "avenue", "fbg": "faubourg",
}  # fmt: skip
_split = re.compile(r"(?<=[a-z]{4}[.?!]) ").split  # sentences, not abbreviations


def tokens(text: str) -> list[str]:
    """The words of a text in their normal form, elision undone, in order; nothing is left out.

    >>> tokens("Jusqu'à l'école, PR-12 coûte 1'500'000 CHF")
    ['a', 'ecole', 'pr12', 'coute', '1500000', 'franc']
    """
    try:
        normal = _normal(text)
    except Exception:  # a fault of ours: words as they are written still find most of what is meant
        log.exception("A text of %d characters keeps its numbers as written.", len(text))
        normal = fold(text)
    return [_normal_token(word) for word in _WORD.findall(normal)]


def stems(text: str) -> list[str]:
    """What a text is matched by: its content words' stems, repeats kept, function words left out.

    >>> stems("Combien coûte l’école de la motion sept ?")
    ['cout', 'ecol', 'motion', 'm7']

    Where a fault of ours stops it, words are read one by one, and what cannot be read stays as it
    is written: a question is to be answered all the same.
    """
    try:
        return exact_stems(text)
    except Exception:
        log.exception("A text of %d characters is read word by word.", len(text))
    return [found for word in _WORD.findall(fold(text)) if (found := _stem_or_word(word))]


def exact_stems(text: str) -> list[str]:
    """The same, for what is published: a fault of ours raises, for the caller to report."""
    return [found for word in _WORD.findall(_normal(text)) if (found := _stem(word))]


def _stem_or_word(word: str) -> str:
    try:
        return _stem(word)
    except Exception:
        return word[:MAX_TOKEN]


def _normal(text: str) -> str:
    """Folded, with numbers, amounts, dates and codes in one form."""
    spelt = one_spelling(fold(text))
    if not has_numbers(spelt):
        return spelt
    return " ".join(_with_numbers(part) if has_numbers(part) else part for part in _split(spelt))


def _with_numbers(spelt: str) -> str:
    normal = normal_numbers(days_in_figures(spelt))
    return with_codes(normal_moments(normal_amounts(normal)))


@lru_cache(maxsize=65_536)
def _normal_token(word: str) -> str:
    if word[0].isdigit():
        return re.sub(r"[.,]", "v", word)[:MAX_TOKEN]  # 2,5 stays one word for the full text
    bare = _ELISION.sub("", word).replace("'", "")[:MAX_TOKEN]
    return _SAME.get(bare, bare)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    """A word's stem; nothing for a function word."""
    token = _normal_token(word)
    return "" if _is_function_word(token) else stem(token)


def _is_function_word(token: str) -> bool:
    return token in FUNCTION_WORDS or (len(token) == 1 and token.isascii() and token.isalpha())
