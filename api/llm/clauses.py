"""What a quotation's clauses affirm, deny and merely wish for, and of which of a council's objects.

Enough to tell a claim from its opposite. Pure, and no grammar: a clause is cut at punctuation and
at a few conjunctions, is negated or wished for as a whole when it holds a word that does so, and
speaks of the objects that it names, else of those named last. Errs towards seeing a difference.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ingest.text import fold
from search.language.stems import stems, tokens

# Where clauses end: at punctuation before a space, at a full stop but that of "M." or "MM.", and at
# conjunctions after which another subject may follow.
CUT = re.compile(
    r"(?<![,;:!?…])[,;:!?…]++(?=\s|$)"
    r"|(?:(?<!\.)(?<!\bM)(?<!\bMM)|(?<=\bM\.)|(?<=\bMM\.))\.++(?=\s|$)"
    r"|\s(?:mais|car|donc|tandis que|alors que|cependant|toutefois|pourtant|puis)\s",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\bn'|\b(?:ne|pas|jamais|aucune?s?|sans|ni|nul|nulle|rien|guere|nullement)\b"
)
# Conditions, obligations, verbs of asking, and the conditional mood by its endings.
_WISHED = re.compile(
    r"\b(?:si|s'il|s'ils|soit|soient|faut|doit|doivent|devons|peut|peuvent|pourvu|avant de|afin"
    r"|pour que|souhait\w*|propos\w*|demand\w*|invit\w*|recommand\w*|veut|veulent|voulons|esper\w*"
    r"|preconis\w*|suggere\w*|si jamais|[a-z]+(?:rais|rait|rions|riez|raient))\b"
)
# What may become of an object, in every gender and as a noun.
_OUTCOME_WORDS = """
accepte acceptee acceptation adopte adoptee adoption approuve approuvee approbation refuse refusee
refus rejete rejetee rejet vote votee oui non abstention contre unanimite unanime majorite minorite
oppose opposee opposition soutien soutient soutenu favorable defavorable retire retiree retrait
renvoye renvoyee renvoi valide validee annule annulee abandonne abandonnee suspendu reporte reportee
"""
OUTCOMES = frozenset(stems(_OUTCOME_WORDS)) | {"votpour"}
# « accepter » only asks for it; « acceptée » says that it was done.
_ASKED = re.compile(
    r"\b(?:accept|adopt|approuv|refus|rejet|vot|oppos|sout|retir|renvoy|valid|annul|abandonn|report)"
    r"(?:er|ez|ons|enir)\b"
)
# « pour » as a vote, not as an aim: after a word of voting, at an end or before « contre ».
_FOR = re.compile(
    r"\b(?:vote\w*|voix|prononce\w*|est|sont|etait|suis|sommes|\d+) pour(?=$|[ ]*$| et\b| contre\b)"
    r"|\bvot\w+ (?:\w+ )?pour\b"
)
# The kinds of a council's objects; below, those that the letters of a code stand for.
_KINDS = frozenset(
    stems(
        """motion proposition petition resolution initiative interpellation amendement postulat
        article credit budget projet rapport preavis"""
    )
)
_KIND_OF = {
    letters: frozenset(stems(kinds))
    for letters, kinds in {
        "m": "motion",
        "pr": "proposition",
        "prd": "projet proposition",
        "p": "petition",
        "r": "resolution",
        "in": "initiative",
        "ie": "interpellation",
    }.items()
}
_CODE = re.compile(r"([a-z]{1,3})\d+")
PRONOUN = r"(?:elles?|ils?|cel(?:le|ui|les)-ci|ceux-ci|ce(?:tte|s)? dernier(?:e|s|es)?|cela|ca)\b"
_POINTS = re.compile(rf"\W*(?:(?:et|ou|puis|ainsi|enfin|ensuite) )?{PRONOUN}")


@dataclass(frozen=True)
class Clause:
    """The content words of a clause (stems), and how they are said.

    `objects` are the kinds (`motion`) and codes (`m7`) that it is about; `points`: its subject is a
    pronoun, so that where there are none, what it is about is unknown.
    """

    stems: frozenset[str]
    negated: bool
    wished: bool
    objects: frozenset[str] = frozenset()
    points: bool = False

    def is_about(self, objects: frozenset[str], agenda: frozenset[str]) -> bool:
        """Is it of these that it speaks? `agenda`: the codes of the item under which it is said.

        « L'amendement est refusé », under PR-12, does not say it of PR-12.
        """
        named = self.objects or (frozenset() if self.points else agenda)
        if not any(map(_CODE.fullmatch, named)):
            named |= {code for code in agenda if _kinds((code,)) & named}
        return objects <= named | _kinds(named)

    def bears(self, other: "Clause") -> bool:
        """Does what is said here allow what `other` says: as denied, and no less asserted?"""
        return self.negated == other.negated and (other.wished or not self.wished)


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text that say anything, in order."""
    read: list[Clause] = []
    objects: frozenset[str] = frozenset()
    for part in CUT.split(text):
        folded = fold(part)
        words = set(stems(part)) | ({"votpour"} if _FOR.search(folded) else set())
        if words:
            wished = bool(_WISHED.search(folded) or _ASKED.search(folded))
            objects = frozenset(words & _KINDS | codes(words)) or objects
            negated, points = bool(_NEGATED.search(folded)), bool(_POINTS.match(folded))
            read.append(Clause(frozenset(words), negated, wished, objects, points))
    return tuple(read)


def codes(words: Iterable[str]) -> frozenset[str]:
    """Those of some words that are codes of objects, as `pr12`."""
    return frozenset(word for word in words if _CODE.fullmatch(word))


def _kinds(named: Iterable[str]) -> frozenset[str]:
    matches = (_CODE.fullmatch(word) for word in named)
    return frozenset().union(*(_KIND_OF.get(m[1], frozenset()) for m in matches if m))


@dataclass(frozen=True)
class QuotedSource:
    """A verified quotation, as a sentence may rely on it, and what names it.

    `about`: the speaker's role and group, the point of the agenda and its object, the body.
    """

    quote: str
    speaker: str | None
    day: date
    about: tuple[str, ...] = ()

    @cached_property
    def said(self) -> list[str]:
        """The quotation's words in their normal form."""
        return tokens(self.quote)

    @cached_property
    def named(self) -> tuple[list[str], ...]:
        """What names it, in the same form."""
        return tuple(tokens(text) for text in (self.speaker or "", *self.about))

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """What the quotation affirms, denies and wishes."""
        return clauses(self.quote)
