"""Stretches of time, merged. Pure; knows nothing of what is in them."""

from collections.abc import Iterable

from ingest.transcript import Span


def merge(spans: Iterable[Span], gap_ms: int, pad_ms: int = 0) -> tuple[Span, ...]:
    """Spans padded on both sides, then joined wherever at most `gap_ms` lies between them."""
    merged: list[Span] = []
    for span in spans:
        start, end = max(0, span.start_ms - pad_ms), span.end_ms + pad_ms
        if merged and start - merged[-1].end_ms <= gap_ms:
            merged[-1] = Span(merged[-1].start_ms, max(end, merged[-1].end_ms))
        else:
            merged.append(Span(start, end))
    return tuple(merged)
