"""Whose amendment or motion is voted on, and where it is sent, as the words have it. Pure."""

import re
from collections.abc import Sequence

from ingest.text import fold
from ingest.transcript import Person

_NAME = r"(?P<name>(?:[A-ZÀ-Þ][\w'’-]++ ?){1,4})"
_TITLE = r"(?:[Mm]onsieur|[Mm]a ?dame|[Mm]\.|[Mm]me)"
_GROUP = (
    r"(?P<group>(?:groupe|parti) [\w-]+|[Vv]ert[\w·-]*|Centre|[Ss]ocialistes|[Ll]ibéraux[\w-]*|"
    r"[A-Z]{2,6}\b(?!-?\d| \d)|[Cc]ommission(?: (?:des?|du|de la) [\w-]+)?|"
    r"[Cc]onseil (?:administratif|d['’][ÉE]tat))"
)
_MOVED_BY = re.compile(
    r"(?:[Aa]m[ae]nd\w{1,12}|[Mm]otion|[Pp]roposition|[Pp]ostulat|[Rr][ée]solution)s? "
    rf"(?:d[eu]s? |d['’])(?:la )?(?:{_TITLE} {_NAME}|{_GROUP})"
)
_TAKES_BACK = re.compile(rf"{_TITLE} {_NAME}retir(?P<group>)")


def mover_of(noun: str, said: Sequence[str], roster: Sequence[Person]) -> str | None:
    """Whose `noun` (amendement, motion...) it is: a person of the roster, or who is named.

    `said` are the sentence of the vote, then those in which it was called, nearest first.
    """
    for n, text in enumerate(said):
        match = _MOVED_BY.search(text) or _TAKES_BACK.search(text)
        if match and (n == 0 or fold(noun)[:4] == fold(match[0])[:4]):
            return _full_name(match["name"], roster) if match["name"] else match["group"]
    return None


def _full_name(said: str, roster: Sequence[Person]) -> str:
    """The roster's person of that name, or the name as it was said."""
    wanted = fold(said).strip(" ,.").split()
    found = [p.name for p in roster if all(part in fold(p.name).split() for part in wanted)]
    return found[0] if len(found) == 1 else said.strip(" ,.")


def as_said(folded: str, text: str) -> str:
    """Folded words with the letters in which a text has them."""
    words = text.split()
    size = len(folded.split())
    for n in range(len(words) - size + 1):
        run = " ".join(words[n : n + size])
        if size and fold(run).strip(" ,.;:").endswith(folded):
            bare = run.strip(' ,.;:«»"()')
            return bare[2:] if bare[1:2] in ("'", "’") else bare
    return folded
