"""What was said later against a quotation's figure, as a quotation of its own, with its label.

`search.facts` finds it; here it gets words a reader is shown. Knows nothing of how answers are put
together, but for one thing: a correction is never shown after what it corrects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from api.answers.citation import Quote, names_of
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.french_dates import MONTHS
from search.facts.lookup import Found, Place


class How(StrEnum):
    """What became of a figure."""

    SUPERSEDED = "superseded"  # another one took its place later, or its own speaker corrected it
    REBUTTED = "rebutted"  # somebody else said in the same session that it is not so


@dataclass(frozen=True)
class Correction:
    """The words that correct a quotation, whole; `label` says of them what they do, in French."""

    quote: Quote
    label: str
    how: How


class Finder(Protocol):
    """Finds what corrects quoted words: `search.facts.lookup.CorrectionFinder` does."""

    def of(self, quoted: Place) -> Found | None:
        """The newest statement that corrects a figure of these words, if there is one."""


def corrections(
    published: Published, finder: Finder, quotes: Sequence[Quote]
) -> Mapping[int, Correction]:
    """What corrects each of some quotes, by its place among them; a session gone since has none."""
    corrected = {}
    for n, quote in enumerate(quotes):
        try:
            session = published.session(quote.session)
            found = finder.of(Place(session, quote.turn, quote.first_word, quote.last_word))
            if found is not None:
                corrected[n] = _correction(published, quote, session.date, found)
        except NotFound:
            continue
    return corrected


def _correction(published: Published, quote: Quote, said_on: date, found: Found) -> Correction:
    place = found.place
    words = Quote(place.session.id, place.turn, place.first_word, place.last_word)
    if place.session.id != quote.session:
        label = f"Corrigé depuis, le {_day(place.session.date, said_on)}"
        return Correction(words, label, How.SUPERSEDED)
    name = names_of(published, quote.session).get(place.turn.speaker or "")
    by = f"par {name}" if name else "dans la séance"
    own = place.turn.speaker is not None and place.turn.speaker == quote.turn.speaker
    verb = "Corrigé" if own or found.statement.admitted else "Contredit"
    return Correction(words, f"{verb} ensuite {by}", How.SUPERSEDED if own else How.REBUTTED)


def _day(when: date, said_on: date) -> str:
    """A day, with its year where that is another than that of what it corrects."""
    number = "1er" if when.day == 1 else str(when.day)
    year = f" {when.year}" if when.year != said_on.year else ""
    return f"{number} {MONTHS[when.month - 1]}{year}"
