"""The network of pyannote segmentation 3.0, written out so that its weights load without pyannote.

SincNet (Ravanelli & Bengio, 2018, arXiv:1808.00158), four two-way LSTM layers, two linear ones.
Used once, to export: knows nothing of audio files, chunks or voices. Needs torch.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

CHUNK_SAMPLES = 160_000  # ten seconds at 16 kHz: what the network was trained on
# The shape of the published network: its weights fit no other numbers.
_KERNEL, _STRIDE = 251, 10
_LOWEST_HZ = _NARROWEST_HZ = 50.0
_RATE_HZ = 16_000


class PyanNet(nn.Module):  # type: ignore[misc]  # torch is not checked
    """Samples, shape (batch, 1, n), to log-probabilities of 7 classes, shape (batch, frames, 7).

    The classes are: no voice, each of three voices alone, and each pair of them (a "powerset").
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
