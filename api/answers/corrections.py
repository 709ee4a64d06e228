"""What was said later against a quotation's figure, as a quotation of its own, with its label.

`search.facts` finds it; here it gets the words that a reader is shown, and its place: before what
it corrects, or after, where the question is for what was said then, or by somebody else. Knows
nothing of how quotations are chosen.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from api.answers.citation import Quote, names_of
from api.answers.worded import Worded
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.french_dates import day_of_year
from ingest.text import fold
from search.facts.figures import Kind
from search.facts.lookup import FoundCorrection, WordRange
from search.filters import Filters
from search.query.parsed import Field, Intent, Query

_ASKED = {
    Intent.AMOUNT: (Kind.AMOUNT, Kind.SHARE),
    Intent.HOW_MANY: (Kind.COUNT, Kind.SHARE, Kind.DURATION, Kind.AMOUNT),
    Intent.WHEN: (Kind.DATE, Kind.HOUR, Kind.DURATION),
}
"""The figures that a question is for; all of them, where it asks for no figure."""

_NEWEST = re.compile(
    r"(?:nouve(?:au|aux|l|lle|lles)|finale?s?|finalement|desormais|maintenant|actuel\w*|a jour"
    r"|dernier\w*|corrig\w+|rectifi\w+|definiti\w+|revue?s?|annonc\w+)"
)


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
    date: date
    speaker: str | None

    def fits(self, filters: Filters) -> bool:
        """Is it of the sessions and the people that a question is narrowed to?"""
        since, until = filters.since or date.min, filters.until or date.max
        return (
            since <= self.date <= until
            and (not filters.sessions or self.quote.session in filters.sessions)
            and (not filters.people or self.speaker in filters.people)
        )


class Finder(Protocol):
    """Finds what corrects quoted words: `search.facts.lookup.CorrectionFinder` does."""

    def of(
        self, quoted: WordRange, kinds: Collection[Kind] = tuple(Kind)
    ) -> FoundCorrection | None:
        """The newest statement that corrects a figure of these kinds, if there is one."""


def corrections(
    published: Published, finder: Finder, quotes: Sequence[Quote], query: Query | None = None
) -> Mapping[int, Correction]:
    """What corrects each of some quotes, by its place among them; a session gone since has none.

    Only the figures that the query is for count.
    """
    kinds = _ASKED.get(query.intent, tuple(Kind)) if query else tuple(Kind)
    corrected = {}
    for n, quote in enumerate(quotes):
        try:
            session = published.session(quote.session)
            quoted = WordRange(session, quote.turn, quote.first_word, quote.last_word)
            if (found := finder.of(quoted, kinds)) is not None:
                corrected[n] = _correction(published, quote, session.date, found)
        except NotFound:
            continue
    return corrected


def corrected(
    published: Published, finder: Finder, quotes: Sequence[Quote], query: Query
) -> dict[Quote, str | None]:
    """Quotes with their labels, each with what corrects it; no word twice."""
    found = corrections(published, finder, quotes, query)
    shown: dict[Quote, str | None] = {}
    for quote, label in _ordered(quotes, found, query.filters):
        same = next((other for other in shown if quote.overlaps(other)), quote)
        shown[same] = shown.get(same) or label
    return shown


def _ordered(
    quotes: Sequence[Quote], found: Mapping[int, Correction], filters: Filters
) -> Iterator[tuple[Quote, str | None]]:
    for n, quote in enumerate(quotes):
        correction = found.get(n)
        if correction is None:
            yield quote, None
            continue
        pair = [(correction.quote, correction.label), (quote, None)]
        yield from pair if correction.fits(filters) else reversed(pair)


def asked_before(query: Query) -> Query | None:
    """The question without its period, where it is for what is new in it; None for any other.

    « le nouveau coût annoncé en mai » is told by what corrects, in May, what was said before.
    """
    timed = {Field.PERIOD, Field.SESSION}
    chips = tuple(chip for chip in query.chips if chip.field not in timed)
    topic, sentence = (_without_newest(text) for text in (query.topic, query.sentence))
    if chips == query.chips or topic == query.topic:
        return None
    return replace(query, chips=chips, topic=topic, sentence=sentence)


def _without_newest(text: str) -> str:
    return " ".join(word for word in text.split() if not _NEWEST.fullmatch(fold(word)))


def _correction(
    published: Published, quote: Quote, said_on: date, found: FoundCorrection
) -> Correction:
    place = found.place
    words = Quote(place.session.id, place.turn, place.first_word, place.last_word)
    name = names_of(published, place.session.id).get(place.turn.speaker or "")
    if place.session.id != quote.session:
        corrected_on = _day(place.session.date, said_on)
        since = f"Corrigé depuis, le {corrected_on}"
        label, how = Worded(since, "vote.corrected_since", day=place.session.date), How.SUPERSEDED
    else:
        own = place.turn.speaker is not None and place.turn.speaker == quote.turn.speaker
        is_corrected = own or found.statement.admitted
        verb, key = ("Corrigé", "corrected") if is_corrected else ("Contredit", "contradicted")
        if name:
            label = Worded(f"{verb} ensuite par {name}", f"vote.{key}_by", name=name)
        else:
            label = Worded(f"{verb} ensuite dans la séance", f"vote.{key}")
        how = How.SUPERSEDED if own else How.REBUTTED
    return Correction(words, label, how, place.session.date, name)


def _day(when: date, said_on: date) -> str:
    """A day, with its year where that is another than that of what it corrects."""
    return day_of_year(when) + (f" {when.year}" if when.year != said_on.year else "")
