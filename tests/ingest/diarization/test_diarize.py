"""Voices on the time line, and what every diarizer promises. No model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.audio.decode import Pcm
from ingest.diarization import diarize, pyannote
from ingest.diarization.diarize import Diarizer, join_windows
from ingest.diarization.embedding import WINDOW_MS, windows_of
from ingest.settings import Settings
from ingest.transcript import Span, SpeakerSpan, merge_spans


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
    lambda pairs: merge_spans(sorted(Span(a, a + n) for a, n in pairs), 0)
)


@given(stretches, st.integers(0, 2**32 - 1))
def test_all_speech_belongs_to_a_voice_once(speech: tuple[Span, ...], seed: int) -> None:
    windows = windows_of(speech)
    labels = np.random.default_rng(seed).integers(0, 3, len(windows))
    joined = join_windows(windows, labels, speech)
    assert merge_spans(joined, 0) == speech
    assert sum(s.end_ms - s.start_ms for s in joined) == sum(s.end_ms - s.start_ms for s in speech)


def test_eight_hours_are_joined_in_order() -> None:
    speech = [Span(at, at + 3 * WINDOW_MS) for at in range(0, 8 * 3_600_000, 7_000)]
    windows = windows_of(speech)
    joined = join_windows(windows, np.arange(len(windows)) % 7, speech)
    assert len(joined) == len(windows) > 20_000
    assert list(joined) == sorted(joined)


class _TwoVoices:
    """Stands in for the networks: the first half of the windows is one voice, the rest another."""

    def __init__(self, *_: object) -> None:
        pass

    def embed(self, pcm: Pcm, windows: Sequence[Span], report: Any) -> np.ndarray[Any, Any]:
        report(1.0)
        vectors: np.ndarray[Any, Any] = np.eye(192, dtype=np.float32)[
            (np.arange(len(windows)) >= len(windows) / 2).astype(int)
        ]
        return vectors

    def find(self, pcm: Pcm, speech: Sequence[Span], report: Any) -> list[Span]:
        return [Span(s.start_ms, s.start_ms + 400) for s in speech]


class _Pipeline:
    """Stands in for pyannote's: hears less speech than there is."""

    def __call__(self, sound: object, hook: object, max_speakers: int | None) -> "_Pipeline":
        return self

    @property
    def speaker_diarization(self) -> "_Pipeline":
        return self

    def itertracks(self, yield_label: bool) -> list[tuple[Any, str, str]]:
        from types import SimpleNamespace

        segments = ((1.0, 4.0, "B"), (3.5, 6.0, "A"), (20.0, 22.0, "B"))
        return [(SimpleNamespace(start=a, end=b), "", label) for a, b, label in segments]


@pytest.fixture(params=["packaged", "pyannote"])
def diarizer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Diarizer:
    """Every implementation, without its models."""
    monkeypatch.setattr(diarize, "VoiceEmbedder", _TwoVoices)
    monkeypatch.setattr(diarize, "OverlapFinder", _TwoVoices)
    monkeypatch.setattr(pyannote, "_load", lambda name: _Pipeline())
    if request.param == "packaged":
        return diarize.VoiceDiarizer(Settings())
    return pyannote.PyannoteDiarizer("some/pipeline")


@pytest.mark.parametrize(
    "speech",
    [
        [],
        [Span(0, 100)],
        [Span(0, 5_000), Span(5_300, 9_000), Span(12_000, 12_400), Span(19_000, 25_000)],
    ],
)
def test_every_diarizer_gives_all_speech_to_voices_in_order(
    diarizer: Diarizer, speech: list[Span], tmp_path: Path
) -> None:
    np.zeros(30 * 16_000, np.int16).tofile(tmp_path / "audio.pcm")
    pcm = Pcm(tmp_path / "audio.pcm")
    spans = diarizer.spans(pcm, speech, lambda fraction: None)
    assert list(spans) == sorted(spans)
    assert all(s.start_ms < s.end_ms for s in spans)
    covered = merge_spans((Span(s.start_ms, s.end_ms) for s in spans), 0)
    for stretch in speech:
        assert any(c.start_ms <= stretch.start_ms and stretch.end_ms <= c.end_ms for c in covered)
    assert spans == diarizer.spans(pcm, speech, lambda fraction: None)  # labels are stable
    assert diarizer.name
