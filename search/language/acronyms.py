"""TPG is « Transports publics genevois »: a query by either form hits both.

A text that holds the long form is given the short one's stem besides, a question too; so both meet
in one word, and no passage grows by words that were not said. Pure: the pairs come from a city's
glossary (`ingest.documents.glossary`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.documents.glossary import Term
from ingest.text import fold
from search.language.stems import stems

_ACRONYM = re.compile(r"(?=.{2,9}$)[A-ZÀ-Ý][A-ZÀ-Ý0-9]*(?:[.&/-]?[A-ZÀ-Ý0-9]+)+\.?")
_WORD = re.compile(r"[a-z0-9]+")
# Where a short form is said: in capitals, its long form right before or after it.
_CAPITALS = re.compile(r"(?<![\w'-])[A-Z]{3,9}(?![\w'-])")
_BESIDE_BEFORE = re.compile(r"(?: ?\(|, (?:(?:le|la|les|dite?s?|ou|soit) |l')?)$")
_BESIDE_AFTER = re.compile(r" ?\(|, (?:(?:c'est-à-dire|soit) )?(?:(?:le|la|les) |l')?")
_SPOKEN = re.compile(r"[^\W\d_]+")
_NEAR, _LONGEST = 150, 12  # characters beside a short form, and words, in which the long one stands
_FEWEST_STEMS = 2  # one word is no long form: « la Ville (VdG) » would mark every « ville »


@dataclass(frozen=True)
class Acronym:
    """A short form and one of its long forms, each as written."""

    short: str
    long: str


@dataclass(frozen=True)
class Acronyms:
    """What a city abbreviates. Empty ones change nothing."""

    known: tuple[Acronym, ...] = ()

    @cached_property
    def _by_first(self) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
        """By the first stem of a long form: its stems and the short form's."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for acronym in self.known:
            long, short = tuple(stems(acronym.long)), stems(acronym.short)
            if len(long) >= _FEWEST_STEMS and len(short) == 1 and short[0] not in long:
                found[long[0]].append((long, short[0]))
        return {first: tuple(dict.fromkeys(pairs)) for first, pairs in found.items()}

    def besides(self, found: Sequence[str]) -> list[str]:
        """Stems of the short forms whose long forms stand in a text's stems, one for each place.

        >>> known = Acronyms((Acronym("TPG", "Transports publics genevois"),))
        >>> known.besides(stems("Les Transports publics genevois demandent un crédit."))
        ['tpg']
        """
        if not self.known:
            return []
        return [
            short
            for at, stem in enumerate(found)
            for long, short in self._by_first.get(stem, ())
            if tuple(found[at : at + len(long)]) == long
        ]

    def stems(self, text: str) -> list[str]:
        """The stems of a text (see `french`), and those of the short forms that it spells out."""
        found = stems(text)
        return found + self.besides(found)


NO_ACRONYMS = Acronyms()


def acronyms(glossary: Iterable[Term]) -> Acronyms:
    """What a glossary explains, each pair once.

    A term is explained by any of its forms or by its note, where the letters fit:
    `TPG;Transports publics genevois`, `SIG;s i g;Services industriels de Genève`.
    """
    pairs = (pair for term in glossary for pair in _of_term(term))
    return Acronyms(tuple({(fold(pair.short), fold(pair.long)): pair for pair in pairs}.values()))


def acronyms_said(texts: Iterable[str]) -> Acronyms:
    """Short forms that are said beside their long ones, where the letters fit: « Groupement
    intercommunal pour l'animation parascolaire (GIAP) », « le GIAP, Groupement... ».
    """
    pairs = (pair for text in texts for pair in _said(text))
    return Acronyms(tuple({(fold(pair.short), fold(pair.long)): pair for pair in pairs}.values()))


def merge_acronyms(*known: Acronyms) -> Acronyms:
    """The short forms of all of them, each pair once."""
    return Acronyms(tuple(dict.fromkeys(pair for some in known for pair in some.known)))


def fits(short: str, long: str) -> bool:
    """Do the letters of a short form begin the words of a long one, in their order?

    The first word counts, small words do not, and of longer ones one in four may lack its letter.

    >>> fits("TPG", "Transports publics genevois"), fits("TPG", "Transports scolaires")
    (True, False)
    """
    letters = "".join(_WORD.findall(fold(short)))
    words = [word for word in _WORD.findall(fold(long)) if stems(word)]
    if len(words) < _FEWEST_STEMS or not letters or words[0][0] != letters[0]:
        return False
    at = 0
    for word in words:
        at += at < len(letters) and word[0] == letters[at]
    return at == len(letters) and len(words) - at <= len(letters) // 4


def _said(text: str) -> Iterator[Acronym]:
    for short in _CAPITALS.finditer(text):
        before, after = text[: short.start()], text[short.end() :]
        long = ""
        if opening := _BESIDE_BEFORE.search(before[-_NEAR:]):
            words = list(_SPOKEN.finditer(before[-_NEAR:][: opening.start()]))[-_LONGEST:]
            long = _fitting(
                short.group(), [_between(before[-_NEAR:], w, words[-1]) for w in words[::-1]]
            )
        if not long and (closing := _BESIDE_AFTER.match(after)):
            rest = after[closing.end() : closing.end() + _NEAR]
            words = list(_SPOKEN.finditer(rest))[:_LONGEST]
            long = _fitting(short.group(), [_between(rest, words[0], word) for word in words])
        if long:
            yield Acronym(short.group(), long)


def _between(text: str, first: re.Match[str], last: re.Match[str]) -> str:
    return text[first.start() : last.end()]


def _fitting(short: str, spans: Sequence[str]) -> str:
    """The shortest of growing spans whose words the letters begin."""
    letters = short.lower()
    return next(
        (s for s in spans if "." not in s and (fits(short, s) or _initials(s) == letters)), ""
    )


def _initials(span: str) -> str:
    """The first letters of all words, small ones too: « gestation pour autrui »."""
    return "".join(word[0] for word in _WORD.findall(fold(span)))


def _of_term(term: Term) -> Iterator[Acronym]:
    forms = [form for form in (term.text, *term.spoken, term.note) if form]
    shorts = [form for form in forms if _ACRONYM.fullmatch(form)]
    return (Acronym(s, long) for s in shorts for long in forms if " " in long and fits(s, long))
