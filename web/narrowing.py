"""What a reader may narrow a question to: the fields of the filters, each with its counted values.

Pure. Offers only what the published sessions name, whatever an index counted, and only fields in
which there is something to choose.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from api.wording import day
from search.addressed import FIELDS
from search.filters import Count, Facets, Filters
from search.understood import Field
from search.vocabulary import Sitting, Vocabulary

OFTEN = 8  # values that most passages have: they come first, the others in the order of names
FEW = 15  # values that need no such parting
MOST = 120  # values of one field: a page stays light
_LONGEST_LABEL = 70  # characters: a phone shows no more


@dataclass(frozen=True)
class Choice:
    """A value that can be chosen, and how many passages it would leave."""

    value: str
    label: str
    passages: int


@dataclass(frozen=True)
class FieldView:
    """One field, by its name in an address; `others` are in the order of their labels."""

    name: str
    often: tuple[Choice, ...]
    others: tuple[Choice, ...]


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


def panel_of(facets: Facets, vocabulary: Vocabulary, chosen: Filters) -> Panel:
    """The fields that leave a choice, without what is chosen already."""
    days = vocabulary.dates
    several = len(days) > 1
    return Panel(
        fields=tuple(_fields(facets, vocabulary, chosen)),
        first=days[-1].isoformat() if several else None,
        last=days[0].isoformat() if several else None,
    )


def _fields(facets: Facets, vocabulary: Vocabulary, chosen: Filters) -> Iterator[FieldView]:
    for field, name in FIELDS.items():
        label = _label_of(field, vocabulary)
        counts: Sequence[Count] = getattr(facets, name)
        known = [(count, text) for count in counts if (text := label(count.value))]
        taken = getattr(chosen, name)
        choices = [Choice(c.value, text, c.passages) for c, text in known if c.value not in taken]
        if choices and len(known) > 1:
            yield _parted(str(field), choices[:MOST])


def _parted(name: str, choices: Sequence[Choice]) -> FieldView:
    if len(choices) <= FEW:
        return FieldView(name, tuple(choices), ())
    others = sorted(choices[OFTEN:], key=lambda choice: choice.label.casefold())
    return FieldView(name, tuple(choices[:OFTEN]), tuple(others))


def _label_of(field: Field, vocabulary: Vocabulary) -> Callable[[str], str]:
    """How a field's values are shown; "" for what no published session names."""
    labels = {
        Field.PERSON: lambda: _same(member.name for member in vocabulary.people),
        Field.GROUP: lambda: _same(vocabulary.groups),
        Field.BODY: lambda: _same(vocabulary.bodies),
        Field.ITEM: lambda: _same(vocabulary.items),
        Field.SESSION: lambda: {s.id: _sitting(s) for s in vocabulary.sessions},
        Field.OBJECT: lambda: {code: _object(code, named) for code, named in vocabulary.objects},
    }[field]()
    return lambda value: _short(labels.get(value, ""))


def _same(values: Iterable[str]) -> dict[str, str]:
    return {value: value for value in values}


def _sitting(session: Sitting) -> str:
    dated = str(session.date.year) in session.title
    return session.title if dated else f"{session.title}, {_day(session.date)}"


def _day(when: date) -> str:
    return day(when).partition(" ")[2]


def _object(code: str, titles: Sequence[str]) -> str:
    title = next(islice(titles, 1), "")
    if not title or title == code:
        return code
    return title if title.startswith(code) else f"{code} : {title}"


def _short(text: str) -> str:
    if len(text) <= _LONGEST_LABEL:
        return text
    return text[:_LONGEST_LABEL].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
