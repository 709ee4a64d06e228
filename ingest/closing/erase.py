"""What is left of a transcript once a stretch of it is taken out. Pure.

Knows turns, words, doubts and voices, and nothing of the database, the sound or the reasons. The
time line does not move: what was said before and after keeps its times.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.correcting.splices import Splice
from ingest.errors import BadInput
from ingest.text import clock
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Session,
    Span,
    Speaker,
    ToReview,
    Transcript,
    Turn,
    Word,
)

_NEAR_MS, _NEAR_WORDS = 2_000, 5  # times are corrected now and then

_CLOCK = re.compile(r"\b(\d{1,4}):(\d\d):(\d\d)\b")


def within(word: Word, span: Span) -> bool:
    """Does a word share time with a stretch? One without any length is where it starts."""
    end_ms = max(word.end_ms, word.start_ms + 1)
    return word.start_ms < span.end_ms and end_ms > span.start_ms


@dataclass(frozen=True)
class Cut:
    """What taking a stretch out does: `span` holds all of every word of it, `gone` are these.

    `splices` replace the turns that lose words; nothing of one that loses all of them remains.
    `near` is a little more than `span`: what is told of it may be that far beside it. `points` are
    those of the agenda that came with the words, as headings of an imported text.
    """

    span: Span
    near: Span
    gone: tuple[Word, ...]
    splices: tuple[Splice, ...]
    points: tuple[AgendaItem, ...] = ()


def cut(turns: Sequence[Turn], session: Session, asked: Span) -> Cut:
    """Take a stretch out of a session's turns. Raises `BadInput` for one outside it."""
    _check(session, asked)
    gone = tuple(word for turn in turns for word in turn.words if within(word, asked))
    span = Span(
        min((asked.start_ms, *(w.start_ms for w in gone))),
        max((asked.end_ms, *(w.end_ms for w in gone))),
    )
    splices = tuple(
        Splice(at, (turn,), tuple(_pieces(turn, asked)))
        for at, turn in enumerate(turns)
        if any(within(word, asked) for word in turn.words)
    )
    margin = _NEAR_MS if session.has_audio else _NEAR_WORDS
    near = Span(span.start_ms - margin, span.end_ms + margin)
    return Cut(span, near, gone, splices, tuple(_points(turns, session, asked)))


def _points(turns: Sequence[Turn], session: Session, span: Span) -> Iterator[AgendaItem]:
    """The points of an imported text under which no word is left.

    A heading without words of its own stands over the next one, and goes with it. The agenda of a
    recording is a document by itself: what is said of a point in camera does not undo its title.
    """
    if session.has_audio:
        return
    starts = [item.start_ms for item in session.agenda if item.start_ms is not None]
    over: list[AgendaItem] = []
    for item in session.agenda:
        over.append(item)
        if item.start_ms is None:
            continue
        end = min((s for s in starts if s > item.start_ms), default=session.duration_ms)
        own = [w for turn in turns for w in turn.words if item.start_ms <= w.start_ms < end]
        touched = span.start_ms < end and item.start_ms < span.end_ms
        if touched and all(within(word, span) for word in own):
            yield from over
        over = []


def _check(session: Session, span: Span) -> None:
    if not 0 <= span.start_ms < span.end_ms <= session.duration_ms:
        end = clock(session.duration_ms) if session.has_audio else f"mot {session.duration_ms}"
        raise BadInput(
            f"Le passage {_told(span, session)} n'est pas dans la séance, qui finit à {end} : "
            "donnez un début et une fin qui s'y suivent."
        )


def _told(span: Span, session: Session) -> str:
    if session.has_audio:
        return f"de {clock(max(0, span.start_ms))} à {clock(max(0, span.end_ms))}"
    return f"du mot {span.start_ms} au mot {span.end_ms}"


def _pieces(turn: Turn, span: Span) -> Iterator[Turn]:
    """What is left of a turn: nothing, one piece, or one at each side."""
    words: list[Word] = []
    for word in turn.words:
        if not within(word, span):
            words.append(word)
        elif words:
            yield replace(turn, words=tuple(words))
            words = []
    if words:
        yield replace(turn, words=tuple(words))


# --- what is told of the stretch: `near` is that of the cut ------------------------------------


def is_near(near: Span, start_ms: int, end_ms: int) -> bool:
    """Is something in a stretch? What has no length is where it starts."""
    return near.overlap_ms(start_ms, max(end_ms, start_ms + 1)) > 0


def doubts(review: Sequence[ToReview], near: Span) -> tuple[ToReview, ...]:
    """The doubts that tell nothing of the stretch. One on the whole sitting's voices does not."""
    return tuple(
        one
        for one in review
        if one.doubt is Doubt.VOICES or not is_near(near, one.start_ms, one.end_ms)
    )


def unheard(spans: Sequence[Span], span: Span) -> tuple[Span, ...]:
    """Speech without words outside the stretch itself."""
    pieces = (
        piece
        for one in spans
        for piece in (
            Span(one.start_ms, min(one.end_ms, span.start_ms)),
            Span(max(one.start_ms, span.end_ms), one.end_ms),
        )
    )
    return tuple(piece for piece in pieces if piece.start_ms < piece.end_ms)


def voices(
    transcript: Transcript, turns: Sequence[Turn], near: Span, once: Collection[str | None] = ()
) -> tuple[Speaker, ...]:
    """The voices still heard; why one bears its name is left out where it tells of the stretch.

    Who spoke nowhere else is not known any more; `once` are those who were said to speak in the
    stretch before others were.
    """
    heard = {turn.speaker for turn in turns}
    before = {turn.speaker for turn in transcript.turns} | set(once)
    kept = (s for s in transcript.speakers if s.label in heard or s.label not in before)
    return tuple(replace(s, reason="") if tells_of(s.reason, near) else s for s in kept)


def tells_of(reason: str, near: Span) -> bool:
    """Does a reason name a moment of the stretch, as "appelée à 0:12:31" does?"""
    moments = ((int(h) * 60 + int(m)) * 60 + int(s) for h, m, s in _CLOCK.findall(reason))
    return any(is_near(near, at * 1000, at * 1000 + 1000) for at in moments)
