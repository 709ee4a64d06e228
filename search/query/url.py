"""An exchange as the query of an address: what a reader can share, and go back from.

The parameters are q, personne, groupe, seance, organe, objet, point, du, au, sans (the key of a
chip taken away), sujet (a topic carried) and avant (the exchange before, as such a query itself).
Within avant, reponse names each of the people whose words answered, the first one first: « Qu'a-t-
il répondu ? » may mean them, and the exchange before is not answered again to know.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import urlencode

from ingest.errors import BadInput
from search.filters import Filters
from search.query.parsed import Chip, Field, Query, period_value
from search.query.periods import Period
from search.query.vocabulary import Vocabulary

Params = list[tuple[str, str]]

FIELDS = {
    Field.PERSON: "people",
    Field.GROUP: "groups",
    Field.SESSION: "sessions",
    Field.BODY: "bodies",
    Field.OBJECT: "objects",
    Field.ITEM: "items",
}
MAX_QUESTION = 500  # characters
MOST_VALUES = 50  # of all fields: more is no reader's choice, and each makes links to all others
ANSWERED = "reponse"


def to_params(query: Query) -> Params:
    """The parameters of an exchange, in the order of the module's list."""
    return params_of(query.question, query.explicit, sorted(query.removed), query.before)


def params_of(question: str, filters: Filters, removed: Iterable[str], before: str) -> Params:
    """The same of what is asked, chosen, taken away and leant on."""
    params = [("q", question), *filter_params(filters)]
    params += [("sans", key) for key in removed]
    return params + ([("avant", before)] if before else [])


def context_of(query: Query, answered: Sequence[str] = ()) -> str:
    """An exchange as the `avant` of the next one. It holds all that it carried: it never nests.

    So is what it was read to ask after the one before it: alone, « Et M. Girard ? » asks nothing.
    `answered` are the people whose words answered it, the first one first.
    """
    params = [("q", query.question), *filter_params(query.explicit)]
    for chip in query.chips:
        if chip.carried or (query.before and not chip.soft):
            params += _chip_params(chip)
    params += [("sans", key) for key in sorted(query.removed)]
    params += [(ANSWERED, name) for name in answered]
    return urlencode(list(dict.fromkeys(params)))


def filter_params(filters: Filters) -> Params:
    """The parameters of filters."""
    params = [
        (str(field), value) for field, name in FIELDS.items() for value in getattr(filters, name)
    ]
    days = ("du", filters.since), ("au", filters.until)
    return params + [(name, day.isoformat()) for name, day in days if day]


def filters_from(params: Iterable[tuple[str, str]]) -> Filters:
    """The filters of an address. Raises `BadInput` for a date that cannot be read."""
    params = list(params)
    chosen = dict.fromkeys((key, v) for key, v in params if key in FIELDS and v)
    kept = list(chosen)[:MOST_VALUES]
    values = {name: tuple(v for key, v in kept if key == field) for field, name in FIELDS.items()}
    first = dict(reversed(params))
    return Filters(**values, since=day_of(first.get("du", "")), until=day_of(first.get("au", "")))


def day_of(text: str) -> date | None:
    """A date as an address writes it, None for "". Raises `BadInput` for anything else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"La date « {text[:40]} » ne peut pas être lue : écrivez-la AAAA-MM-JJ, par exemple"
            " 2025-03-11."
        ) from error


def chips_of(filters: Filters, vocabulary: Vocabulary) -> Iterator[Chip]:
    """Filters as chips with their French labels, hard, as if they had been read."""
    for field, name in FIELDS.items():
        label = _labels(field, vocabulary)
        for value in getattr(filters, name):
            yield Chip(field, value, label(value))
    if filters.since or filters.until:
        value = period_value(filters.since, filters.until)
        yield Chip(Field.PERIOD, value, Period(filters.since, filters.until).label)


def _labels(field: Field, vocabulary: Vocabulary) -> Callable[[str], str]:
    if field is Field.SESSION:
        sessions = {session.id: session.title for session in vocabulary.sessions}
        return lambda value: sessions.get(value, value)
    if field is Field.OBJECT:
        titles = {code: named for code, named in vocabulary.objects if len(named) == 1}
        return lambda value: titles[value][0] if value in titles else value
    return lambda value: value


def _chip_params(chip: Chip) -> Params:
    if chip.field is not Field.PERIOD:
        return [(str(chip.field), chip.value)]
    since, _, until = chip.value.partition("/")
    return [(name, day) for name, day in (("du", since), ("au", until)) if day]
