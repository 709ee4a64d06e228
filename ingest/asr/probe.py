"""What is in a media file, found in a moment: before any slow work, while the clerk is there.

Its length, channels and streams of sound, and whether anyone seems to speak: some excerpts are
listened to. Of several streams the one with speech is chosen. Meant for `sandbox.run_limited`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.asr.vad import silero_share
from ingest.audio.decode import SHORTEST_MS, too_short
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.line import end_of, read_excerpt
from ingest.audio.media import is_missed, open_media, sound_streams, truncated, written_length_s
from ingest.audio.mix import Mixer
from ingest.audio.sandbox import ChildFailed, Limits, ReportProgress, run_limited
from ingest.errors import BadInput
from ingest.transcript import Span

# D-213: what is short is listened to whole, of the rest a minute, a little everywhere.
_WHOLE_S, _EXCERPTS, _EXCERPT_S = 120.0, 12, 5.0
_SPOKEN = 0.02  # share of voice from which somebody probably speaks: one sentence in two minutes
_SILENT = 5e-4  # of full scale, -66 dB: a microphone that is off, or a cable that is not in
_LAST_S = 3.0  # before the announced end, where the last packets are looked for
_SMALL_BYTES = 2**31  # read from end to end in some seconds, where a jump to its end fails
_LIMITS = Limits(cpu_s=120, memory_bytes=3 * 2**30, wall_s=180)


@dataclass(frozen=True)
class SoundStream:
    """One of the streams of sound in a file.

    `speech` is the share of what was listened to in which a voice is heard, `peak` its loudest
    moment, both in 0..1. `name` is what the file calls it: a language, a title.
    """

    channels: int
    speech: float
    peak: float
    name: str = ""

    @property
    def is_spoken(self) -> bool:
        """Does somebody probably speak in it?"""
        return self.speech >= _SPOKEN

    @property
    def is_silent(self) -> bool:
        """Is there nothing to hear in it?"""
        return self.peak < _SILENT


@dataclass(frozen=True)
class ProbedSound:
    """What was found in a file. `chosen` is the place of the stream to take.

    `problem` is why the file cannot be used, in French; then nothing else is known.
    """

    duration_ms: int | None = None
    streams: tuple[SoundStream, ...] = ()
    chosen: int = 0
    is_inverted: bool = False
    problem: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "ProbedSound":
        """What `asdict` made of it."""
        return cls(**{**row, "streams": tuple(SoundStream(**one) for one in row["streams"])})

    def notes(self, stream: int | None = None) -> tuple[str, ...]:
        """What a clerk should know before the transcription, a sentence each.

        `stream` is the place of the stream to take where it is another than the one chosen here.
        """
        taken = self.chosen if stream is None else stream
        return tuple(self._notes(taken)) if self.streams else ()

    def _notes(self, taken: int) -> Iterator[str]:
        one = self.streams[taken]
        if len(self.streams) > 1:
            why = ", où quelqu'un parle," if one.is_spoken else ""
            count = len(self.streams)
            yield f"Ce fichier a {count} pistes son : la piste {taken + 1}{why} est prise."
        if one.is_silent:
            yield "On n'y entend que du silence : le micro était-il coupé ? Est-ce le bon fichier ?"
        elif not one.is_spoken:
            yield "Aucune parole trouvée dans ce qui en a été écouté : est-ce le bon fichier ?"
        if self.is_inverted:
            yield (
                "Un canal est l'inverse de l'autre, et leur somme s'annulerait : un seul sens est "
                "gardé."
            )


def probe_file(path: Path) -> ProbedSound:
    """What is in a file from outside, found in a limited child; what is wrong is its `problem`.

    A file that takes too long is left to the decoding: nothing is known of it.
    """
    try:
        sound: ProbedSound = run_limited(probe, path, limits=_LIMITS, report=lambda _: None)
    except BadInput as error:
        return ProbedSound(problem=str(error))
    except ChildFailed:
        return ProbedSound()
    return sound


def probe(path: Path, _report: ReportProgress) -> ProbedSound:
    """What is in a file. Raises `BadInput` with what is wrong with it."""
    container = open_media(path)
    with container:
        streams = sound_streams(path, container)
        heard, duration_ms, is_inverted = [], 0, []
        for stream in streams:
            mixer = Mixer()
            excerpts, length_ms = _listen(container, stream, mixer)
            duration_ms = max(duration_ms, length_ms)
            is_inverted.append(mixer.is_inverted)
            heard.append(_measured(stream, excerpts))
        if duration_ms < SHORTEST_MS:
            raise BadInput(too_short(path, duration_ms))
        _check_end(path, container, streams[0])
        chosen = likeliest(heard)
        return ProbedSound(duration_ms, tuple(heard), chosen, is_inverted[chosen])


def choose_streams(files: Sequence[Path], wanted: Sequence[int | None]) -> tuple[int, ...]:
    """The stream to take of each file: the one that is wanted, else the likeliest of several."""
    given = [*wanted, *[None] * len(files)]
    return tuple(
        _chosen(path) if stream is None else stream
        for path, stream in zip(files, given, strict=False)
    )


def _chosen(path: Path) -> int:
    with open_media(path) as container:
        streams = sound_streams(path, container)
        if len(streams) == 1:
            return 0
        return likeliest([_measured(one, _listen(container, one, Mixer())[0]) for one in streams])


def likeliest(streams: Sequence[SoundStream]) -> int:
    """The first stream in which somebody speaks about as much as in any; else the loudest.

    The floor comes before the interpreters, as recorders write them.
    """
    most = max(one.speech for one in streams)
    if most >= _SPOKEN:
        return next(n for n, one in enumerate(streams) if one.speech >= most / 2)
    return max(range(len(streams)), key=lambda n: streams[n].peak)


def _listen(container: Any, stream: Any, mixer: Mixer) -> tuple[list[NDArray[np.int16]], int]:
    """Excerpts of a stream, and its length in milliseconds."""
    length_s = (written_length_s(container, stream)[0] or 0.0) or (container.duration or 0) / 1e6
    if length_s <= _WHOLE_S:
        whole = read_excerpt(container, stream, mixer, 0.0, _WHOLE_S)
        read_ms = len(whole) * 1000 // SAMPLE_RATE
        return [whole], read_ms if read_ms < _WHOLE_S * 1000 else int(length_s * 1000)
    step = length_s / _EXCERPTS
    starts = [step * (n + 0.5) for n in range(_EXCERPTS)]
    pieces = [read_excerpt(container, stream, mixer, start, _EXCERPT_S) for start in starts]
    return pieces, int(length_s * 1000)


def _measured(stream: Any, excerpts: Sequence[NDArray[np.int16]]) -> SoundStream:
    line = np.concatenate([np.zeros(0, np.int16), *excerpts])
    samples = line.astype(np.float32) / np.float32(32768)
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    length_ms = len(samples) * 1000 // SAMPLE_RATE
    speech = silero_share(samples)(Span(0, length_ms)) if peak >= _SILENT else 0.0
    tags = (stream.metadata.get(name, "") for name in ("title", "language"))
    name = " ".join(tag for tag in tags if tag not in ("", "und"))[:40]
    return SoundStream(stream.codec_context.channels, round(speech, 3), round(peak, 5), name)


def _check_end(path: Path, container: Any, stream: Any) -> None:
    """Raise `BadInput` for a file whose end, as it says itself, is not there."""
    announced_s, is_own = written_length_s(container, stream)
    if announced_s is None:
        return
    there_s = end_of(container, stream, max(0.0, announced_s - _LAST_S), is_own)
    if is_missed(there_s, announced_s) and path.stat().st_size < _SMALL_BYTES:
        there_s = end_of(container, stream, 0.0, is_own)
        if is_missed(there_s, announced_s):
            raise truncated(path, there_s, announced_s)
