"""What is left of a transcript once a stretch of it is taken out. Pure.

Knows turns, words, doubts and voices, and nothing of the database, the sound or the reasons. The
time line does not move: what was said before and after keeps its times.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.correcting.splices import Splice
from ingest.errors import BadInput
from ingest.text import clock
from ingest.transcript import Doubt, Session, Span, Speaker, ToReview, Transcript, Turn, Word

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
    `near` is a little more than `span`: what is told of it may be that far beside it.
    """

    span: Span
    near: Span
    gone: tuple[Word, ...]
    splices: tuple[Splice, ...]


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
    return Cut(span, Span(span.start_ms - margin, span.end_ms + margin), gone, splices)


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


def voices(transcript: Transcript, turns: Sequence[Turn], near: Span) -> tuple[Speaker, ...]:
    """The voices still heard; why one bears its name is left out where it tells of the stretch.

    Who spoke nowhere else is not known any more.
    """
    heard = {turn.speaker for turn in turns}
    before = {turn.speaker for turn in transcript.turns}
    kept = (s for s in transcript.speakers if s.label in heard or s.label not in before)
    return tuple(replace(s, reason="") if tells_of(s.reason, near) else s for s in kept)


def tells_of(reason: str, near: Span) -> bool:
    """Does a reason name a moment of the stretch, as "appelée à 0:12:31" does?"""
    moments = ((int(h) * 60 + int(m)) * 60 + int(s) for h, m, s in _CLOCK.findall(reason))
    return any(is_near(near, at * 1000, at * 1000 + 1000) for at in moments)
