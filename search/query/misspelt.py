"""Misspelt words of a question, read as the archive's words: « pisicne » is « piscine ».

Only a word that the archive does not know is read as another, one that it does know: two letters
swapped, one missing or too many, or the same sound. What may be somebody's name is left to
`people`; a plain French word stays what it is, since the archive need not have spoken of it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from ingest.lexicon import is_french, is_inflected
from ingest.phonetics import sound
from ingest.text import fold
from search.language.stems import stems
from search.query.parsed import Repair
from search.query.vocabulary import Vocabulary

_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]+(?![\w-])|(?<=['’])[^\W\d_]+(?![\w-])")
_GLUED = re.compile(r"(?:l|d|qu)(?=[aeiouyhéèê])")
_PLURAL, _SOFT_C, _SOFT_G = (
    re.compile(r"[sx]$"),
    re.compile(r"t(?=ion|iel)|c(?=[eiy])"),
    re.compile(r"g(?=[ei])"),
)
_SHORTEST = 5  # letters: of shorter words, most have neighbours that mean something else
_SLIP = 6  # letters of a word that may be mistyped, not only spelt by ear
_LONG = 10  # letters from which two slips are told from another word
_SOUND = 6  # letters of a plain French form that may be read as another word of the same sound
_NAME = 84.0  # likeness (0..100) to a person's name from which a word is left to `people`
# What questions ask with, be it said in the archive or not.
_ASKING = """
    montant montants combien pourquoi comment amendement amendements motion pétition proposition
    conseil municipal conseiller conseillère commission président présidente rapporteur rapporteuse
    député députée ministre quelle quelles personnes différence position
"""
_ASKED_WITH = tuple(_ASKING.split())
_MUTE = ("s", "e", "es", "t", "d", "x", "r")  # endings that are not heard
_MOST = 12  # words of one question that are looked at: more are a paste


def repairs(question: str, vocabulary: Vocabulary) -> tuple[Repair, ...]:
    """The words of a French question that are read as others, in order."""
    return tuple(_repairs(question, vocabulary))


def repaired(question: str, found: Sequence[Repair]) -> str:
    """The question with its words as they are read."""
    read = {repair.typed: repair.read for repair in found}
    return _WORD.sub(lambda match: read.get(match.group(), match.group()), question)


def _repairs(question: str, vocabulary: Vocabulary) -> Iterator[Repair]:
    words = vocabulary.words
    doubtful = 0
    for match in _WORD.finditer(question):
        typed = match.group()
        stem = _stem(typed)
        if not stem or words.knows(stem) or (typed[0].isupper() and match.start()):
            continue
        glued = _GLUED.match(typed)
        rest = typed[glued.end() :] if glued else ""
        if glued and len(rest) >= _SHORTEST and (known := _stem(rest)) and words.knows(known):
            if not is_french(typed):
                yield Repair(typed, f"{glued.group()}'{rest}")
            continue
        doubtful += 1
        if len(typed) < _SHORTEST or doubtful > _MOST or _names(typed, vocabulary):
            continue
        cut = dict.fromkeys((stem, fold(typed).rstrip("es")))  # the stem of « polisse » is « pol »
        near = [word for short in cut for word in words.near(short)]
        if read := _read(typed, [*near, *_titled(typed, vocabulary)]):
            yield Repair(typed, read)


def _stem(word: str) -> str:
    found = stems(word)
    return found[0] if len(found) == 1 else ""


def _names(typed: str, vocabulary: Vocabulary) -> bool:
    """May it be somebody's name?"""
    word = fold(typed)
    return any(fuzz.ratio(word, name) >= _NAME for name in vocabulary.name_words)


def _titled(typed: str, vocabulary: Vocabulary) -> list[str]:
    """The words of the agendas, and those that ask, that are spelt nearly like one."""
    known = (*vocabulary.title_words, *_ASKED_WITH)
    near = extract(typed.lower(), known, scorer=OSA.distance, score_cutoff=2)
    return [word for word, _, _ in near]


def _read(typed: str, near: Sequence[str]) -> str:
    """What a word that is not known is read as; "" where that is doubtful."""
    word, key = fold(typed), heard(typed)
    alike = [other for other in near if heard(other) == key]
    if is_french(typed):  # « polisse » is a form of « polir », « patinoire » is what is asked about
        close = alike if len(word) >= _SOUND and is_inflected(typed) else []
    elif alike or any(is_french(typed + end) for end in _MUTE):  # « permi » is « permis »
        close = alike
    else:
        close = [other for other in near if _slips(word, fold(other))]
    return min(close, key=lambda other: OSA.distance(word, fold(other)), default="")


def _slips(word: str, other: str) -> bool:
    """Is it the other word with a letter or two mistyped? The first one is hardly ever wrong."""
    if word[0] != other[0] or min(len(word), len(other)) < _SLIP:
        return False
    return OSA.distance(word, other) <= (2 if len(word) >= _LONG else 1)


@lru_cache(maxsize=10_000)
def heard(word: str) -> str:
    """How a word sounds, typed with or without its accents and its plural.

    >>> heard("adopsion") == heard("adoption"), heard("chaufée") == heard("chauffée")
    (True, True)
    """
    plain = _PLURAL.sub("", fold(word))
    return sound(_SOFT_G.sub("j", _SOFT_C.sub("ss", plain)))
