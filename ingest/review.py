"""What a clerk should hear again, gathered from everything that raised a doubt on the way.

Pure. Nothing on this list is shown to readers.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.coverage import loops
from ingest.hear import Heard
from ingest.repair import repairs_to_review
from ingest.transcript import Doubt, Person, Span, SpeakerSpan, ToReview

_OVERLAP_MS = 700  # less is one voice coming in before the other has quite ended


def review_list(
    heard: Sequence[Heard], roster: Sequence[Person], names: Sequence[ToReview] = ()
) -> tuple[ToReview, ...]:
    """Everything that awaits a clerk, by start; `names` are the doubts about who speaks."""
    found = [*names, *(item for line in heard for item in _doubts(line, roster))]
    return tuple(sorted(found, key=lambda item: (item.start_ms, item.end_ms, item.doubt)))


def _doubts(line: Heard, roster: Sequence[Person]) -> Iterator[ToReview]:
    yield from repairs_to_review(line.words, roster)
    for span in line.unheard:
        yield ToReview(span.start_ms, span.end_ms, Doubt.UNHEARD, "parole sans aucun mot reconnu")
    for span in loops(line.words):
        yield ToReview(span.start_ms, span.end_ms, Doubt.LOOP, "les mêmes mots se répètent")
    for span in overlaps(line.voices):
        yield ToReview(span.start_ms, span.end_ms, Doubt.OVERLAP, "plusieurs voix à la fois")
    if line.voices_lost is not None:
        reason = f"voix non distinguées : {line.voices_lost}"
        yield ToReview(0, line.line.pcm.duration_ms, Doubt.VOICES, reason)


def overlaps(voices: Sequence[SpeakerSpan]) -> Iterator[Span]:
    """Stretches in which a voice comes in well before the one before it ends."""
    for before, after in pairwise(sorted(voices)):
        end = min(before.end_ms, after.end_ms)
        if end - after.start_ms >= _OVERLAP_MS:
            yield Span(after.start_ms, end)
