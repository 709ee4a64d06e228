"""Long recordings, made here from short ones and from chance: never committed, always the same.

`sitting` repeats the samples (and other utterances, if given) with pauses, at varying speed and
loudness, and knows what is said. The others hold no word: what a hall sounds like when no one
speaks. All are 16 kHz, (n,), in -1..1.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.audio.decode import Pcm, decode
from ingest.audio.encode import SAMPLE_RATE
from ingest.samples import sample_requests
from tests.eval.samples import SAMPLES, reference

Sound = NDArray[np.float32]
Wave = NDArray[np.float64]
Utterance = tuple[Sound, str]


def decoded(files: tuple[Path, ...]) -> Sound:
    """The samples of one recording."""
    with tempfile.TemporaryDirectory() as folder:
        pcm = Pcm(decode(files, Path(folder), 36_000_000, lambda _: None).pcm)
        return pcm.read(0, pcm.duration_ms)


def sample_sittings() -> list[Utterance]:
    """The sample sessions, whole, and what is said in them."""
    return [
        (decoded(r.files), " ".join(said.text for said in reference(r.id or "")))
        for r in sample_requests(SAMPLES)
    ]


def fleurs(folder: Path) -> list[Utterance]:
    """Short utterances of native speakers."""
    files = sorted(folder.glob("*.ogg"))
    return [(decoded((path,)), path.with_suffix(".txt").read_text("utf-8")) for path in files]


def sitting(said: Sequence[Utterance], seconds: float, seed: int = 0) -> Iterator[Utterance]:
    """Utterances with the pause after each, `seconds` of them or a little more."""
    rng, made = np.random.default_rng(seed), 0
    for sound, text in cycle(said):
        if made >= seconds * SAMPLE_RATE:
            return
        slower = rng.uniform(0.97, 1.04)
        at = np.arange(0, len(sound) - 1, 1 / slower)
        varied = np.interp(at, np.arange(len(sound)), sound) * rng.uniform(0.4, 1.0)
        pause = np.zeros(int(rng.uniform(0.5, 8.0) * SAMPLE_RATE))
        whole = np.concatenate([varied, pause])
        whole += rng.normal(0, 5e-4, len(whole))
        made += len(whole)
        yield whole.astype(np.float32), text


def silence(seconds: float, rng: np.random.Generator) -> Sound:
    """A muted microphone."""
    return rng.normal(0, 1e-4, int(seconds * SAMPLE_RATE)).astype(np.float32)


def hall(seconds: float, rng: np.random.Generator) -> Sound:
    """Ventilation and the hum of the mains."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    air = _filtered(rng.normal(size=len(t)), 1, 200, "low")
    hum = 0.3 * np.sin(2 * np.pi * 50 * t) + 0.15 * np.sin(2 * np.pi * 150 * t)
    return _loud(air / air.std() + hum, 0.1)


def applause(seconds: float, rng: np.random.Generator) -> Sound:
    """Sixty claps a second, swelling and fading."""
    length, clap = int(seconds * SAMPLE_RATE), 800
    out = np.zeros(length)
    decay = np.exp(-np.arange(clap) / (0.004 * SAMPLE_RATE))
    claps = [
        _filtered(rng.normal(size=clap), 2, (low, 4 * low), "band") * decay
        for low in rng.uniform(500, 1_200, 64)
    ]
    for at in rng.integers(0, length - clap, int(seconds * 60)):
        out[at : at + clap] += claps[rng.integers(64)] * rng.uniform(0.2, 1.0)
    return _loud(out * (0.5 + 0.5 * np.sin(2 * np.pi * np.arange(length) / SAMPLE_RATE / 9)), 0.5)


def music(seconds: float, rng: np.random.Generator) -> Sound:
    """Plucked chords of three notes, two and a half a second."""
    beat = int(0.4 * SAMPLE_RATE)
    out = np.zeros(int(seconds * SAMPLE_RATE))
    t = np.arange(2 * beat) / SAMPLE_RATE
    for at in range(0, len(out) - 2 * beat, beat):
        for octave in (-1, 0, 1):
            hz = 220 * 2 ** ((rng.choice([0, 2, 4, 5, 7, 9, 11]) + 12 * octave) / 12)
            note = sum(np.sin(2 * np.pi * hz * n * t) / n for n in range(1, 6))
            out[at : at + 2 * beat] += note * np.exp(-3 * t)
    return _loud(out, 0.4)


WORDLESS: dict[str, Callable[[float, np.random.Generator], Sound]] = {
    "silence": silence,
    "hall": hall,
    "applause": applause,
    "music": music,
}


def _filtered(sound: Wave, order: int, hz: object, kind: str) -> Wave:
    from scipy.signal import butter, lfilter  # a second to load, and few need it

    b, a = butter(order, np.array(hz) / (SAMPLE_RATE / 2), kind)
    filtered: Wave = np.asarray(lfilter(b, a, sound))
    return filtered


def _loud(sound: Wave, peak: float) -> Sound:
    return np.asarray(sound / np.abs(sound).max() * peak, np.float32)
