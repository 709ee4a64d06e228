"""What a reader may narrow a question to: the fields of the filters, each with its counted values.

Pure. Offers only what the published sessions name, whatever an index counted, and only fields in
which there is something to choose.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.french_dates import day
from ingest.text import fold
from search.filters import EVERYTHING, Count, Facets, Filters
from search.query.parsed import Field
from search.query.url import FIELDS
from search.query.vocabulary import KnownSession, Vocabulary

OFTEN = 8  # values that most passages have: they come first, the others in the order of names
FEW = 15  # values that need no such parting
MOST, MOST_PEOPLE = 60, 200  # values of one field: a page stays light
_LONGEST_LABEL = 70  # characters: a phone shows no more


@dataclass(frozen=True)
class FilterChoice:
    """A value that can be chosen, and how many passages it would leave."""

    value: str
    label: str
    passages: int
    picked: bool = False


@dataclass(frozen=True)
class FieldView:
    """One field, by its name in an address; `others` are in the order of their labels."""

    name: str
    often: tuple[FilterChoice, ...]
    others: tuple[FilterChoice, ...]


@dataclass(frozen=True)
class Panel:
    """All that can be chosen. `first` and `last` are the days of sessions (ISO 8601), None if all
    were on one day.
    """

    fields: tuple[FieldView, ...]
    first: str | None
    last: str | None

    def __bool__(self) -> bool:
        """Is there anything to choose?"""
        return bool(self.fields or self.first)


def panel_of(
    facets: Facets, vocabulary: Vocabulary, chosen: Filters, picked: Filters = EVERYTHING
) -> Panel:
    """The fields that leave a choice, without what is chosen already.

    `picked` is what the fields stand at, not asked yet.
    """
    days = vocabulary.dates
    several = len(days) > 1
    return Panel(
        fields=tuple(_fields(facets, vocabulary, chosen, picked)),
        first=days[-1].isoformat() if several else None,
        last=days[0].isoformat() if several else None,
    )


def together(standing: Filters, picked: Filters) -> Filters:
    """What both ask: a field's values are alternatives, a day that is picked replaces the other."""
    values = {
        name: tuple(dict.fromkeys((*getattr(standing, name), *getattr(picked, name))))
        for name in FIELDS.values()
    }
    since, until = picked.since or standing.since, picked.until or standing.until
    return Filters(**values, since=since, until=until)


def _fields(
    facets: Facets, vocabulary: Vocabulary, chosen: Filters, picked: Filters
) -> Iterator[FieldView]:
    for field, name in FIELDS.items():
        label = _label_of(field, vocabulary)
        counts: Sequence[Count] = getattr(facets, name)
        taken, own = getattr(chosen, name), getattr(picked, name)
        found = {count.value for count in counts}
        counts = [*counts, *(Count(value, 0) for value in own if value not in found)]
        known = [(count, text) for count in counts if (text := label(count.value))]
        choices = [
            FilterChoice(c.value, text, c.passages, c.value in own)
            for c, text in known
            if c.value not in taken
        ]
        if choices and len(known) > 1:
            yield _parted(field, choices, vocabulary)


def _parted(field: Field, choices: Sequence[FilterChoice], vocabulary: Vocabulary) -> FieldView:
    """The newest sessions come first; of other long lists, what most passages have."""
    if field is Field.SESSION:
        newest = {session.id: place for place, session in enumerate(vocabulary.sessions)}
        choices = sorted(choices, key=lambda choice: newest[choice.value])
    kept = tuple(choices[: MOST_PEOPLE if field is Field.PERSON else MOST])
    if field is Field.SESSION or len(kept) <= FEW:
        return FieldView(str(field), kept, ())
    others = sorted(kept[OFTEN:], key=lambda choice: fold(choice.label))
    return FieldView(str(field), kept[:OFTEN], tuple(others))


def _label_of(field: Field, vocabulary: Vocabulary) -> Callable[[str], str]:
    """How a field's values are shown; "" for what no published session names."""
    labels = {
        Field.PERSON: lambda: _same(member.name for member in vocabulary.people),
        Field.GROUP: lambda: _same(vocabulary.groups),
        Field.BODY: lambda: _same(vocabulary.bodies),
        Field.ITEM: lambda: _same(_without_object(vocabulary)),
        Field.SESSION: lambda: {s.id: _dated_title(s) for s in vocabulary.sessions},
        Field.OBJECT: lambda: {code: _object(code, named) for code, named in vocabulary.objects},
    }[field]()
    return lambda value: _short(labels.get(value, ""))


def _without_object(vocabulary: Vocabulary) -> Iterator[str]:
    """The points that are no object's: those are chosen by their object."""
    objects = {title for _, titles in vocabulary.objects for title in titles}
    return (title for title in vocabulary.items if title not in objects)


def _same(values: Iterable[str]) -> dict[str, str]:
    return {value: value for value in values}


def _dated_title(session: KnownSession) -> str:
    dated = str(session.date.year) in session.title
    return session.title if dated else f"{session.title}, {_day(session.date)}"


def _day(when: date) -> str:
    return day(when).partition(" ")[2]


def _object(code: str, titles: Sequence[str]) -> str:
    title = titles[0] if titles else code
    return title if code in title else f"{code} : {title}"


def _short(text: str) -> str:
    if len(text) <= _LONGEST_LABEL:
        return text
    return text[:_LONGEST_LABEL].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
