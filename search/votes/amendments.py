"""Amendments by their numbers, and articles, as a council names them. Pure.

`l'amendement n° 8`, `les amendements identiques nos 12 et 15`, `le sous-amendement 5374`: each is
an object with a code of its own, `AM-8`; sub-amendments are numbered in the same series.
"""

import re
from collections.abc import Sequence

from search.votes.tallies import council_normal

KIND = "AM-"
"""How the codes of amendments begin."""

_NO = r"(?:(?:numeros?|n ?[o°]s? ?°?|nos?|n)\.? ?)?"
_FIGURE = r"[1-9]\d{0,4}(?: rect\w*)?"
_UNITS = (
    r"(?! (?:oui|nons?|voix|francs?|euros?|millions?|pour ?cent|amendements?|abst\w+)\b"
    r"|[.,]\d|\d|%)"
)
_NUMBERED = re.compile(
    rf"\b(?P<sub>sous[- ])?(?:l?am[ae]nd[ea]?m\w*|amdts?)(?: identiques?)?(?: portant)?(?: les?)?"
    rf",? {_NO}(?P<numbers>{_FIGURE}{_UNITS}(?:(?:, ?| et | ou |, et | ){_NO}{_FIGURE}{_UNITS})*)"
)
_MAY = re.compile(r"am[ae]nd|amdt", re.IGNORECASE)
_EACH = re.compile(r"\d+")
_THOUSANDS = re.compile(r"\b([1-9]) (\d{3})\b")
_SAME = r"(?: (?:bis|ter|quater|quinquies))*"
_ARTICLE = re.compile(
    rf"\barticle (?P<number>premier|1er|[1-9]\d{{0,3}})(?P<more>{_SAME})"
    rf"|\barticles (?P<from>premier|1er|[1-9]\d{{0,3}}){_SAME}"
    rf"(?P<list>(?:(?:, ?| et | a | au ){{1}}(?:l'article )?[1-9]\d{{0,3}}{_SAME}){{1,20}})"
)
MOST_NAMED = 3  # numbers in a sentence of ours: more are counted


def amendments_in(text: str) -> tuple[str, ...]:
    """The codes of the amendments that a text names by number, in order, each once.

    >>> amendments_in("Je mets aux voix les amendements identiques nos 12 et 15.")
    ('AM-12', 'AM-15')
    """
    return amendments_of(council_normal(text)) if _MAY.search(text) else ()


def amendments_of(normal: str) -> tuple[str, ...]:
    """The same, of a text in the form of `council_normal`."""
    joined = _THOUSANDS.sub(r"\1\2", normal)
    found = (n for match in _NUMBERED.finditer(joined) for n in _EACH.findall(match["numbers"]))
    return tuple(dict.fromkeys(f"{KIND}{int(number)}" for number in found))


def amendment_noun(normal: str, codes: Sequence[str]) -> str:
    """What these amendments are called: `amendement n° 8`, `sous-amendements n° 5372, 5376`."""
    subordinate = "sous-" if re.search(r"\bsous[- ]amend", normal) else ""
    numbers = ", ".join(code.removeprefix(KIND) for code in codes)
    if not numbers:
        return f"{subordinate}amendement"
    return f"{subordinate}amendement{'s' if len(codes) > 1 else ''} n° {numbers}"


def article_noun(normal: str) -> str:
    """`article 4`, `article 1er bis`, `articles 4 à 8`; "article" where its number is not said."""
    match = _ARTICLE.search(normal)
    if not match:
        return "articles" if re.search(r"\barticles\b", normal) else "article"
    first = match["number"] or match["from"]
    number = "1er" if first in ("premier", "1er", "1") else first
    if match["list"]:
        several = re.sub(r" a(?:u)? ", " à ", match["list"]).replace("l'article ", "")
        return f"articles {number}{several}"
    return f"article {number}{match['more']}"
