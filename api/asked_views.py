"""How a question was understood, as readers see it: chips to take away, help after a refusal.

Pure. An exchange's address says all that it was: see `search.addressed`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from api.addresses import session_page
from api.refusals import Help, Topic
from search.addressed import chips_of, to_params
from search.understood import Chip, Field, Understood
from search.vocabulary import Vocabulary


@dataclass(frozen=True)
class ChipView:
    """A filter as it is shown. `without` is the address (a query string) less this filter.

    `words` are those of the question that it was read from; `chosen`: the reader chose it beside
    the question; `carried`: it comes from the question before; `soft`: preferred, not required.
    """

    field: str
    value: str
    label: str
    words: str
    soft: bool
    carried: bool
    chosen: bool
    without: str


@dataclass(frozen=True)
class TopicView:
    """A point of the agenda that is near to what was asked. `page` is its place in its session."""

    title: str
    object: str | None
    session: str
    page: str


@dataclass(frozen=True)
class PersonView:
    """Somebody else who spoke of it; `query` asks the same of them (a query string)."""

    name: str
    query: str


@dataclass(frozen=True)
class HelpView:
    """Where a reader may look further after a refusal."""

    topics: tuple[TopicView, ...] = ()
    people: tuple[PersonView, ...] = ()


NO_HELP = HelpView()


@dataclass(frozen=True)
class AskedView:
    """How a question was understood. `query` is the exchange's own address (a query string)."""

    query: str
    topic: str
    intent: str
    language: str
    chips: tuple[ChipView, ...]


def asked_view(asked: Understood, vocabulary: Vocabulary) -> AskedView:
    """A question for readers, with what narrows it: what they chose, then what was read."""
    chosen = (_chosen(chip, asked) for chip in chips_of(asked.explicit, vocabulary))
    read = (_read(chip, asked) for chip in asked.chips)
    return AskedView(
        query=urlencode(to_params(asked)),
        topic=asked.topic,
        intent=str(asked.intent),
        language=asked.language,
        chips=(*chosen, *read),
    )


def help_view(offered: Help, asked: Understood) -> HelpView:
    """What is near, with its addresses."""
    return HelpView(
        topics=tuple(map(_topic, offered.topics)),
        people=tuple(PersonView(name, _asking(asked, name)) for name in offered.people),
    )


def _chosen(chip: Chip, asked: Understood) -> ChipView:
    gone = {("du", asked.explicit.since), ("au", asked.explicit.until)}
    dropped = {(name, day.isoformat()) for name, day in gone if day}
    if chip.field is not Field.PERIOD:
        dropped = {(str(chip.field), chip.value)}
    rest = [param for param in to_params(asked) if param not in dropped]
    return _view(chip, urlencode(rest), chosen=True)


def _read(chip: Chip, asked: Understood) -> ChipView:
    without = replace(asked, removed=asked.removed | {chip.key})
    return _view(chip, urlencode(to_params(without)), chosen=False)


def _view(chip: Chip, without: str, *, chosen: bool) -> ChipView:
    return ChipView(
        field=str(chip.field),
        value=chip.value,
        label=chip.label,
        words=chip.words,
        soft=chip.soft,
        carried=chip.carried,
        chosen=chosen,
        without=without,
    )


def _topic(topic: Topic) -> TopicView:
    page = f"{session_page(topic.session)}?t={topic.start_ms}#extrait"
    return TopicView(topic.title, topic.object, topic.session, page)


def _asking(asked: Understood, name: str) -> str:
    """The same question, of somebody else."""
    params = [*_params_without_people(asked), (str(Field.PERSON), name)]
    return urlencode(params)


def _params_without_people(asked: Understood) -> Iterator[tuple[str, str]]:
    read = {chip.key for chip in asked.only(Field.PERSON) if not chip.soft}
    gone = replace(asked, removed=asked.removed | read)
    return (param for param in to_params(gone) if param[0] != Field.PERSON)
