"""The types that every stage shares: what was recorded, what was heard, who spoke.

Knows nothing of files, models or databases. All times are integer milliseconds on the session's
time line: part 2 of a session continues where part 1 ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Protocol

NEW_TURN = -1
"""Id of a turn that a change makes, until it is kept."""

_AS_INDEX = -2  # the id of a turn that no change has moved yet is its place
_CLOCK_SLACK_MS = 60_000  # a clock read to the minute may put a part's start before the last end


class Status(StrEnum):
    """Who may read a session. Only `PUBLISHED` matter ever leaves the server."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # was published, and may be again
    IN_CAMERA = "in_camera"


class Doubt(StrEnum):
    """Why a stretch of a session awaits a clerk's ear."""

    WORD = "word"  # words that may be others: of what stands now, never stored
    NAME = "name"  # two sources disagree on who speaks
    REPAIR = "repair"  # a name written otherwise than it was heard
    LOOP = "loop"  # the same words again and again, as speech models do when they lose their place
    LANGUAGE = "language"  # words in another language than the rest: translated, or really said
    UNHEARD = "unheard"  # speech without a word
    OVERLAP = "overlap"  # several voices at once
    CARRY = "carry"  # a correction of an earlier transcription that could not be made again
    VOICES = "voices"  # voices could not be told apart
    DAMAGED = "damaged"  # of the file: silence stands in the place of sound


class Evidence(StrEnum):
    """Why a speaker bears a name, weakest first.

    `INFERRED` from what others say and do, `CHAIR` stated: announced, or said by the speaker;
    `PLATFORM` shown by it; `CLERK` confirmed.
    """

    NONE = "none"
    INFERRED = "inferred"
    CHAIR = "chair"
    PLATFORM = "platform"
    CLERK = "clerk"


def bare_name(name: str) -> str:
    """A name without what tells it from the same name of another person.

    >>> bare_name("Jean Dupont (PLR)")
    'Jean Dupont'
    """
    return name.partition(" (")[0].strip() or name


@dataclass(frozen=True)
class Person:
    """A row of the roster: a person who may speak. `group` is the party, or empty.

    Of two people of one name, each has what tells them apart in brackets: "Jean Dupont (PLR)".
    `also` is another name of the person's, such as the one borne before a marriage.
    """

    name: str
    role: str = ""
    group: str = ""
    also: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which the person is spoken of."""
        bare = bare_name(self.name)
        return (bare, self.also) if self.also else (bare,)


@dataclass(frozen=True)
class AgendaItem:
    """A point of the agenda; `object` is a code such as PR-12, `start_ms` when it is taken up.

    From `until_ms` on another point, which has no time, may have begun: see `documents.agenda`.
    """

    number: str
    title: str
    object: str | None = None
    start_ms: int | None = None
    until_ms: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Recording:
    """One media file of a session. `id` is the SHA-256 of its bytes, in hexadecimal.

    `starts_at` is when it began by the clock on the wall, where the clerk said so.
    """

    id: str
    offset_ms: int
    duration_ms: int
    starts_at: time | None = None

    @property
    def end_ms(self) -> int:
        """Where this part ends on the session's time line."""
        return self.offset_ms + self.duration_ms


def pause_ms(before: Recording, after: Recording) -> int | None:
    """Time between two parts by the clock, None if unknown; negative if they overlap.

    A session may go past midnight, but no pause of one lasts twelve hours.
    """
    if before.starts_at is None or after.starts_at is None:
        return None
    day, pause = 86_400_000, _of_day_ms(after.starts_at) - _of_day_ms(before.starts_at)
    pause = (pause - before.duration_ms) % day
    pause = pause - day if pause > day // 2 else pause
    return 0 if -_CLOCK_SLACK_MS <= pause < 0 else pause


