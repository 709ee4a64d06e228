"""Are a sentence's numbers and dates those of the quotations that it cites?

Pure. Spoken or written, a number has one form (`search.language.numbers`). It must be there, count
what it counts there, and stand on the same side of « contre ».
"""

import re
from collections.abc import Sequence

from api.llm.source import Source
from ingest.french_dates import FOLDED_MONTHS as MONTHS
from ingest.text import fold
from search.language.numbers import normal_numbers
from search.language.stems import stems, tokens

_DATE = rf"(?:(\d{{1,2}}|premier) )?\b({'|'.join(MONTHS)})\b(?: (\d{{4}}))?"
_WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?"
_OF_SITTING = re.compile(
    rf"\b(?:seance|assemblee|reunion)\b[\w' ]{{0,30}}?\b(?:du|de|d'|en) {_WEEKDAY}{_DATE}"
    rf"|^(?:le|en) {_WEEKDAY}{_DATE}(?=,)"
)
_VOTES = frozenset(stems("oui non abstention voix contre"))
_FEW = {"un": "1", "une": "1", "aucun": "0", "aucune": "0", "zero": "0"}


def _day(found: tuple[str | None, ...]) -> tuple[int | None, int, int | None]:
    number, month, year = found
    day = 1 if number == "premier" else int(number) if number else None
    return day, MONTHS.index(month or "") + 1, int(year) if year else None


def _dates(text: str) -> list[tuple[int | None, int, int | None]]:
    return [_day(match.groups()) for match in re.finditer(_DATE, text)]


def without_sitting(sentence: str, cited: Sequence[Source]) -> str:
    """The sentence in its normal form, less a date that is the cited sitting's own."""

    def told(match: re.Match[str]) -> str:
        groups = match.groups()
        day, month, year = _day(groups[:3] if groups[1] else groups[3:])
        for at in (source.day for source in cited):
            if month == at.month and day in (None, at.day) and year in (None, at.year):
                return "seance"
        return match.group()

    return _OF_SITTING.sub(told, normal_numbers(fold(sentence)))


def wrong_date(sentence: str, cited: Sequence[Source]) -> bool:
    """Does it name a day, month or year that is neither said nor the cited sitting's?"""
    said = [at for s in cited for at in _dates(normal_numbers(fold(s.quote)))]
    for wanted in _dates(without_sitting(sentence, cited)):
        if not any(all(w in (None, h) for w, h in zip(wanted, at, strict=True)) for at in said):
            return True
    return False


def wrong_number(sentence: str, cited: Sequence[Source]) -> bool:
    """Does it hold a number that is not there, or that counts something else there?"""
    told = tokens(without_sitting(sentence, cited))
    said = [source.said for source in cited]
    known = {word for s in cited for words in (s.said, *s.named) for word in words}
    if any(any(c.isdigit() for c in word) and word not in known for word in told):
        return True
    return _counts_otherwise(told, said) or bool(_opposed(told) - set().union(*map(_opposed, said)))


def _counts_otherwise(told: Sequence[str], said: Sequence[Sequence[str]]) -> bool:
    """« 41 non, 27 oui » where 41 said yes: right numbers, each with the other one's noun."""
    counted = {pair for words in said for pair in _counted(words)}
    nouns = {noun for _, noun in counted}
    return any(
        pair not in counted and (pair[1] in _VOTES or pair[1] in nouns) for pair in _counted(told)
    )


def _counted(words: Sequence[str]) -> list[tuple[str, str]]:
    """Each number with what it counts: (41, oui); `un` only where votes are counted."""
    pairs = []
    for at, word in enumerate(words):
        number = word if word[0].isdigit() else _FEW.get(word)
        rest = [noun for word in words[at + 1 : at + 3] for noun in stems(word)]
        if number and rest and (word not in _FEW or rest[0] in _VOTES):
            pairs.append((number, rest[0]))
    return pairs


def _opposed(words: Sequence[str]) -> set[tuple[str, str]]:
    """Numbers on both sides of `contre`, in their order."""
    pairs = set()
    for at, word in enumerate(words):
        before = [w for w in words[max(0, at - 3) : at] if w[0].isdigit()]
        after = [w for w in words[at + 1 : at + 4] if w[0].isdigit()]
        if word == "contre" and before and after:
            pairs.add((before[-1], after[0]))
    return pairs
