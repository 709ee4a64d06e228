"""Which words are plain French, be they said in a council or not: simplemma's 250,000 forms.

Without it, a word that no session holds (« patinoire ») could not be told from a slip. Folded, as
eight bytes a form: the library's own table would stay in memory at ten times that. D-165.
"""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from ingest.text import fold

_Hashes = npt.NDArray[np.int64]
# The combining marks of Latin letters, and what `fold` writes otherwise.
_PLAIN = dict.fromkeys(range(0x300, 0x370)) | {ord("œ"): "oe", ord("æ"): "ae", ord("’"): "'"}
# Words of today that the lexicon lacks, some of them common in councils.
_LACKING = "gaz vélo vélos télétravail tram trams bus wifi internet email covid quiz skate"


def load() -> None:
    """Read the lexicon, which takes a second: not while a question's time runs."""
    _forms()


def is_french(word: str) -> bool:
    """Is it a form of a French word, with or without its accents?"""
    return _holds(_forms()[0], word)


def is_inflected(word: str) -> bool:
    """Is it no word's first form: a verb's, a plural?"""
    return not _holds(_forms()[1], word)


def _holds(hashes: _Hashes, word: str) -> bool:
    key = hash(fold(word))
    at = int(np.searchsorted(hashes, key))
    return at < len(hashes) and int(hashes[at]) == key


@cache
def _forms() -> tuple[_Hashes, _Hashes]:
    """Sorted hashes of all forms, and of those that are first forms."""
    table = DefaultDictionaryFactory(cache_max_size=1).get_dictionary("fr")
    forms, lemmas = _hashes([*table, *_LACKING.split()]), _hashes(list(set(table.values())))
    return forms, lemmas


def _hashes(words: list[str]) -> _Hashes:
    letters = unicodedata.normalize("NFKD", "\n".join(words).casefold())
    folded = letters.translate(_PLAIN).split()  # as `fold` has it, in a tenth of the time
    return np.unique(np.fromiter((hash(word) for word in folded), dtype=np.int64))
