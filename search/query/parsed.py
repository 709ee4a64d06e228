"""A query: what a question is about, the kind of answer wanted, the filters in its words.

Types alone: `parse` and `followup` make queries, search, answers and pages read them. Every
filter that was read, rather than chosen, is a chip that names the words it came from, so that a
reader sees it and can take it away.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import inf
from time import thread_time

from ingest.languages import question_language
from search.filters import EVERYTHING, Filters, Outcome
from search.language.stems import stems


class Intent(StrEnum):
    """The kind of answer that is wanted."""

    OPEN = "open"  # anything on the topic
    SAID = "said"  # what a person, or the whole council, said on it
    WHO = "who"
    AGAINST = "against"  # who opposes it, or why
    FAVOUR = "favour"  # who supports it, or why
    AMOUNT = "amount"  # francs
    HOW_MANY = "how_many"  # a number of anything else
    VOTE = "vote"  # what became of it
    WHEN_DISCUSSED = "when_discussed"  # in which sessions it came up
    WHEN = "when"  # a date or a duration that was said
    WHY = "why"
    GREETING = "greeting"  # hello or thanks, and nothing else: tell how to ask


class Detail(StrEnum):
    """What an answer must state, where a question asks for nothing less."""

    AGE = "age"
    TEMPERATURE = "temperature"
    HOUR = "hour"
    SHARE = "share"  # a percentage, a half
    LENGTH = "length"  # or a surface
    YEAR = "year"
    DURATION = "duration"
    NAME = "name"
    PLACE = "place"


class Field(StrEnum):
    """What a chip restricts; the values are the names of an address's parameters."""

    PERSON = "personne"
    GROUP = "groupe"
    SESSION = "seance"
    BODY = "organe"
    OBJECT = "objet"
    ITEM = "point"
    PERIOD = "periode"  # value: "2025-05-01/2025-05-31", either side may be empty
    TOPIC = "sujet"  # carried from the exchange before; restricts nothing by itself


@dataclass(frozen=True)
class Chip:
    """A filter read from a question, or carried from the one before it.

    `value` is the archive's own spelling, `label` what a reader sees (French), `words` the words of
    the question that it came from ("" where carried). `soft`: what matches is preferred, and
    nothing is excluded.
    """

    field: Field
    value: str
    label: str
    words: str = ""
    soft: bool = False
    carried: bool = False

    @property
    def key(self) -> str:
        """How an address names it, to take it away: `personne:Claire Fontanet`."""
        return f"{self.field}:{self.value}"


@dataclass(frozen=True)
class Outside:
    """What a question names that lies outside the record, as it was typed: a time or a body.

    `later`: after the newest session, rather than before the oldest one. `record`: of a time, the
    days of these two, the oldest first.
    """

    time: str = ""
    body: str = ""
    later: bool = False
    record: tuple[date, date] | None = field(default=None, compare=False)

    @classmethod
    def of_time(cls, words: str, record: tuple[date, date], *, later: bool) -> "Outside":
        """A time without sessions."""
        return cls(time=words, later=later, record=record)


@dataclass(frozen=True)
class Repair:
    """A word as it was typed, and as it was read."""

    typed: str
    read: str


_OBJECT = frozenset(stems("objet affaire projet texte"))
_PLURAL = {
    Field.PERSON: "people",
    Field.GROUP: "groups",
    Field.SESSION: "sessions",
    Field.BODY: "bodies",
    Field.OBJECT: "objects",
    Field.ITEM: "items",
}


