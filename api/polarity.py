"""What French clauses affirm, deny and merely wish for: enough to tell a claim from its opposite.

Pure, and no grammar: a clause is cut at punctuation and at a few conjunctions, and is negated or
wished for as a whole when it holds a word that does so. Errs towards seeing a difference.
"""

import re
from dataclasses import dataclass

from ingest.text import fold
from search.french import stems

_CUT = re.compile(
    r"[,;:!?…]+(?=\s|$)|(?<!\bM)(?<!\bMM)\.+(?=\s|$)|\s(?:mais|car|donc|tandis que|alors que"
    r"|cependant|toutefois|pourtant|puis)\s",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\bn'|\b(?:ne|pas|jamais|aucune?s?|sans|ni|nul|nulle|rien|guere|nullement)\b"
)
_WISHED = re.compile(
    r"\b(?:si|s'il|s'ils|soit|soient|faut|doit|doivent|devons|peut|peuvent|pourvu|avant de|afin"
    r"|pour que|souhait\w*|propos\w*|demand\w*|invit\w*|recommand\w*|veut|veulent|voulons|esper\w*"
    r"|preconis\w*|suggere\w*|si jamais|[a-z]+(?:rais|rait|rions|riez|raient))\b"
)
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
_FOR = re.compile(
    r"\b(?:vote\w*|voix|prononce\w*|est|sont|etait|suis|sommes|\d+) pour(?=$|[ ]*$| et\b| contre\b)"
    r"|\bvot\w+ (?:\w+ )?pour\b"
)


@dataclass(frozen=True)
class Clause:
    """The content words of a clause (stems), and how they are said."""

    stems: frozenset[str]
    negated: bool
    wished: bool

    def bears(self, other: "Clause") -> bool:
        """Does what is said here allow what `other` says: as denied, and no less asserted?"""
        return self.negated == other.negated and (other.wished or not self.wished)


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text that say anything, in order."""
    found = []
    for part in _CUT.split(text):
        folded = fold(part)
        words = set(stems(part)) | ({"votpour"} if _FOR.search(folded) else set())
        if words:
            wished = bool(_WISHED.search(folded) or _ASKED.search(folded))
            found.append(Clause(frozenset(words), bool(_NEGATED.search(folded)), wished))
    return tuple(found)
