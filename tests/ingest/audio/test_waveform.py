"""The picture of a session's loudness: true to the sound, and light."""

import gzip
from pathlib import Path

import numpy as np

from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.waveform import LEVELS, PER_S, of_file, of_pcm
from tests.support.paths import SAMPLES

THREE_HOURS_S = 3 * 3600


def test_silence_is_nothing_and_what_is_louder_is_higher(tmp_path: Path) -> None:
    second = np.sin(np.arange(SAMPLE_RATE) * 0.2)
    loud = (np.repeat([0, 0.01, 0.05, 0.2, 1], SAMPLE_RATE) * np.tile(second, 5) * 32_000).astype(
        "<i2"
    )
    loud.tofile(tmp_path / "audio.pcm")
    levels = gzip.decompress(of_pcm(tmp_path / "audio.pcm"))
    assert len(levels) == 5 * PER_S
    each = [levels[n * PER_S] for n in range(5)]
    assert each == sorted(set(each)) and each[0] == 0 and each[-1] == LEVELS - 1


def test_three_hours_of_speech_weigh_less_than_25_kilobytes() -> None:
    made = of_file(SAMPLES / "2025-05-13-cantines-nuit" / "part1.opus")
    levels = gzip.decompress(made)
    assert 100 * PER_S < len(levels) < 130 * PER_S
    long = (levels * 100)[: THREE_HOURS_S * PER_S]
    rng = np.random.default_rng(1)
    moved = np.clip(np.frombuffer(long, np.uint8) + rng.integers(-1, 2, len(long)), 0, LEVELS - 1)
    assert len(gzip.compress(moved.astype(np.uint8).tobytes())) < 25_000, "no two minutes alike"
