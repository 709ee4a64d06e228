"""Many channels to one: every microphone at its level, whatever its place in a film's layout.

A mixing desk gives each microphone its channel, a camera puts one voice on two: what is alike is
counted once, what is apart is added (D-211). Pure; knows nothing of files.
"""

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
"""Samples, (channels, n), in -1..1."""

_CONTRARY = -0.7  # correlation from which two channels are one, turned upside down (D-211)
_RAMP = 960  # samples over which weights change: 20 ms at 48 kHz, no click is heard
_SILENT = 1e-9  # power, -90 dB: there is nothing to tell alike or apart
_LOUDEST = 0.99  # of full scale: a sum of two loud voices is turned down, not clipped


class Mixer:
    """Mixes blocks of some second each, one after the other, of the same channels."""

    def __init__(self) -> None:
        self._before: NDArray[np.float64] | None = None
        self._power = self._contrary_power = 0.0

    @property
    def is_inverted(self) -> bool:
        """Were there channels that are each other's contrary, for half of what was heard?"""
        return self._contrary_power > 0.5 * self._power

    def mix(self, block: Block) -> NDArray[np.float32]:
        """One channel, (n,)."""
        if len(block) == 1 or not block.shape[1]:
            return np.asarray(block[0])
        now = self._weights(block)
        before = now if self._before is None else self._before
        self._before = now
        mixed: NDArray[np.float64] = now @ block
        ramp = min(_RAMP, block.shape[1])
        share = np.linspace(0.0, 1.0, ramp)
        mixed[:ramp] = mixed[:ramp] * share + (before @ block[:, :ramp]) * (1 - share)
        return np.asarray(mixed, np.float32)

    def _weights(self, block: Block) -> NDArray[np.float64]:
        """What each channel is multiplied by: (channels,)."""
        apart = block - block.mean(axis=1, keepdims=True)
        alike = (apart @ apart.T).astype(np.float64) / block.shape[1]
        power = np.maximum(alike.diagonal(), _SILENT)
        # A channel's copies in the others, louder or softer, by the square of how much so: of two
        # that are one voice each counts half, of a voice and what spills of it the voice counts.
        copies = 1 + np.sum((alike / power[:, None]) ** 2, axis=1) - (alike.diagonal() / power) ** 2
        loudest = int(np.argmax(power))
        contrary = alike[loudest] / np.sqrt(power * power[loudest]) < _CONTRARY
        self._count(power, contrary)
        weights = np.where(contrary, -1.0, 1.0) / copies
        peak = float(np.abs(weights @ block).max())
        return np.asarray(weights * (_LOUDEST / peak if peak > 1.0 else 1.0))

    def _count(self, power: NDArray[np.float64], contrary: NDArray[np.bool_]) -> None:
        self._power += float(power.sum())
        if contrary.any():
            self._contrary_power += float(power.sum())
