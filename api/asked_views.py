"""How a question was understood, as readers see it: chips to take away, help after a refusal.

Pure. An exchange's address says all that it was: see `search.question.addressed`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from api.addresses import session_page
from api.answering.refusals import Help, Topic
from api.wording import day
from search.question.addressed import chips_of, context_of, filter_params, filters_from, to_params
from search.question.understood import Chip, Field, Understood
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
    """A point of the agenda that is near to what was asked. `page` is its place in its session.

    `day` is its session's date in words, "" for a session that is not published any more.
    """

    title: str
    object: str | None
    session: str
    day: str
    page: str

    @property
    def label(self) -> str:
        """The title, with the object's code when the title does not say it."""
        named = not self.object or self.object in self.title
        return self.title if named else f"{self.title} ({self.object})"


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
    """How a question was understood. `query` is the exchange's own address (a query string).

    `context` is what the next question says of this one, as its `avant`.
    """

    query: str
    context: str
    topic: str
    intent: str
    language: str
    chips: tuple[ChipView, ...]


def asked_view(
    asked: Understood, vocabulary: Vocabulary, answered: Sequence[str] = ()
) -> AskedView:
    """A question for readers, with what narrows it: what they chose, then what was read.

    `answered` are the people whose words answer it, the first one first.
    """
    explicit = tuple(chips_of(asked.explicit, vocabulary))
    twice = {chip.key for chip in explicit}
    chosen = (_chosen(chip, asked) for chip in explicit)
    read = (_read(chip, asked) for chip in asked.chips if chip.key not in twice)
    return AskedView(
        query=urlencode(to_params(asked)),
        context=context_of(asked, answered),
        topic=asked.topic,
        intent=str(asked.intent),
        language=asked.language,
        chips=(*chosen, *read),
    )


def help_view(offered: Help, asked: Understood, vocabulary: Vocabulary) -> HelpView:
    """What is near, with its addresses."""
    days = {sitting.id: day(sitting.date) for sitting in vocabulary.sessions}
    return HelpView(
        topics=tuple(_topic(topic, days.get(topic.session, "")) for topic in offered.topics),
        people=tuple(PersonView(name, _asking(asked, name)) for name in offered.people),
    )


def _chosen(chip: Chip, asked: Understood) -> ChipView:
    """A filter that was chosen; where the words say the same, both are taken away."""
    period = chip.field is Field.PERIOD
    left = filters_from(
        (name, value)
        for name, value in filter_params(asked.explicit)
        if not (name in ("du", "au") if period else (name, value) == (chip.field, chip.value))
    )
    said = {read.key for read in asked.chips if read.key == chip.key}
    without = replace(asked, explicit=left, removed=asked.removed | said)
    return _view(chip, urlencode(to_params(without)), chosen=True)


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


def _topic(topic: Topic, on: str) -> TopicView:
    page = f"{session_page(topic.session)}?t={topic.start_ms}#extrait"
    return TopicView(topic.title, topic.object, topic.session, on, page)


def _asking(asked: Understood, name: str) -> str:
    """The same question, of somebody else."""
    params = [*_params_without_people(asked), (str(Field.PERSON), name)]
    return urlencode(params)


def _params_without_people(asked: Understood) -> Iterator[tuple[str, str]]:
    read = {chip.key for chip in asked.only(Field.PERSON) if not chip.soft}
    gone = replace(asked, removed=asked.removed | read)
    return (param for param in to_params(gone) if param[0] != Field.PERSON)
