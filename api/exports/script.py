"""A session as it is written down: points, who says what, gaps, decisions, in order. Pure.

What every export is made of, so that they all say the same. Knows no file format. Names and titles
are cleaned of what would break one: control characters, line ends, marks that turn text around. A
point of the agenda begins at a sentence, often in mid-turn: turns are parted there for display
only; what is stored, cited and played stays whole.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter
from unicodedata import category

from api.exports.attendance import Attendance
from api.views.session import point_label
from api.views.wording import Who, erasure, nameless, who
from ingest.french_dates import day
from ingest.transcript import AgendaItem, Erased, Session, Span, Transcript, Turn, Word
from search.language.sentences import sentences
from search.votes.vote import Vote

_Start = tuple[int, int, int]  # start_ms, turn, first_word
_NO_TURN = -1  # of a point that is taken up where readers get nothing
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069]")  # embeddings, overrides, isolates
_OFFICIAL = "Le procès-verbal officiel fait foi."


class GapReason(StrEnum):
    """Why a gap of a session has no words."""

    CLOSED = "closed"
    ERASED = "erased"
    UNHEARD = "unheard"


UNSURE = "Point de l'ordre du jour non précisé"
TOLD = {
    GapReason.CLOSED: "Passage à huis clos",
    GapReason.ERASED: "Passage retiré",
    GapReason.UNHEARD: "Parole non transcrite",
}


@dataclass(frozen=True)
class TurnPart:
    """What of a turn belongs to one point. `first_word` is the place in the turn of its first."""

    turn: Turn
    first_word: int


@dataclass(frozen=True)
class Beginning:
    """The sentence with which a point is taken up; no item: from which on none is certain."""

    item: AgendaItem | None
    start_ms: int
    turn: int
    first_word: int


def beginnings(
    turns: Sequence[Turn], agenda: Sequence[AgendaItem], closed: Sequence[Span] = ()
) -> tuple[Beginning, ...]:
    """The points that have a time, in time's order, each at the sentence that begins nearest.

    Between them, where a point is no longer certain, a beginning without one. One that is taken up
    where readers get nothing begins there: what was said before is not its.
    """
    placed: list[tuple[int, AgendaItem | None]] = []
    for item in agenda:
        if item.start_ms is not None:
            placed.append((item.start_ms, item))
        if item.start_ms is not None and item.until_ms is not None:
            placed.append((item.until_ms, None))
    starts = [
        (turn.words[sentence.first_word].start_ms, turn.index, sentence.first_word)
        for turn in (turns if placed else ())
        for sentence in sentences(turn)
    ]
    begun = (
        Beginning(item, *(_hidden(closed, at_ms) or _nearest(starts, at_ms)))
        for at_ms, item in sorted(placed, key=itemgetter(0))
        if starts
    )
    return tuple(sorted(begun, key=lambda point: point.start_ms))


def _hidden(closed: Sequence[Span], at_ms: int) -> _Start | None:
    """The start of the stretch without words that a moment is in; no turn's."""
    inside = (span.start_ms for span in closed if span.start_ms <= at_ms < span.end_ms)
    return next(((start_ms, _NO_TURN, 0) for start_ms in inside), None)


def _nearest(starts: Sequence[_Start], at_ms: int) -> _Start:
    return min(starts, key=lambda start: abs(start[0] - at_ms))


def parted(turns: Sequence[Turn], begun: Sequence[Beginning]) -> Iterator[TurnPart]:
    """The turns in order, cut where a point begins within one. No word is lost or moved."""
    for turn in turns:
        cuts = {point.first_word for point in begun if point.turn == turn.index}
        for first, end in pairwise(sorted({0, *cuts, len(turn.words)})):
            yield TurnPart(replace(turn, words=turn.words[first:end]), first)


@dataclass(frozen=True)
class Speech:
    """What one voice says under one point: the words of turn `turn` from place `first_word` on."""

    who: Who
    label: str | None
    turn: int
    revision: int
    first_word: int
    language: str | None
    words: tuple[Word, ...]

    @property
    def start_ms(self) -> int:
        """Start of the first word."""
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        """End of the last word to end."""
        return max(word.end_ms for word in self.words)

    @property
    def text(self) -> str:
        """The words joined by one space."""
        return " ".join(one_line(word.text) for word in self.words)


@dataclass(frozen=True)
class Gap:
    """A gap without words, and why."""

    why: GapReason
    start_ms: int
    end_ms: int


Entry = Speech | Gap


@dataclass(frozen=True)
class Chapter:
    """A point of the agenda, with what was said and decided under it.

    None before the first, and where it is not certain which one it is: that has a heading.
    """

    item: AgendaItem | None
    entries: tuple[Entry, ...]
    votes: tuple[Vote, ...] = ()
    is_unsure: bool = False

    @property
    def heading(self) -> str:
        """The point on one line; nothing before the first one."""
        return heading(self.item) if self.item else UNSURE if self.is_unsure else ""


