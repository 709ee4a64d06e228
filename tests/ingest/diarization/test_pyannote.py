"""The other diarizer, against a stand-in that has the interface of pyannote.audio 4."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.audio.decode import Pcm
from ingest.diarization.pyannote import PyannoteDiarizer, covering
from ingest.errors import ModelUnavailable
from ingest.transcript import Span, SpeakerSpan, merge_spans

COMMUNITY = "pyannote/speaker-diarization-community-1"


@dataclass(frozen=True)
class Segment:
    start: float
    end: float


class Annotation:
    def itertracks(self, yield_label: bool = False) -> Iterator[tuple[Segment, str, str]]:
        assert yield_label
        yield Segment(0.5, 2.0), "A", "SPEAKER_01"
        yield Segment(1.5, 3.0), "B", "SPEAKER_00"  # two at once


@dataclass
class DiarizeOutput:
    speaker_diarization: Annotation


class Pipeline:
    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def from_pretrained(cls, checkpoint: str, token: str | None = None) -> "Pipeline | None":
        if checkpoint == "absent":
            raise OSError("404 Client Error")
        return None if checkpoint == "gated" else cls(checkpoint)

    def __call__(
        self,
        file: dict,  # type: ignore[type-arg]
        hook: object = None,
        max_speakers: int | None = None,
    ) -> DiarizeOutput:
        assert tuple(file["waveform"].shape) == (1, 5 * 16_000)
        assert file["sample_rate"] == 16_000
        assert callable(hook)
        hook("segmentation", None, file=file, total=4, completed=2)
        hook("speaker_counting", None, file=file)
        hook("embeddings", None, file=file, total=4, completed=2)
        return DiarizeOutput(Annotation())


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    package, audio = ModuleType("pyannote"), ModuleType("pyannote.audio")
    audio.Pipeline = Pipeline  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyannote", package)
    monkeypatch.setitem(sys.modules, "pyannote.audio", audio)


@pytest.mark.usefixtures("installed")
def test_pyannote_says_who_speaks_and_all_speech_has_a_voice(tmp_path: Path) -> None:
    np.zeros(5 * 16_000, np.int16).tofile(tmp_path / "audio.pcm")
    progress: list[float] = []
    diarizer = PyannoteDiarizer(COMMUNITY)
    speech = [Span(200, 3_000), Span(4_000, 4_500)]
    assert diarizer.spans(Pcm(tmp_path / "audio.pcm"), speech, progress.append) == (
        SpeakerSpan(200, 500, "S1"),
        SpeakerSpan(500, 2_000, "S1"),
        SpeakerSpan(1_500, 3_000, "S2"),
        SpeakerSpan(4_000, 4_500, "S2"),
    )
    assert diarizer.name == COMMUNITY
    assert progress == pytest.approx([0.1, 0.6, 1.0])


def test_without_pyannote_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyannote.audio", None)
    with pytest.raises(ModelUnavailable, match="pip install"):
        PyannoteDiarizer(COMMUNITY)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["absent", "gated"])
def test_a_pipeline_that_cannot_be_had_says_what_to_accept(name: str) -> None:
    with pytest.raises(ModelUnavailable, match=f"conditions sur huggingface.co/{name}"):
        PyannoteDiarizer(name)


def _stretches(most: int) -> st.SearchStrategy[list[Span]]:
    return st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 5_000)), max_size=most).map(
        lambda pairs: sorted(Span(a, a + n) for a, n in pairs)
    )


@given(_stretches(8), _stretches(8))
def test_speech_without_a_voice_goes_to_the_nearest_voice(
    voiced: list[Span], speech: list[Span]
) -> None:
    spans = [SpeakerSpan(s.start_ms, s.end_ms, f"S{n % 2}") for n, s in enumerate(voiced)]
    covered = covering(spans, merge_spans(speech, 0))
    heard = sorted(Span(s.start_ms, s.end_ms) for s in [*spans, *speech])
    assert merge_spans(covered, 0) == merge_spans(heard, 0)
    assert list(covered) == sorted(covered)
