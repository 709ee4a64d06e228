"""Sessions of any length and number of voices, put together from recordings that are there.

The samples and, where they are, the real voices of the evaluation data are cut into sentences; a
voice played 12 % slower or faster counts as another one, as in the training of CAM++. A chair opens
every turn in a few words, speeches are of very unequal length, some are interrupted by one second
of another voice, and the room is never quite silent. What this makes is not kept in the repository.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.transcript import SpeakerSpan

Samples = NDArray[np.float32]
Voices = dict[str, list[Samples]]
PER_MS = SAMPLE_RATE // 1000
SPEEDS = (1.0, 0.88, 1.12)
_PIECE_MS = (900, 15_000)
_ENOUGH_MS = 12_000
_INTERJECTION_MS = 1_000


def rttm(path: Path) -> list[SpeakerSpan]:
    """The spans of an RTTM file."""
    spans = []
    for line in path.read_text("utf-8").splitlines():
        fields = line.split()
        start, length = round(float(fields[3]) * 1000), round(float(fields[4]) * 1000)
        spans.append(SpeakerSpan(start, start + length, fields[7]))
    return sorted(spans)


def voices(recordings: list[tuple[Pcm, list[SpeakerSpan]]]) -> Voices:
    """What each voice says alone, in pieces; voices heard for under 12 s are left out.

    At each speed of `SPEEDS` a voice is another voice. Labels must mean one voice everywhere.
    """
    alone: Voices = defaultdict(list)
    for pcm, spans in recordings:
        for span in _alone(spans):
            alone[span.label].append(pcm.read(span.start_ms, span.end_ms))
    return {
        f"{name}@{speed:g}": [resampled(piece, speed) for piece in pieces]
        for speed in SPEEDS
        for name, pieces in sorted(alone.items())
        if sum(map(len, pieces)) >= _ENOUGH_MS * PER_MS
    }


def _alone(spans: list[SpeakerSpan]) -> Iterator[SpeakerSpan]:
    """Spans that no other voice talks into, cut to at most 15 s."""
    shortest, longest = _PIECE_MS
    for span in spans:
        others = [s for s in spans if s != span and s.overlap_ms(span.start_ms, span.end_ms)]
        for start in range(span.start_ms, span.end_ms, longest):
            end = min(start + longest, span.end_ms)
            if not others and end - start >= shortest:
                yield SpeakerSpan(start, end, span.label)


def resampled(piece: Samples, speed: float) -> Samples:
    """A piece played faster or slower: tempo and pitch together."""
    at = np.arange(0, len(piece) - 1, speed)
    played: Samples = np.interp(at, np.arange(len(piece)), piece).astype(np.float32)
    return played


def sitting(
    of: Voices, minutes: float, folder: Path, seed: int, noise_db: float = -55.0
) -> tuple[Pcm, list[SpeakerSpan]]:
    """A session in which each of the voices speaks; writes `sitting.pcm` into `folder`.

    `noise_db` is the room's noise against full scale. The first voice is the chair's.
    """
    random = np.random.default_rng(seed)
    names, at = list(of), 500
    spans: list[SpeakerSpan] = []
    track: list[tuple[int, Samples]] = []

    def say(name: str, longest_ms: float) -> None:
        nonlocal at
        for piece in _speech(of[name], longest_ms, random):
            track.append((at, piece * np.float32(10 ** random.uniform(-0.3, 0.1))))
            spans.append(SpeakerSpan(at, at + len(piece) // PER_MS, name))
            at = spans[-1].end_ms + int(random.uniform(120, 600))

    order: list[str] = []
    while at < minutes * 60_000:
        order = order or [str(name) for name in random.permutation(names[1:])]
        speaker = order.pop()
        say(names[0], 3_000)
        say(speaker, float(np.clip(random.lognormal(np.log(15_000), 0.8), 3_000, 120_000)))
        others = [name for name in names[1:] if name != speaker]
        if others and random.random() < 1 / 3:
            say(str(random.choice(others)), _INTERJECTION_MS)
            say(speaker, 8_000)
    return _write(track, at, folder / "sitting.pcm", noise_db, random), spans


def _speech(
    pieces: list[Samples], longest_ms: float, random: np.random.Generator
) -> Iterator[Samples]:
    """Pieces in random order, the last one cut, of `longest_ms` in all."""
    left = int(longest_ms * PER_MS)
    while left > SAMPLE_RATE // 2:
        piece = pieces[random.integers(len(pieces))][:left]
        left -= len(piece)
        yield piece


def _write(
    track: list[tuple[int, Samples]],
    length_ms: int,
    path: Path,
    noise_db: float,
    random: np.random.Generator,
) -> Pcm:
    """The pieces over the room's noise, a minute at a time: two hours need little memory."""
    line = np.memmap(path, dtype="<i2", mode="w+", shape=(length_ms + 1_000) * PER_MS)
    minute = 60_000 * PER_MS
    for start in range(0, len(line), minute):
        size = min(minute, len(line) - start)
        line[start : start + size] = random.normal(0, 32_768 * 10 ** (noise_db / 20), size)
    for at, piece in track:
        here = line[at * PER_MS : at * PER_MS + len(piece)]
        here[:] = np.clip(here + piece * 32_767, -32_768, 32_767).astype(np.int16)
    line.flush()
    return Pcm(path)
