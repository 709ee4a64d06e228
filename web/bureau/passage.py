"""What a passage holds that somebody means to close: the very words, and what stands around them.

Pure but for the form that it reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from api.clocks import read_clock_ms, write_clock
from api.views import clock_in
from api.wording import nameless, who
from ingest.closed import Why
from ingest.closing.erase import Cut, within
from ingest.errors import BadInput
from ingest.transcript import Session, Span, Transcript, Turn

_AROUND = 18  # words shown at each side
_EXCERPT = 9
EDGE_MS = 4_000


@dataclass(frozen=True)
class Choice:
    """A turn to begin or end with, in a list."""

    index: int
    told: str


@dataclass(frozen=True)
class Line:
    """A turn that loses words: those that stay just before and after, and those that go."""

    who: str
    start: str | None
    before: str
    gone: str
    after: str


@dataclass(frozen=True)
class Asking:
    """The form as it was filled in: times, or else turns; why."""

    de: str = ""
    a: str = ""
    premier: str = ""
    dernier: str = ""
    motif: str = ""

    @property
    def is_asked(self) -> bool:
        """Was anything filled in?"""
        return any((self.de, self.a, self.premier, self.dernier))

    @property
    def why(self) -> Why:
        """Why the passage is closed. Raises `BadInput`."""
        try:
            return Why(self.motif)
        except ValueError:
            raise BadInput("Choisissez le motif : huis clos, ou effacement demandé.") from None

    def span(self, session: Session, transcript: Transcript) -> Span:
        """The stretch that is asked for. Raises `BadInput`."""
        if self.de or self.a:
            if not (self.de and self.a):
                raise BadInput("Donnez le début et la fin du passage.")
            return Span(_place(self.de, session), _place(self.a, session))
        turns = {str(turn.index): turn for turn in transcript.turns if turn.words}
        first, last = turns.get(self.premier), turns.get(self.dernier)
        if first is None or last is None or last.index < first.index:
            raise BadInput("Choisissez un premier tour, et un dernier qui ne le précède pas.")
        chosen = [t for t in turns.values() if first.index <= t.index <= last.index]
        return Span(min(t.start_ms for t in chosen), max(t.end_ms for t in chosen))


def _place(text: str, session: Session) -> int:
    if session.has_audio:
        return read_clock_ms(text)
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadInput(f"« {text[:20]} » n'est pas un numéro de mot.")
    return int(text)


def written(at_ms: int, session: Session) -> str:
    """A place as the form takes it."""
    return write_clock(at_ms) if session.has_audio else str(at_ms)


def choices(session: Session, transcript: Transcript) -> tuple[Choice, ...]:
    """Every turn, told by its clock, its voice and its first words."""
    names = _names(session, transcript)
    return tuple(
        Choice(turn.index, " · ".join(part for part in _told(turn, session, names) if part))
        for turn in transcript.turns
        if turn.words
    )


def _told(turn: Turn, session: Session, names: dict[str | None, str]) -> tuple[str, ...]:
    words = turn.text.split()
    excerpt = " ".join(words[:_EXCERPT]) + ("…" if len(words) > _EXCERPT else "")
    return clock_in(session, turn.start_ms) or "", names[turn.speaker], excerpt


def lines(session: Session, transcript: Transcript, cut: Cut, asked: Span) -> Iterator[Line]:
    """The turns that lose words, in order."""
    names = _names(session, transcript)
    for splice in cut.splices:
        (turn,) = splice.before
        inside = [n for n, word in enumerate(turn.words) if within(word, asked)]
        first, last = inside[0], inside[-1]
        texts = [word.text for word in turn.words]
        before, after = texts[:first], texts[last + 1 :]
        yield Line(
            names[turn.speaker],
            clock_in(session, turn.words[first].start_ms),
            ("… " if len(before) > _AROUND else "") + " ".join(before[-_AROUND:]),
            " ".join(texts[first : last + 1]),
            " ".join(after[:_AROUND]) + (" …" if len(after) > _AROUND else ""),
        )


def _names(session: Session, transcript: Transcript) -> dict[str | None, str]:
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    labels = {turn.speaker for turn in transcript.turns}
    people = {speaker.label: speaker.person for speaker in transcript.speakers}
    return {
        label: who(session, people.get(label or ""), numbers.get(label or "")).name
        for label in labels
    }