def _of_day_ms(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1000 + at.microsecond // 1000


@dataclass(frozen=True)
class ImportedText:
    """The text that a session without sound was made of. `id` is the SHA-256 of its source."""

    id: str
    words: int


@dataclass(frozen=True)
class Reviewed:
    """Who has finished a review, by the name that readers see, and when; see `ReviewProgress`."""

    by: str
    at: datetime


@dataclass(frozen=True)
class ReviewProgress:
    """How many of a session's turns a person has read while listening, of how many."""

    read: int
    turns: int

    @property
    def is_whole(self) -> bool:
        """Was all of it read?"""
        return self.read >= self.turns


NO_TURNS = ReviewProgress(0, 0)


@dataclass(frozen=True)
class Session:
    """One meeting of one body: what the clerk says of it, and its recordings or its text.

    Where it was not recorded, places on the time line count words: word n is [n, n + 1). Such a
    place is never shown as a clock.
    """

    id: str
    title: str
    date: date
    body: str = "Conseil municipal"
    parts: tuple[Recording, ...] = ()
    agenda: tuple[AgendaItem, ...] = ()
    roster: tuple[Person, ...] = ()
    status: Status = Status.DRAFT
    text: ImportedText | None = None
    reviewed: Reviewed | None = None
    reading: ReviewProgress = field(default=NO_TURNS, compare=False)
    most_voices: int | None = field(default=None, compare=False)
    """No more people speak than that, as a clerk said; None: no limit was given."""
    sound_erased: datetime | None = field(default=None, compare=False)
    """When a rule of retention erased its sound, UTC; None: it did not."""

    @property
    def is_recorded(self) -> bool:
        """Was it recorded, so that places on its time line are milliseconds?"""
        return self.parts != ()

    @property
    def has_audio(self) -> bool:
        """Can it be heard? Not where it was not recorded, or its sound was erased since."""
        return self.is_recorded and self.sound_erased is None

    @property
    def duration_ms(self) -> int:
        """Length of the whole time line: milliseconds, or words where it was not recorded."""
        words = self.text.words if self.text else 0
        return max((part.end_ms for part in self.parts), default=words)

    def agenda_item_at(self, at_ms: int) -> AgendaItem | None:
        """The item under discussion at a moment: the last one that had started by then.

        None where that is not certain, for one without a time may have begun since.
        """
        started = [i for i in self.agenda if i.start_ms is not None and i.start_ms <= at_ms]
        last = max(started, key=lambda i: i.start_ms or 0, default=None)
        return None if last and last.until_ms is not None and at_ms >= last.until_ms else last

    def hour_at(self, at_ms: int) -> datetime | None:
        """A moment by the clock on the wall; None where it is not known when its part began."""
        for part in self.parts:
            if part.starts_at and part.offset_ms <= at_ms < part.end_ms:
                began = datetime.combine(self.date, part.starts_at)
                return began + timedelta(milliseconds=at_ms - part.offset_ms)
        return None

    def person(self, name: str | None) -> Person | None:
        """The roster's entry for a name."""
        return next((p for p in self.roster if p.name == name), None)


class Timed(Protocol):
    """What is somewhere on the time line: a word, a turn, a stretch."""

    @property
    def start_ms(self) -> int:
        """Where it starts."""

    @property
    def end_ms(self) -> int:
        """Where it has ended."""


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of time, [start_ms, end_ms)."""

    start_ms: int
    end_ms: int

    def overlap_ms(self, start_ms: int, end_ms: int) -> int:
        """Milliseconds shared with another stretch, 0 when they are apart."""
        return max(0, min(self.end_ms, end_ms) - max(self.start_ms, start_ms))

    def touches(self, one: Timed) -> bool:
        """Does something share time with it? What has no length is where it starts."""
        end_ms = max(one.end_ms, one.start_ms + 1)
        return one.start_ms < self.end_ms and end_ms > self.start_ms


@dataclass(frozen=True, order=True)
class Erased(Span):
    """A stretch that was erased at a person's request, not held in camera."""


@dataclass(frozen=True, order=True)
class Withheld(Span):
    """A stretch that the office keeps and nobody else hears or reads, until it is given back."""


@dataclass(frozen=True, order=True)
class SpeakerSpan(Span):
    """A stretch in which one voice speaks. Labels are only comparable within one session."""

    label: str


DOUBTFUL_BELOW = 0.71
"""Confidence (weighed) under which a word is marked: one in ten on the samples; more than half of
those are wrong, and more than half of the wrong ones are among them (D-246)."""


@dataclass(frozen=True)
class Word:
    """A word with its punctuation. `confidence` is in 0..1.

    `heard` is None, or the word as it was recognised where `text` repairs it: a repair is undone
    by putting it back. `guessed`: typed by a person, its times estimated from the
    words around it until it is aligned with the sound.
    """

    start_ms: int
    end_ms: int
    text: str
    confidence: float
    heard: str | None = None
    guessed: bool = False

    @property
    def doubtful(self) -> bool:
        """May it be another word? A clerk is to hear it, and readers are told."""
        return self.confidence < DOUBTFUL_BELOW


@dataclass(frozen=True, order=True)
class ReviewItem(Span):
    """A stretch that a clerk should hear; `reason` says why, in French."""

    doubt: Doubt
    reason: str


@dataclass(frozen=True)
class Speaker:
    """A voice of the session and the person it belongs to, if there is evidence for it."""

    label: str
    person: str | None = None
    evidence: Evidence = Evidence.NONE
    confidence: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Turn:
    """What one voice says without another voice coming in. `speaker` None: not told apart.

    `index` is its place in the transcript, from 0: edits move it. `id` names it in its session for
    good, and is given once; all that refers to a turn does so by id. `text` is the words joined by
    one space: quotations are substrings of it. Of an imported text it is one paragraph, and
    `language` its code (de) where the text says so.
    """

    index: int
    speaker: str | None
    words: tuple[Word, ...]
    revision: int = 1
    language: str | None = None
    id: int = _AS_INDEX

    def __post_init__(self) -> None:
        if self.id == _AS_INDEX:
            object.__setattr__(self, "id", self.index)

    def cut(self, runs: Iterable[tuple[Word, ...]]) -> tuple["Turn", ...]:
        """Turns of these runs of its words: the first is this turn still, the others are new."""
        return tuple(
            replace(self, words=words, id=NEW_TURN if n else self.id)
            for n, words in enumerate(runs)
        )

    @cached_property
    def text(self) -> str:
        """The words joined by one space."""
        return " ".join(word.text for word in self.words)

    def said(self, first_word: int, last_word: int) -> str:
        """The words from one to another, both included, joined by one space."""
        return " ".join(word.text for word in self.words[first_word : last_word + 1])

    @property
    def start_ms(self) -> int:
        """Start of the first word."""
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        """End of the last word."""
        return self.words[-1].end_ms

    @cached_property
    def word_offsets(self) -> tuple[int, ...]:
        """Index in `text` at which each word begins."""
        offsets, at = [], 0
        for word in self.words:
            offsets.append(at)
            at += len(word.text) + 1
        return tuple(offsets)


def numbered(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns of a transcript that is being made: the place of each is its id."""
    return tuple(replace(turn, index=place, id=place) for place, turn in enumerate(turns))


@dataclass(frozen=True)
class Generator:
    """What made a transcript, so that a reader can judge it and a maintainer can repeat it."""

    transcriber: str
    diarizer: str
    version: str
    settings: dict[str, str | int | float | bool]


@dataclass(frozen=True)
class Transcript:
    """All that is known of what was said in a session."""

    session: str
    speakers: tuple[Speaker, ...]
    turns: tuple[Turn, ...]
    unheard: tuple[Span, ...]
    """Stretches of speech for which no word was recognised: reported, never dropped."""
    generator: Generator
    review: tuple[ReviewItem, ...] = ()
    """What a clerk should hear, by start."""
    closed: tuple[Span, ...] = ()
    """Stretches that readers do not get, by start. In camera and destroyed, unless `Erased`, or
    `Withheld`: then their words are here, and `ingest.archive.remainder` leaves them out."""

    @cached_property
    def places(self) -> dict[int, int]:
        """The place of each turn in `turns`, by id."""
        return {turn.id: place for place, turn in enumerate(self.turns)}

    def between(self, first: int, last: int) -> tuple[Turn, ...]:
        """The turns from one id to another, both included; none if either is not there."""
        if first not in self.places or last not in self.places:
            return ()
        return self.turns[self.places[first] : self.places[last] + 1]

    def speaker(self, label: str | None) -> Speaker | None:
        """The speaker who bears a label."""
        return next((s for s in self.speakers if s.label == label), None)

    def person(self, turn: Turn) -> str | None:
        """The name of a turn's speaker, None while it is open."""
        speaker = self.speaker(turn.speaker)
        return speaker.person if speaker else None


def merge_spans(spans: Iterable[Span], gap_ms: int, pad_ms: int = 0) -> tuple[Span, ...]:
    """Spans padded on both sides, then joined wherever at most `gap_ms` lies between them."""
    merged: list[Span] = []
    for span in spans:
        start, end = max(0, span.start_ms - pad_ms), span.end_ms + pad_ms
        if merged and start - merged[-1].end_ms <= gap_ms:
            merged[-1] = Span(merged[-1].start_ms, max(end, merged[-1].end_ms))
        else:
            merged.append(Span(start, end))
    return tuple(merged)
