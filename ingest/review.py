"""What a clerk should hear again, gathered from everything that raised a doubt on the way.

Pure. Nothing on this list is shown to readers.
"""

from collections.abc import Iterator, Sequence

from ingest.hear import Heard
from ingest.hearing.coverage import loops
from ingest.hearing.repair import repairs_to_review
from ingest.transcript import Doubt, Person, Span, SpeakerSpan, ToReview

_TWICE = "entendu de même sur plusieurs pistes : à qui est cette voix ?"
_OVERLAP_MS = 700  # less is one voice coming in before the other has quite ended


def review_list(
    heard: Sequence[Heard],
    twice: Sequence[Span],
    roster: Sequence[Person],
    names: Sequence[ToReview],
) -> tuple[ToReview, ...]:
    """Everything that awaits a clerk, by start.

    `twice` is what several tracks hear alike, `names` are the doubts about who speaks.
    """
    nobodys = (ToReview(s.start_ms, s.end_ms, Doubt.NAME, _TWICE) for s in twice)
    found = [*names, *nobodys, *(item for line in heard for item in _doubts(line, roster))]
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
    latest = 0
    for voice in sorted(voices):
        end = min(latest, voice.end_ms)
        if end - voice.start_ms >= _OVERLAP_MS:
            yield Span(voice.start_ms, end)
        latest = max(latest, voice.end_ms)
