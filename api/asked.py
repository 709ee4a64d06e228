"""What a question names: the person whose words it asks for, and names that an answer must hold.

Pure. « Qu'a dit Madame Fontanet sur... » wants her words, nobody else's; « l'amendement de Rochat »
names no speaker. A surname that two people bear decides nothing unless the first name is there too.
"""

import re
from collections.abc import Iterable

from search.french import fold, stems
from search.objects import TYPES

_TITLE = r"(?:(?:la |le )?(?:m|mr|mme|monsieur|madame|conseiller|conseillere)[. ]+)*"
_SAYS = (
    r"(?:dit|disait|repondu|repond|declare|demande|propose|pense|explique|affirme|promis|annonce"
    r"|soutenu|defendu|reproche|critique|raconte)"
)
_BEFORE = rf"(?:\b{_SAYS}|\bselon|\bd'apres|\b(?:avis|position|opinion|propos|mots|discours) de)"
_AFTER = rf"(?:(?: a| [a-z]+)?-t-(?:il|elle)\b| {_SAYS}\b)"

_CODE = re.compile(rf"(?:{'|'.join(TYPES)})\d+")
_COMMON = frozenset(
    (
        "m",
        "mr",
        "mme",
        "monsieur",
        "madame",
        "messieurs",
        "mesdames",
        "conseil",
        "ville",
        "commune",
        "etat",
    )
)


def person_asked(question: str, people: Iterable[str]) -> str | None:
    """The one of `people` (full names) whose words are asked for, or None."""
    folded = fold(question)
    asked = {name for name in people if _is_asked(folded, name)}
    if len(asked) > 1:
        asked = {name for name in asked if fold(name) in folded}
    return asked.pop() if len(asked) == 1 else None


def _is_asked(question: str, name: str) -> bool:
    first, _, last = fold(name).partition(" ")
    if (last or first) not in question:  # a roster's patterns would not fit in re's cache
        return False
    called = rf"{_TITLE}(?:{re.escape(first)} )?{re.escape(last or first)}"
    if re.search(rf"{_BEFORE},? {called}\b", question):
        return True
    of_another_thing = re.search(rf"\b(?:de |d'){called}{_AFTER}", question)
    return bool(re.search(rf"\b{called}{_AFTER}", question)) and not of_another_thing


def names_in(question: str) -> frozenset[str]:
    """Stems of the question's proper names and object codes: Lausanne, PR-12.

    Somewhere else's cycle track is no answer to a question about Lausanne's.
    """
    words = re.findall(r"[\w'’-]+", question)
    capitals = " ".join(w for w in words[1:] if w[:1].isupper() and fold(w) not in _COMMON)
    codes = (stem for stem in stems(question) if _CODE.fullmatch(stem))
    return frozenset(stems(capitals)) | frozenset(codes)
