"""What a reader sees of a session and its transcript: names, dates, turns, gaps, names put right.

Pure. Places are milliseconds, and have a clock beside them; a session without sound counts words
instead, and has no clocks. Knows nothing of queries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from api.views.links import object_page, session_page
from api.views.wording import Erasure, Who, clock_in, erasure, extent, hour, length, nameless, who
from ingest.archive.schema import to_local
from ingest.french_dates import day
from ingest.text import clock
from ingest.transcript import (
    AgendaItem,
    Erased,
    Reviewed,
    ReviewProgress,
    Session,
    Transcript,
    Turn,
    pause_ms,
)
from search.votes.tallies import code_of

_SIGNS = " .,;:!?…«»()\u00a0"


def point_label(title: str, object_: str | None) -> str:
    """The title of a point, with its object's code where the title does not say it."""
    return title if not object_ or object_ in title else f"{title} ({object_})"


@dataclass(frozen=True)
class AgendaView:
    """A point of the agenda. `start` is a clock time; both times are None until it is placed."""

    number: str
    title: str
    object: str | None
    start_ms: int | None
    start: str | None

    @property
    def label(self) -> str:
        """The title, with the object's code when the title does not say it."""
        return point_label(self.title, self.object)

    @property
    def page(self) -> str:
        """Address of the object's page, "" where the point is no object's."""
        return object_page(self.object or "")

    @property
    def bare(self) -> str:
        """The title beside the object's code."""
        return bare_title(self.title, self.object) if self.object else self.title

    @property
    def around(self) -> tuple[str, str, str]:
        """The label before the object's code, the code, and after it."""
        return self.label.partition(self.object) if self.object else (self.label, "", "")


@dataclass(frozen=True)
class PartView:
    """Where a later part of the recording begins, at what hour, and after what pause if known."""

    number: int
    start_ms: int
    start: str
    at: str | None
    pause: str | None


@dataclass(frozen=True)
class ReviewedView:
    """Who has read the transcript while listening, and when: a date and the same in words."""

    by: str
    on: str
    day: str


@dataclass(frozen=True)
class SessionView:
    """A published session in a list. `date` is ISO 8601, `day` the same in words.

    Of an imported text `duration_ms` is None and `duration` a number of words; everywhere, places
    named `start_ms` and `end_ms` then count words, and have no clock beside them. `sound_erased` is
    set where the sound of a recording was erased. `reviewed` is None while the text is the
    machine's alone; `reading` is how much a person has read.
    """

    id: str
    title: str
    body: str
    date: str
    day: str
    has_audio: bool
    sound_erased: Erasure | None
    duration_ms: int | None
    duration: str
    agenda: tuple[AgendaView, ...]
    parts: tuple[PartView, ...]
    page: str
    reviewed: ReviewedView | None
    reading: ReviewProgress

    @property
    def is_recorded(self) -> bool:
        """Was it recorded, be its sound here or not?"""
        return self.duration_ms is not None


@dataclass(frozen=True)
class TurnView:
    """A turn. `words` are (start_ms, end_ms, text, confidence): short, for there are many.

    `start` is a clock, None of an imported text; `language` a code (de) where it is known.
    """

    index: int
    revision: int
    who: Who
    start_ms: int
    end_ms: int
    start: str | None
    text: str
    language: str | None
    words: tuple[tuple[int, int, str, float], ...]


@dataclass(frozen=True)
class UnheardView:
    """Speech for which no word was recognised."""

    start_ms: int
    end_ms: int
    start: str
    end: str


@dataclass(frozen=True)
class ClosedView:
    """A redaction: no word of it is kept, and its sound is silence.

    `erased`: at a person's request; else it was held in camera. Clocks are null of a text.
    """

    start_ms: int
    end_ms: int
    start: str | None
    end: str | None
    erased: bool


@dataclass(frozen=True)
class RepairView:
    """A name written as the members' list or the glossary spells it, and as it was heard."""

    start_ms: int
    start: str
    text: str
    heard: str


