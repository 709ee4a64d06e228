"""What a reader sees of a whole session: turns, words, gaps, and names put right. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.views.answer import SessionView, clock_in, session_view
from api.views.wording import Who, nameless, who
from ingest.text import clock
from ingest.transcript import Erased, Session, Transcript, Turn

_SIGNS = " .,;:!?…«»()\u00a0"


@dataclass(frozen=True)
class TurnView:
    """A turn. `words` are (start_ms, end_ms, text, confidence): short, for there are many.

    `start` is a clock, None without sound; `language` a code (de) where it is known.
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
    """A stretch of speech for which no word was recognised."""

    start_ms: int
    end_ms: int
    start: str
    end: str


@dataclass(frozen=True)
class ClosedView:
    """A stretch that was taken out for good: no word of it is kept, and its sound is silence.

    `erased`: at somebody's request; else it was held in camera. Clocks are null without sound.
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


def turn_view(
    turn: Turn, session: Session, transcript: Transcript, numbers: Mapping[str, int]
) -> TurnView:
    """A turn with its speaker and its words."""
    return TurnView(
        index=turn.index,
        revision=turn.revision,
        who=who(session, transcript.person(turn), numbers.get(turn.speaker or "")),
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
    """The stretches that were taken out, in order."""
    for span in transcript.closed:
        clocks = (clock_in(session, span.start_ms), clock_in(session, span.end_ms))
        yield ClosedView(span.start_ms, span.end_ms, *clocks, isinstance(span, Erased))


def repairs(transcript: Transcript) -> Iterator[RepairView]:
    """The words that are written otherwise than they were heard, in order."""
    for word in (word for turn in transcript.turns for word in turn.words):
        if word.heard is not None:
            texts = (text.strip(_SIGNS) for text in (word.text, word.heard))
            yield RepairView(word.start_ms, clock(word.start_ms), *texts)