@dataclass(frozen=True)
class Query:
    """A question, parsed.

    `topic` is what to search for: the question without what became a filter or only asks; empty
    only where no content word remains ("Qu'a dit Mme Fontanet ?" is browsing, by filters alone).
    `sentence` is the same with the words that ask (combien coûte...), for models of sentences.
    `explicit` are the filters that the reader chose, `removed` the keys of the chips that the
    reader took away, `before` the query string of the exchange that it follows.
    `unknown_objects` are codes that no published session has on its agenda (M-41), and
    `unknown_people` names, as typed, whose words are asked for and whom no session knows;
    `homonyms` all who bear a name that is asked for and does not tell them apart.
    `presumed_outcome` is what the question takes for granted that was decided ("Pourquoi a-t-on
    refusé..."), `presumed_unanimous` that nobody was against.
    `language` is one of fr, de, en, es, pt, ar, it. `mentioned` are the people named, in order, for
    whatever reason: « il » in the next question may mean one of them. `reading` is the question
    well spelt and without what is only said around it (greetings, « je voudrais savoir »);
    `repairs` are the words of it that were read as others. `detail` is what an answer must state.
    `outside`: times and bodies of which there is no session; a debate may speak of them all the
    same.
    """

    question: str
    topic: str
    sentence: str = ""
    intent: Intent = Intent.OPEN
    chips: tuple[Chip, ...] = ()
    explicit: Filters = EVERYTHING
    removed: frozenset[str] = frozenset()
    language: str = "fr"
    presumed_outcome: Outcome | None = None
    presumed_unanimous: bool = False
    unknown_objects: tuple[str, ...] = ()
    unknown_people: tuple[str, ...] = ()
    homonyms: tuple[str, ...] = ()
    before: str = ""
    mentioned: tuple[str, ...] = ()
    reading: str = ""
    repairs: tuple[Repair, ...] = ()
    detail: Detail | None = None
    outside: tuple[Outside, ...] = ()

    @property
    def wording(self) -> str:
        """The question as it was read, or as it was typed where it was not read."""
        return self.reading or self.question

    @property
    def filters(self) -> Filters:
        """What passages must match: the hard chips and the filters that the reader chose.

        Values of one field are alternatives, wherever they come from; of two periods, it is what
        they share, or the chosen one where they share nothing.
        """
        return _combined(self.explicit, (chip for chip in self.chips if not chip.soft))

    @property
    def preferred(self) -> Filters:
        """What the soft chips prefer: to rank by, never to exclude by."""
        return _combined(EVERYTHING, (chip for chip in self.chips if chip.soft))

    @property
    def is_about_objects_alone(self) -> bool:
        """« Que demande la M-7 ? »: is the topic nothing but an object's code, not yet required?"""
        words = " ".join(chip.words for chip in self.chips if chip.soft)
        named = bool(self.preferred.objects) and not self.explicit.objects
        return named and frozenset(stems(self.topic)) <= frozenset(stems(words)) | _OBJECT

    def only(self, field: Field) -> tuple[Chip, ...]:
        """The chips of one field."""
        return tuple(chip for chip in self.chips if chip.field is field)


class OutOfTime(Exception):
    """A question takes longer to read than it is given."""


@dataclass(frozen=True)
class Budget:
    """How long a question may be read: until `end`, in seconds of `clock` (the thread's own).

    Nothing that is typed is known to need it: it is for the unforeseen.
    """

    end: float = inf
    clock: Callable[[], float] = thread_time

    @classmethod
    def of(cls, seconds: float, clock: Callable[[], float] = thread_time) -> "Budget":
        """So many seconds from now on."""
        return cls(clock() + seconds, clock)

    @property
    def spent(self) -> bool:
        """Is it over?"""
        return self.clock() > self.end

    def check(self) -> None:
        """Go on, or raise `OutOfTime`."""
        if self.spent:
            raise OutOfTime


UNLIMITED = Budget()
READING_S = 1.0
"""Seconds to read a question in: the hardest of 7,219 questions of 500 characters, pumped from the
patterns that read them, takes 0.034 s; the rest is for slow machines."""


def unread(question: str, filters: Filters, removed: frozenset[str]) -> Query:
    """A question that could not be read: its words are searched for, within chosen filters."""
    words = question.strip()
    return Query(
        question, words, sentence=words, explicit=filters, removed=removed,
        language=question_language(question),
    )  # fmt: skip


def period_value(since: date | None, until: date | None) -> str:
    """A period as a chip's value: `2025-05-01/2025-05-31`, `2023-01-01/`."""
    return f"{since or ''}/{until or ''}"


def period_of(value: str) -> tuple[date | None, date | None]:
    """The dates of a chip's value. Raises ValueError for any other text."""
    since, _, until = value.partition("/")
    return _day(since), _day(until)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _combined(explicit: Filters, chips: Iterable[Chip]) -> Filters:
    values: dict[str, tuple[str, ...]] = {
        name: tuple(getattr(explicit, name)) for name in _PLURAL.values()
    }
    periods = []
    for chip in chips:
        if chip.field is Field.PERIOD:
            periods.append(period_of(chip.value))
        elif name := _PLURAL.get(chip.field):
            values[name] = tuple(dict.fromkeys((*values[name], chip.value)))
    since, until = _shared((explicit.since, explicit.until), _hull(periods))
    return Filters(**values, since=since, until=until)


_Period = tuple[date | None, date | None]


def _hull(periods: list[_Period]) -> _Period:
    """The period that spans all of them: « en 2023 et en 2024 »."""
    starts, ends = [p[0] for p in periods], [p[1] for p in periods]
    since = None if None in starts else min((s for s in starts if s), default=None)
    until = None if None in ends else max((u for u in ends if u), default=None)
    return since, until


def _shared(chosen: _Period, read: _Period) -> _Period:
    since = max((day for day in (chosen[0], read[0]) if day), default=None)
    until = min((day for day in (chosen[1], read[1]) if day), default=None)
    return chosen if since and until and since > until else (since, until)