@dataclass(frozen=True)
class TranscriptView:
    """Everything that was said in a session, and what made the text."""

    session: SessionView
    turns: tuple[TurnView, ...]
    unheard: tuple[UnheardView, ...]
    closed: tuple[ClosedView, ...]
    repairs: tuple[RepairView, ...]
    transcriber: str
    diarizer: str


def bare_title(title: str, code: str) -> str:
    """A title without the code that stands beside it.

    >>> bare_title("Motion M-7 : des arbres", "M-7")
    'Des arbres'
    """
    head, separator, tail = title.partition(" : ")
    named = separator and code_of(head) == code_of(code)
    return f"{tail[:1].upper()}{tail[1:]}" if named else title


def agenda_view(item: AgendaItem, session: Session) -> AgendaView:
    """A point of the agenda with its clock time."""
    start = None if item.start_ms is None else clock_in(session, item.start_ms)
    return AgendaView(item.number, item.title, item.object, item.start_ms, start)


def session_view(session: Session) -> SessionView:
    """A session in a list."""
    return SessionView(
        id=session.id,
        title=session.title,
        body=session.body,
        date=session.date.isoformat(),
        day=day(session.date),
        has_audio=session.has_audio,
        sound_erased=erasure(session),
        duration_ms=session.duration_ms if session.is_recorded else None,
        duration=extent(session),
        agenda=tuple(agenda_view(item, session) for item in session.agenda),
        parts=tuple(_later_parts(session)),
        page=session_page(session.id),
        reviewed=_reviewed(session.reviewed) if session.reviewed else None,
        reading=session.reading,
    )


def _reviewed(reviewed: Reviewed) -> ReviewedView:
    on = to_local(reviewed.at).date()
    return ReviewedView(reviewed.by, on.isoformat(), day(on))


def _later_parts(session: Session) -> Iterator[PartView]:
    for number, (before, part) in enumerate(pairwise(session.parts), 2):
        if part.offset_ms:  # tracks of one session all begin with it
            pause = pause_ms(before, part)
            yield PartView(
                number=number,
                start_ms=part.offset_ms,
                start=clock(part.offset_ms),
                at=hour(part.starts_at) if part.starts_at else None,
                pause=length(pause) if pause else None,
            )


def turn_view(
    turn: Turn, session: Session, transcript: Transcript, numbers: Mapping[str, int]
) -> TurnView:
    """A turn with its speaker and its words."""
    return TurnView(
        index=turn.index,
        revision=turn.revision,
        who=who(
            session,
            transcript.person(turn),
            numbers.get(turn.speaker or ""),
            transcript.speakers,
        ),
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        start=clock_in(session, turn.start_ms),
        text=turn.text,
        language=turn.language,
        words=tuple((w.start_ms, w.end_ms, w.text, round(w.confidence, 3)) for w in turn.words),
    )


def transcript_view(session: Session, transcript: Transcript) -> TranscriptView:
    """A whole session."""
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    return TranscriptView(
        session=session_view(session),
        turns=tuple(
            turn_view(t, session, transcript, numbers) for t in transcript.turns if t.words
        ),
        unheard=tuple(
            UnheardView(s.start_ms, s.end_ms, clock(s.start_ms), clock(s.end_ms))
            for s in transcript.unheard
        ),
        closed=tuple(closed_views(session, transcript)),
        repairs=tuple(repairs(transcript)),
        transcriber=transcript.generator.transcriber,
        diarizer=transcript.generator.diarizer,
    )


def closed_views(session: Session, transcript: Transcript) -> Iterator[ClosedView]:
    """The redactions, in order."""
    for span in transcript.closed:
        clocks = (clock_in(session, span.start_ms), clock_in(session, span.end_ms))
        yield ClosedView(span.start_ms, span.end_ms, *clocks, isinstance(span, Erased))


def repairs(transcript: Transcript) -> Iterator[RepairView]:
    """The words that are written otherwise than they were heard, in order."""
    for word in (word for turn in transcript.turns for word in turn.words):
        if word.heard is not None:
            texts = (text.strip(_SIGNS) for text in (word.text, word.heard))
            yield RepairView(word.start_ms, clock(word.start_ms), *texts)
