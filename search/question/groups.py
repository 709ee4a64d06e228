"""The parties that a question names: « les Verts », « le groupe socialiste », « PLR ».

Acronyms stand by themselves; a word that is a plain one too (verts, centre) needs its article, or
« groupe ». Whether the party's words are asked for is told by `speaking`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from search.folded import Folded, Stretch
from search.parties import said_forms
from search.question.speaking import Asked, Name, asked
from search.vocabulary import Vocabulary

_LONGEST_ACRONYM = 5
_ARTICLE = (
    r"(?:(?:les|la|le|des|du|de la|de|aux|au|the|die|der|los|las|os|as|i|gli) |(?:de )?l'|d')"
)
_BODY = (
    r"(?:(?:groupes?|partis?|fractions?|bancs?|elue?s|deputee?s|conseillers|conseilleres|membres"
    r"|representante?s|collegues|magistrate?s)(?: (?:municipaux|municipales))? "
    r"(?:des |du |de la |de l'|de |d'|le |les )?)"
)
_CONTRACTED = re.compile(r"(?:des|du|de la|de l'|de|d'|aux|au)(?: |(?<='))")
_AMONG = re.compile(
    r"\b(?:chez|parmi|du cote|cote|au sein|de la part|dans les rangs) (?:d[eu]s? )?$"
)
_CAPITAL_NEEDED = frozenset({"centre"})


@dataclass(frozen=True)
class Party:
    """A party named in a question, with its article; `family` as in `search.parties`."""

    family: str
    name: Name
    asked: Asked = Asked.NO

    @property
    def whole(self) -> Stretch:
        """Where it stands."""
        return self.name.whole


def groups_in(question: Folded, vocabulary: Vocabulary) -> tuple[Party, ...]:
    """Every party that a question names, in order; of two that overlap, the longer name."""
    found = [
        party
        for family, groups in vocabulary.by_family.items()
        for match in _pattern(groups[0]).finditer(question.text)
        if (party := _party(question, family, match))
    ]
    kept: list[Party] = []
    for party in sorted(found, key=lambda p: (p.whole.start, -p.whole.end)):
        if not kept or not kept[-1].whole.overlaps(party.whole):
            kept.append(_joined(question.text, kept, party))
    return tuple(kept)


def party_after(text: str, at: int, vocabulary: Vocabulary) -> Party | None:
    """The party right after a person's name: « Rochat (PLR) », « Rochat du PLR »."""
    for family, groups in vocabulary.by_family.items():
        found = _bearing(groups[0]).match(text, at)
        if found:
            return Party(family, Name(Stretch(*found.span())))
    return None


def party_before(text: str, at: int, vocabulary: Vocabulary) -> Party | None:
    """The party right before it: « le socialiste Rochat »."""
    for family, groups in vocabulary.by_family.items():
        found = re.search(rf"(?:\b(?:la|le|l'|les) ?)(?:{said_forms(groups[0])}) $", text[:at])
        if found:
            return Party(family, Name(Stretch(found.start(), found.end())))
    return None


@lru_cache(maxsize=500)
def _pattern(group: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:\b(?P<article>{_ARTICLE})|(?<![\w'-]))(?P<body>{_BODY})?"
        rf"(?P<form>{said_forms(group)})(?![\w-])"
    )


@lru_cache(maxsize=500)
def _bearing(group: str) -> re.Pattern[str]:
    return re.compile(
        rf",? \(?(?:(?:du|des|de la|pour le|pour les|le|la|les|elue?) |de l'|l')?{_BODY}?"
        rf"(?:{said_forms(group)})(?![\w-])\)?"
    )


def _party(question: Folded, family: str, match: re.Match[str]) -> Party | None:
    article = match["article"] or ""
    typed = question.typed(Stretch(*match.span("form")))
    acronym = len(typed) <= _LONGEST_ACRONYM and typed.isupper()
    if not (acronym or match["body"] or article) or (
        family in _CAPITAL_NEEDED and not match["body"] and not _capital(typed)
    ):
        return None
    contracted = article.strip().split(" ")[0] if _CONTRACTED.match(article) else ""
    name = Name(Stretch(*match.span()), contracted.replace("d'", "de"))
    among = _AMONG.search(question.text[: match.start()]) or re.search(
        r"\b(?:de la part|au sein|du cote) $", question.text[: match.start()]
    )
    return Party(family, name, Asked.YES if among else asked(question.text, name))


def _capital(typed: str) -> bool:
    return any(word[:1].isupper() for word in typed.split()[:1])


def _joined(text: str, found: list[Party], party: Party) -> Party:
    """« Que disent les Verts et le PLR »: what is asked of the first is asked of the second."""
    if not found or party.asked:
        return party
    if re.fullmatch(r" ?(?:,|et|ou|and|und) ", text[found[-1].whole.end : party.whole.start]):
        return Party(party.family, party.name, found[-1].asked)
    return party
