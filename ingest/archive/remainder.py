"""What is left of a transcript without some of its stretches: for readers, and after a redaction.

Pure. Leaves out what mentions a stretch, too: doubts, reasons of a name, voices heard nowhere else.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from ingest.archive.change_log import Change
from ingest.archive.splices import Splice
from ingest.text import fold
from ingest.transcript import Doubt, ReviewItem, Span, Speaker, Transcript, Turn, Withheld, Word

NEAR_MS = 2_000  # what mentions a stretch may be that far beside it: times are corrected at times
TIMED_ANEW_MS = 500
"""Between two hearings of one word at most: they time it alike to within some 100 ms."""
_CLOCK = re.compile(r"\b(\d{1,4}):(\d\d):(\d\d)\b")


def doubts(review: Sequence[ReviewItem], near: Span) -> tuple[ReviewItem, ...]:
    """The doubts that say nothing of the redaction. One on all the session's voices does not."""
    return tuple(one for one in review if one.doubt is Doubt.VOICES or not near.touches(one))


def unheard_beside(spans: Sequence[Span], span: Span) -> tuple[Span, ...]:
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
    speakers: Sequence[Speaker],
    before: Collection[str | None],
    heard: Collection[str | None],
    near: Sequence[Span],
) -> tuple[Speaker, ...]:
    """The voices still `heard`; why one bears its name is left out where it tells of a stretch.

    Who spoke `before`, and nowhere else, is not known any more.
    """
    kept = (s for s in speakers if s.label in heard or s.label not in before)
    return tuple(replace(s, reason="") if _tells(s.reason, near) else s for s in kept)


def _tells(reason: str, near: Sequence[Span]) -> bool:
    return any(tells_of(reason, span) for span in near)


def tells_of(reason: str, near: Span) -> bool:
    """Does a reason name a moment of the stretch, as "appelée à 0:12:31" does?"""
    moments = ((int(h) * 60 + int(m)) * 60 + int(s) for h, m, s in _CLOCK.findall(reason))
    return any(near.touches(Span(at * 1000, at * 1000 + 1000)) for at in moments)


# --- what is withheld ---------------------------------------------------------------------------


def open_part(transcript: Transcript) -> Transcript:
    """What readers get of a transcript: nothing said, heard or doubted where it is withheld.

    A turn of which one word is withheld is left out whole: withholding parts turns at its edges,
    and what was joined since is not quoted across the gap.
    """
    spans = withheld(transcript.closed)
    turns = tuple(turn for turn in transcript.turns if is_open(turn, spans))
    before, heard = ({turn.speaker for turn in some} for some in (transcript.turns, turns))
    review, gaps = transcript.review, transcript.unheard
    for span in spans:
        review, gaps = doubts(review, beside(span)), unheard_beside(gaps, span)
    speakers = voices(transcript.speakers, before, heard, [beside(span) for span in spans])
    return replace(transcript, turns=turns, speakers=speakers, review=review, unheard=gaps)


def beside(span: Span) -> Span:
    """A stretch of a recording, and what may mention it."""
    return Span(span.start_ms - NEAR_MS, span.end_ms + NEAR_MS)


def widened(span: Span, before: Sequence[Word], after: Sequence[Word]) -> Span:
    """A stretch that is withheld, on words that were heard anew: with all that may be its own.

    Words may be timed otherwise: one beside it is public only if the same word was so, there.
    """
    public = [word for word in before if not span.touches(word)]
    ordered = sorted(after, key=lambda word: word.start_ms)
    own = [word for word in ordered if span.touches(word)]
    start_ms = min((span.start_ms, *(word.start_ms for word in own)))
    end_ms = max((span.end_ms, *(word.end_ms for word in own)))

    def was_public(word: Word) -> bool:
        return any(
            fold(one.text) == fold(word.text) and abs(one.start_ms - word.start_ms) <= TIMED_ANEW_MS
            for one in public
        )

    for word in reversed([w for w in ordered if span.start_ms - NEAR_MS < w.end_ms <= start_ms]):
        if was_public(word):
            break
        start_ms = word.start_ms
    for word in (w for w in ordered if end_ms <= w.start_ms < span.end_ms + NEAR_MS):
        if was_public(word):
            break
        end_ms = word.end_ms
    return Span(start_ms, end_ms)


def withheld(closed: Sequence[Span]) -> tuple[Span, ...]:
    """Those stretches that the office keeps."""
    return tuple(span for span in closed if isinstance(span, Withheld))


def is_open(turn: Turn, spans: Sequence[Span]) -> bool:
    """Is no word of a turn in these stretches?"""
    return not any(span.touches(word) for span in spans for word in turn.words)


def masked(turns: Sequence[Turn], spans: Sequence[Span]) -> tuple[Turn, ...]:
    """All turns at their places, without the words of these stretches."""
    return tuple(
        replace(turn, words=tuple(w for w in turn.words if not any(s.touches(w) for s in spans)))
        for turn in turns
    )


def masked_change(change: Change, spans: Sequence[Span]) -> Change:
    """A change that names no word of these stretches, and moves turns as it did."""
    splices = tuple(
        Splice(one.first, masked(one.before, spans), masked(one.after, spans))
        for one in change.splices
    )
    return replace(change, splices=splices)
