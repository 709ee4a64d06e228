"""Voices on the time line: windows joined into spans, vectors grouped into voices. No model."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.diarize import join_windows
from ingest.embed_voice import WINDOW_MS, windows_of
from ingest.speech import merge
from ingest.transcript import Span, SpeakerSpan


def test_voices_change_halfway_between_the_centres_of_two_windows() -> None:
    speech = [Span(0, 4_500), Span(10_000, 11_000)]
    windows = windows_of(speech)
    assert [w.start_ms for w in windows] == [0, 750, 1_500, 2_250, 3_000, 10_000]
    assert join_windows(windows, np.array([0, 0, 1, 1, 1, 1]), speech) == (
        SpeakerSpan(0, 1_875, "S1"),
        SpeakerSpan(1_875, 4_500, "S2"),
        SpeakerSpan(10_000, 11_000, "S2"),
    )


stretches = st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 9_000)), min_size=1).map(
    lambda pairs: merge(sorted(Span(a, a + n) for a, n in pairs), 0)
)


@given(stretches, st.integers(0, 2**32 - 1))
def test_all_speech_belongs_to_a_voice_once(speech: tuple[Span, ...], seed: int) -> None:
    windows = windows_of(speech)
    labels = np.random.default_rng(seed).integers(0, 3, len(windows))
    joined = join_windows(windows, labels, speech)
    assert merge(joined, 0) == speech
    assert sum(s.end_ms - s.start_ms for s in joined) == sum(s.end_ms - s.start_ms for s in speech)


def test_eight_hours_are_joined_in_order() -> None:
    speech = [Span(at, at + 3 * WINDOW_MS) for at in range(0, 8 * 3_600_000, 7_000)]
    windows = windows_of(speech)
    joined = join_windows(windows, np.arange(len(windows)) % 7, speech)
    assert len(joined) == len(windows) > 20_000
    assert list(joined) == sorted(joined)