@dataclass(frozen=True)
class Script:
    """A session, ready to be written in any form."""

    session: Session
    transcript: Transcript
    chapters: tuple[Chapter, ...]
    attendance: Attendance | None = None
    """As a clerk has confirmed it."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything in order, whatever the point."""
        return tuple(entry for chapter in self.chapters for entry in chapter.entries)

    @property
    def speeches(self) -> tuple[Speech, ...]:
        """What was said, in order."""
        return tuple(entry for entry in self.entries if isinstance(entry, Speech))

    @property
    def state(self) -> str:
        """How far the text can be trusted, in a sentence or two; whether its sound is gone."""
        erased = erasure(self.session)
        gone = f" Son effacé le {erased.day}, règle de conservation." if erased else ""
        return self._trust + gone

    @property
    def _trust(self) -> str:
        if not self.session.is_recorded:
            return f"Procès-verbal, sans enregistrement. {_OFFICIAL}"
        reviewed, reading = self.session.reviewed, self.session.reading
        count = f"{reading.read} intervention{'s' * (reading.read > 1)} sur {reading.turns}"
        count += f" relue{'s' * (reading.read > 1)}"
        if reviewed is None:
            read = f" {count}." if reading.read else ""
            return f"Transcription automatique, qui peut contenir des erreurs.{read} {_OFFICIAL}"
        by = f"par {one_line(reviewed.by)} le {day(reviewed.at)}"
        if reading.is_whole:
            return f"Transcription revue {by}. {_OFFICIAL}"
        rest = "le reste est automatique et peut contenir des erreurs"
        return f"Transcription revue en partie {by} : {count}, {rest}. {_OFFICIAL}"


def one_line(text: str) -> str:
    """Text on one line, without control characters and without marks that turn text around."""
    one_line = " ".join(_TURNS_TEXT.sub("", text).split())
    return "".join(c for c in one_line if category(c) not in ("Cc", "Cs", "Cn"))


def script(
    session: Session,
    transcript: Transcript,
    votes: Sequence[Vote] = (),
    attendance: Attendance | None = None,
) -> Script:
    """A session in order. Every word is in exactly one speech, under the point it was said at."""
    spoken = tuple(turn for turn in transcript.turns if turn.words)
    begun = beginnings(spoken, session.agenda, transcript.closed)
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    speeches = [
        _speech(session, transcript, part.turn, part.first_word, numbers)
        for part in parted(spoken, begun)
    ]
    entries: list[Entry] = sorted([*speeches, *_gaps(transcript)], key=lambda entry: entry.start_ms)
    starts = [point.start_ms for point in begun]
    under: list[list[Entry]] = [[] for _ in range(len(begun) + 1)]
    decided: list[list[Vote]] = [[] for _ in range(len(begun) + 1)]
    for entry in entries:
        under[bisect_right(starts, entry.start_ms)].append(entry)
    for vote in votes:
        decided[bisect_right(starts, vote.start_ms)].append(vote)
    items = (None, *(_item(point.item) if point.item else None for point in begun))
    chapters = (
        Chapter(item, tuple(said), tuple(voted), is_unsure=item is None and n > 0)
        for n, (item, said, voted) in enumerate(zip(items, under, decided, strict=True))
    )
    kept = tuple(c for c in chapters if c.item or c.entries or c.votes)
    return Script(_session(session), transcript, kept, attendance)


def _speech(
    session: Session, transcript: Transcript, turn: Turn, first_word: int, numbers: dict[str, int]
) -> Speech:
    person = who(session, transcript.person(turn), numbers.get(turn.speaker or ""))
    named = replace(
        person, name=one_line(person.name), role=one_line(person.role), group=one_line(person.group)
    )
    return Speech(
        who=named,
        label=turn.speaker,
        turn=turn.index,
        revision=turn.revision,
        first_word=first_word,
        language=turn.language,
        words=turn.words,
    )


def _gaps(transcript: Transcript) -> Iterator[Gap]:
    """Redactions, and unheard speech that is not within one."""
    closed = transcript.closed
    for span in closed:
        why = GapReason.ERASED if isinstance(span, Erased) else GapReason.CLOSED
        yield Gap(why, span.start_ms, span.end_ms)
    for span in transcript.unheard:
        if not any(c.start_ms <= span.start_ms and span.end_ms <= c.end_ms for c in closed):
            yield Gap(GapReason.UNHEARD, span.start_ms, span.end_ms)


def _item(item: AgendaItem) -> AgendaItem:
    number, title = one_line(item.number), one_line(item.title)
    return replace(item, number=number, title=title, object=one_line(item.object or "") or None)


def _session(session: Session) -> Session:
    return replace(
        session,
        title=one_line(session.title),
        body=one_line(session.body),
        agenda=tuple(_item(item) for item in session.agenda),
    )


def heading(item: AgendaItem) -> str:
    """A point on one line: `2. Piste cyclable (PR-12)`."""
    title = point_label(item.title, item.object)
    return f"{item.number}. {title}" if item.number else title
