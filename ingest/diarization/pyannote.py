"""Another diarizer for cities that accept its terms: any pipeline of pyannote.audio 4.

Its weights are behind a form on the Hugging Face hub, and its dependencies weigh more than all of
ours: neither is installed with us. `VERBATIM_DIARIZER` names a pipeline, or the folder of a copy.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.sandbox import ReportProgress
from ingest.errors import ModelUnavailable
from ingest.transcript import Span, SpeakerSpan

_SHARES = {"segmentation": (0.0, 0.2), "embeddings": (0.2, 1.0)}  # of the time, about


class PyannoteDiarizer:
    """A pipeline by its name, such as `pyannote/speaker-diarization-community-1`, or its folder.

    Raises `ModelUnavailable` where pyannote.audio or the pipeline cannot be had.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._pipeline = _load(name)

    def spans(
        self, pcm: Pcm, speech: Sequence[Span], report: ReportProgress, most: int | None = None
    ) -> tuple[SpeakerSpan, ...]:
        """Stretches of `most` voices, one each, in order; they overlap where several speak at once.

        pyannote finds speech by itself: what it hears no voice in, of `speech`, goes to the voice
        nearest in time. Takes 230 MB for each hour of sound.
        """
        import torch

        samples = torch.from_numpy(pcm.read(0, pcm.duration_ms))
        sound = {"waveform": samples[None], "sample_rate": SAMPLE_RATE}
        heard = self._pipeline(sound, hook=_hook(report), max_speakers=most)
        report(1.0)
        return covering(_spans(heard.speaker_diarization), speech)


def check_installed(name: str) -> Any:
    """The library; `ModelUnavailable` says how to install it where it is absent."""
    try:
        return import_module("pyannote.audio")
    except ImportError:
        raise ModelUnavailable(
            f"« {name} » demande pyannote.audio, qui n'est pas installé : "
            "`pip install 'pyannote.audio>=4,<5'`, ou VERBATIM_DIARIZER=packaged."
        ) from None


def _load(name: str) -> Any:
    """The pipeline; `ModelUnavailable` says what to install or to accept."""
    library = check_installed(name)
    try:
        pipeline = library.Pipeline.from_pretrained(name)
    except Exception as error:  # the hub's many errors all mean one thing here
        raise ModelUnavailable(_refused(name, f"{type(error).__name__}: {error}")) from error
    if pipeline is None:  # how pyannote says that the terms are not accepted
        raise ModelUnavailable(_refused(name, "conditions non acceptées"))
    return pipeline


def _refused(name: str, why: str) -> str:
    return (
        f"« {name} » n'a pas pu être chargé ({why}) : acceptez ses conditions sur "
        f"huggingface.co/{name}, créez un jeton et donnez-le dans HF_TOKEN, ou indiquez le dossier "
        "d'une copie locale dans VERBATIM_DIARIZER."
    )


def _hook(report: ReportProgress) -> Callable[..., None]:
    """What pyannote calls with each step's name, and how much of the step is done."""

    def hook(
        step: str,
        artefact: object,
        file: object = None,
        total: int | None = None,
        completed: int | None = None,
    ) -> None:
        if step in _SHARES and total and completed is not None:
            start, end = _SHARES[step]
            report(start + (end - start) * min(1.0, completed / total))

    return hook


def _spans(annotation: Any) -> list[SpeakerSpan]:
    """pyannote's tracks, in seconds, with its labels numbered by first appearance."""
    labels: dict[str, str] = {}
    spans = []
    for segment, _track, speaker in annotation.itertracks(yield_label=True):
        label = labels.setdefault(str(speaker), f"S{len(labels) + 1}")
        start, end = round(segment.start * 1000), round(segment.end * 1000)
        if end > start:
            spans.append(SpeakerSpan(start, end, label))
    return sorted(spans)


def covering(spans: Sequence[SpeakerSpan], speech: Iterable[Span]) -> tuple[SpeakerSpan, ...]:
    """`spans`, and what of `speech` they leave out, given to the voice nearest in time."""
    if not spans:
        return tuple(SpeakerSpan(s.start_ms, s.end_ms, "S1") for s in speech)
    left = [SpeakerSpan(s.start_ms, s.end_ms, _nearest(s, spans)) for s in _outside(spans, speech)]
    return tuple(sorted([*spans, *left]))


def _outside(spans: Sequence[SpeakerSpan], speech: Iterable[Span]) -> list[Span]:
    left = []
    for stretch in speech:
        at = stretch.start_ms
        for span in spans:
            if span.end_ms > at and span.start_ms < stretch.end_ms:
                left.append(Span(at, max(at, span.start_ms)))
                at = span.end_ms
        left.append(Span(at, max(at, stretch.end_ms)))
    return [span for span in left if span.end_ms > span.start_ms]


def _nearest(stretch: Span, spans: Sequence[SpeakerSpan]) -> str:
    def away(span: SpeakerSpan) -> int:
        return max(span.start_ms - stretch.end_ms, stretch.start_ms - span.end_ms)

    return min(spans, key=away).label
